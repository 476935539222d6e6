"""The simulated cluster as its controllers see it: the store, the time, and what is to happen when.

A process is a generator that does something and yields how many seconds to wait before it goes on: the life of a pod
reads from top to bottom, though a thousand of them interleave.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import count
from random import Random
from typing import TypeVar

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.collection import Change
from kwatch.simulator.engine.objects import Object, controller_of, name_of, namespace_of, past_writes, resource_of
from kwatch.simulator.store import Store

Process = Generator[float, None, None]


class Agenda:
    """Actions by due time; what is due at the same time runs in the order it was planned."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def __len__(self) -> int:
        return len(self._heap)

    def at(self, due: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (due, next(self._order), action))

    def run_due(self, now: float) -> bool:
        """Run the earliest action if it is due; say whether one ran."""
        if not self._heap or self._heap[0][0] > now:
            return False
        _, _, action = heapq.heappop(self._heap)
        action()
        return True

    def lateness(self, now: float) -> float:
        """For how many seconds the earliest action has been due; 0 when nothing is."""
        return max(0.0, now - self._heap[0][0]) if self._heap else 0.0

    def spawn(self, process: Process, start: float, clock: Callable[[], float]) -> None:
        """Run a process from `start` on; its waits count from when it asked for them."""

        def go_on() -> None:
            wait = next(process, None)
            if wait is not None:
                self.at(clock() + wait, go_on)

        self.at(start, go_on)


Key = tuple[str, str]
"""Namespace and name."""

Reaction = Callable[[Object, bool], None]
"""Called with every object after it was written; with True after it was deleted."""

APP_LABEL = "app"
_HOSTS = 250
"""Pod addresses of one node."""


_Group = TypeVar("_Group")
_Member = TypeVar("_Member")


class World:
    """Everything is written through here, so that the indexes are right and the controllers hear of it."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store = store
        self.random = Random(seed)
        self.agenda = Agenda()
        self._children: dict[str, dict[tuple[str, Key], None]] = defaultdict(dict)
        self._pods_on: dict[str, dict[Key, None]] = defaultdict(dict)
        self._pods_of_app: dict[Key, dict[Key, None]] = defaultdict(dict)
        self._addresses: dict[str, int] = defaultdict(int)
        self._own_writes = 0
        self._reactions: dict[str, list[Reaction]] = defaultdict(list)

    def now(self) -> float:
        """Seconds since the epoch, by the store's clock."""
        return self.store.clock()

    def get(self, resource: str, key: Key) -> Object | None:
        """One object by namespace and name."""
        return self.store.get(resource, key[1], key[0])

    def children(self, owner: Object, resource: str) -> list[Object]:
        keys = [key for kind, key in self._children.get(owner["metadata"]["uid"], ()) if kind == resource]
        return list(self._existing(resource, keys))

    def pods_on(self, node: str) -> list[Object]:
        return list(self._existing("pods", self._pods_on.get(node, ())))

    def pod_count_on(self, node: str) -> int:
        return len(self._pods_on.get(node, ()))

    def pods_of_app(self, namespace: str, app: str) -> list[Object]:
        return list(self._existing("pods", self._pods_of_app.get((namespace, app), ())))

    def _existing(self, resource: str, keys: dict[Key, None] | list[Key] | tuple[()]) -> Iterator[Object]:
        for namespace, name in keys:
            obj = self.store.get(resource, name, namespace)
            if obj is not None:
                yield obj

    def create(self, obj: Object, manager: str, subresource: str = "") -> Object:
        """Create an object, with a uid of this world's making."""
        metadata = obj["metadata"]
        metadata.setdefault("uid", names.uid(self.random))
        metadata.setdefault("creationTimestamp", timestamp(self.now()))
        with self._writing():
            created = self.store.create(obj, manager=manager, subresource=subresource)
        self._enter(created)
        self._tell(created, gone=False)
        return created

    def place(
        self,
        obj: Object,
        manager: str,
        *,
        written: float | None = None,
        status_by: str = "",
        status_at: float | None = None,
        generation: int = 1,
    ) -> Object:
        """Put an object of the past in: last written by its manager then, its status by another one later."""
        if "spec" in obj:
            obj["metadata"]["generation"] = generation
        entries = past_writes(obj, manager, written, status_by, status_at)
        if entries:
            obj["metadata"]["managedFields"] = entries
        return self.put(obj)

    def put(self, obj: Object) -> Object:
        """Put an object in as it is, without telling the controllers."""
        obj["metadata"].setdefault("uid", names.uid(self.random))
        placed = self.store.create(obj, manager="")
        self._enter(placed)
        return placed

    def update(self, obj: Object, manager: str, subresource: str = "") -> Object:
        with self._writing():
            updated = self.store.update(obj, manager=manager, subresource=subresource)
        if updated["kind"] == "Pod":
            self._enter(updated)
        self._tell(updated, gone=False)
        return updated

    def remove(self, obj: Object) -> None:
        """Take an object out, at once."""
        with self._writing():
            removed = self.store.delete(resource_of(obj), name_of(obj), namespace_of(obj))
        self._leave(removed)
        self._tell(removed, gone=True)

    def on_change(self, resource: str, reaction: Reaction) -> None:
        self._reactions[resource].append(reaction)

    def hear_of_others(self) -> None:
        """From now on, notice as well what clients of the API server change: deletions, and changes of what is known.

        What they create is left alone: it may lack what the API server's defaulting would have filled in.
        """
        for resource in self._reactions:
            self.store.collection(resource).listen(self._on_store_change)

    def _on_store_change(self, change: Change | None) -> None:
        if self._own_writes or change is None or change.type == "ADDED":
            return
        gone = change.type == "DELETED"
        obj = change.record.tree()
        if gone:
            self._leave(obj)
        self._tell(obj, gone=gone)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._own_writes += 1
        try:
            yield
        finally:
            self._own_writes -= 1

    def _tell(self, obj: Object, *, gone: bool) -> None:
        for reaction in self._reactions.get(resource_of(obj), ()):
            reaction(obj, gone)

    def _enter(self, obj: Object) -> None:
        key = (namespace_of(obj), name_of(obj))
        owner = controller_of(obj)
        if owner is not None:
            self._children[owner["uid"]][resource_of(obj), key] = None
        if obj["kind"] == "Pod":
            node = obj["spec"].get("nodeName")
            if node:
                self._pods_on[node][key] = None
            app = obj["metadata"].get("labels", {}).get(APP_LABEL)
            if app:
                self._pods_of_app[key[0], app][key] = None

    def _leave(self, obj: Object) -> None:
        key = (namespace_of(obj), name_of(obj))
        owner = controller_of(obj)
        if owner is not None:
            _discard(self._children, owner["uid"], (resource_of(obj), key))
        if obj["kind"] == "Pod":
            _discard(self._pods_on, obj["spec"].get("nodeName", ""), key)
            _discard(self._pods_of_app, (key[0], obj["metadata"].get("labels", {}).get(APP_LABEL, "")), key)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        self.agenda.at(self.now() + seconds, action)

    def spawn(self, process: Process, after: float = 0.0) -> None:
        self.agenda.spawn(process, self.now() + after, self.now)

    def pod_address(self, node: Object) -> str:
        name = name_of(node)
        prefix = str(node["spec"]["podCIDR"]).rsplit(".", 1)[0]
        taken: set[str] = set()
        if self._addresses[name] >= _HOSTS:
            taken = {pod["status"].get("podIP") for pod in self.pods_on(name)}
        while True:
            address = f"{prefix}.{2 + self._addresses[name] % _HOSTS}"
            self._addresses[name] += 1
            if address not in taken:
                return address

    def between(self, low: float, high: float) -> float:
        """A random number of that range."""
        return self.random.uniform(low, high)


def _discard(index: dict[_Group, dict[_Member, None]], group: _Group, member: _Member) -> None:
    members = index.get(group)
    if members is not None:
        members.pop(member, None)
        if not members:
            del index[group]

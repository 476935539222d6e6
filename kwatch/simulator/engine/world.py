"""The simulated cluster as its controllers see it: the store, the time, what is to happen when, and its events.

A process is a generator that does something and yields how many seconds to wait before it goes on: the life of a pod
reads from top to bottom, though a thousand of them interleave.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from random import Random
from typing import Any, TypeVar

from kwatch.base.timestamp import micro_timestamp, timestamp
from kwatch.simulator import names
from kwatch.simulator.collection import Change
from kwatch.simulator.engine.objects import (
    POD,
    Object,
    app_of,
    controller_of,
    key_of,
    merge_patch,
    name_of,
    namespace_of,
    resource_of,
    uid_of,
)
from kwatch.simulator.managed_fields import on_create
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

CONTROLLER_MANAGER = "kube-controller-manager"
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

    def between(self, low: float, high: float) -> float:
        """A random number of that range."""
        return self.random.uniform(low, high)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        self.agenda.at(self.now() + seconds, action)

    def spawn(self, process: Process, after: float = 0.0) -> None:
        self.agenda.spawn(process, self.now() + after, self.now)

    def get(self, resource: str, key: Key) -> Object | None:
        """One object by namespace and name."""
        return self.store.get(resource, key[1], key[0])

    def children(self, owner: Object, resource: str) -> list[Object]:
        return self._existing(
            resource, [key for kind, key in self._children.get(uid_of(owner), ()) if kind == resource]
        )

    def pods_on(self, node: str) -> list[Object]:
        return self._existing(POD, self._pods_on.get(node, ()))

    def pod_count_on(self, node: str) -> int:
        return len(self._pods_on.get(node, ()))

    def pods_of_app(self, namespace: str, app: str) -> list[Object]:
        return self._existing(POD, self._pods_of_app.get((namespace, app), ()))

    def _existing(self, resource: str, keys: Iterable[Key]) -> list[Object]:
        found = [self.get(resource, key) for key in keys]
        return [obj for obj in found if obj is not None]

    def create(self, obj: Object, manager: str, subresource: str = "") -> Object:
        """Create an object, with a uid of this world's making."""
        obj["metadata"].setdefault("uid", names.uid(self.random))
        obj["metadata"].setdefault("creationTimestamp", timestamp(self.now()))
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
        created = obj["metadata"]["creationTimestamp"] if written is None else timestamp(written)
        entries = on_create(
            {key: value for key, value in obj.items() if key != "status" and value}, manager, "", created
        )
        if status_by and obj.get("status"):
            reported = {"apiVersion": obj["apiVersion"], "metadata": {}, "status": obj["status"]}
            entries += on_create(reported, status_by, "status", created if status_at is None else timestamp(status_at))
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

    def patch(self, obj: Object, manager: str, subresource: str = "", **parts: Any) -> Object:
        """Write a merge patch, as in `patch(node, "kubectl", spec={"unschedulable": None})`. That of the status alone
        goes to its subresource.
        """
        if [*parts] == ["status"]:
            subresource = "status"
        return self.update(merge_patch(obj, parts), manager, subresource)

    def report(self, obj: Object, status: Object, manager: str = CONTROLLER_MANAGER) -> Object:
        """Write a whole status if it is another one; the object as it is then."""
        return obj if status == obj.get("status") else self.update({**obj, "status": status}, manager, "status")

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
        key, owner = key_of(obj), controller_of(obj)
        if owner is not None:
            self._children[owner["uid"]][resource_of(obj), key] = None
        if obj["kind"] == "Pod":
            node, app = obj["spec"].get("nodeName"), app_of(obj)
            if node:
                self._pods_on[node][key] = None
            if app[1]:
                self._pods_of_app[app][key] = None

    def _leave(self, obj: Object) -> None:
        key, owner = key_of(obj), controller_of(obj)
        if owner is not None:
            _discard(self._children, owner["uid"], (resource_of(obj), key))
        if obj["kind"] == "Pod":
            _discard(self._pods_on, obj["spec"].get("nodeName", ""), key)
            _discard(self._pods_of_app, app_of(obj), key)

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


def _discard(index: dict[_Group, dict[_Member, None]], group: _Group, member: _Member) -> None:
    members = index.get(group)
    if members is not None:
        members.pop(member, None)
        if not members:
            del index[group]


_LIFETIME = 3600.0
_SWEEP = 20.0
SCHEDULER = "default-scheduler"
_MANAGERS = {SCHEDULER: "kube-scheduler", "kubelet": "kubelet", "nginx-ingress-controller": "nginx-ingress-controller"}
"""Component -> who writes its events; the others are parts of the controller manager."""


class Recorder:
    """Events as client-go's recorders write them: counted when they repeat, gone after an hour or when too many."""

    def __init__(self, world: World, most: int) -> None:
        self._world = world
        self._most = most
        self._kept: OrderedDict[tuple[str, ...], tuple[Key, float]] = OrderedDict()
        """What makes events the same -> the event and when it was last recorded, the latest at the end."""
        self._recorded = 0

    def event(
        self, about: Object, kind: str, reason: str, message: str, component: str, *, container: str = ""
    ) -> None:
        """Record that something happened to an object, or to a container of a pod; `kind` is Normal or Warning."""
        now = self._world.now()
        identity = (uid_of(about), reason, message, component, container)
        manager = _MANAGERS.get(component, CONTROLLER_MANAGER)
        kept = self._kept.get(identity)
        event = self._world.get("events", kept[0]) if kept else None
        if event is not None:
            written = self._world.update(_repeated(event, now), manager)
        else:
            made = self._made(about, kind, reason, message, component, container, now)
            written = self._world.create(made, manager)
        self._keep(identity, written, now)

    def past(
        self,
        about: Object,
        kind: str,
        reason: str,
        message: str,
        component: str,
        times: tuple[float, float],
        count: int = 1,
        container: str = "",
    ) -> None:
        """An event from before the story begins: its first and last time, and how often."""
        first, last = times
        event = self._made(about, kind, reason, message, component, container, first)
        event |= {"firstTimestamp": timestamp(first), "lastTimestamp": timestamp(last), "count": count}
        event["metadata"]["creationTimestamp"] = timestamp(first)
        placed = self._world.place(event, _MANAGERS.get(component, CONTROLLER_MANAGER))
        self._keep((uid_of(about), reason, message, component, container), placed, last)

    def expire(self) -> Process:
        """Forget what is older than an hour, for ever."""
        while True:
            yield _SWEEP
            horizon = self._world.now() - _LIFETIME
            while self._kept and next(iter(self._kept.values()))[1] < horizon:
                self._forget_oldest()

    def _keep(self, identity: tuple[str, ...], event: Object, last: float) -> None:
        self._kept[identity] = (key_of(event), last)
        self._kept.move_to_end(identity)
        if len(self._kept) > self._most:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        _, (key, _) = self._kept.popitem(last=False)
        event = self._world.get("events", key)
        if event is not None:
            self._world.remove(event)

    def _made(
        self, about: Object, kind: str, reason: str, message: str, component: str, container: str, at: float
    ) -> Object:
        self._recorded += 1
        name = f"{name_of(about)}.{int(at * 1_000_000) * 1000 + self._recorded % 1_000_000:x}"
        namespace, host = namespace_of(about), _host(about, component)
        involved = {"kind": about["kind"], "namespace": namespace, "name": name_of(about), "uid": uid_of(about)}
        if not namespace:
            del involved["namespace"]
        involved["apiVersion"] = about["apiVersion"]
        involved["resourceVersion"] = about["metadata"].get("resourceVersion", "")
        if container:
            init = any(each["name"] == container for each in about["spec"].get("initContainers", ()))
            involved["fieldPath"] = f"spec.{'initContainers' if init else 'containers'}{{{container}}}"
        event: Object = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": namespace or "default"},
            "involvedObject": involved,
            "reason": reason,
            "message": message,
            "type": kind,
            "reportingComponent": component,
            "reportingInstance": host,
        }
        if component == SCHEDULER:
            action = "Binding" if kind == "Normal" else "Scheduling"
            event |= {"eventTime": micro_timestamp(at), "action": action}
            return event | {"source": {}, "firstTimestamp": None, "lastTimestamp": None}
        source = {"component": component, "host": host} if host else {"component": component}
        times = {"firstTimestamp": timestamp(at), "lastTimestamp": timestamp(at)}
        return event | {"source": source, **times, "count": 1, "eventTime": None}


def _host(about: Object, component: str) -> str:
    if component == SCHEDULER:
        return f"{SCHEDULER}-cp-1"
    if component != "kubelet":
        return ""
    return name_of(about) if about["kind"] == "Node" else str(about["spec"].get("nodeName", ""))


def _repeated(event: Object, now: float) -> Object:
    if event["eventTime"] is not None:
        count = event.get("series", {}).get("count", 1) + 1
        return {**event, "series": {"count": count, "lastObservedTime": micro_timestamp(now)}}
    return {**event, "count": event["count"] + 1, "lastTimestamp": timestamp(now)}

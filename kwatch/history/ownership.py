"""How journalled objects are related: owners, children, nodes, and the Events about them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from heapq import nlargest
from typing import NamedTuple

from kwatch.history.first_versions import FirstVersion
from kwatch.history.object_history import ObjectHistory
from kwatch.history.store import JournalStore
from kwatch.informer.kube_object import KubeObject, OwnerReference

_FORGETFUL = 100_000
"""Histories that may be filed and gone before the graph is built again."""
_DEEPEST = 8
"""Owners of owners that are followed; references may go round in circles."""

OwnerBehind = Callable[[str, str, KubeObject], "tuple[str, str] | None"]
"""Kind and name of an owner, and the object it owns -> kind and name of what owns that owner, guessed from names."""


class RelationType(StrEnum):
    """What an entry of a timeline is to the object."""

    SELF = "self"
    OWNER = "owner"
    CHILD = "child"
    NODE = "node"
    EVENT = "event"
    GAP = "gap"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Relation:
    """A related object. `distance`: how many owners or children lie between, 1 is the nearest."""

    type: RelationType
    distance: int
    resource: str
    kind: str
    key: str
    uid: str
    about: Relation | None = None
    """If it is an Event: what it regards."""

    @property
    def subject(self) -> Relation:
        """Itself; of an Event what it is about."""
        return self.about or self


class Owner(NamedTuple):
    """Something that owns objects, or an object that nothing owns."""

    kind: str
    namespace: str
    """Empty for what has none."""
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class OwnershipGraph:
    """All links of everything journalled. It is brought up to date when it is asked: a delta pays nothing for it.

    Safe to use from any thread; holds numbers of histories, so that it keeps nothing from being evicted.
    """

    def __init__(self, store: JournalStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._by_owner: dict[str, set[int]] = {}
        self._by_node: dict[str, set[int]] = {}
        self._events: dict[str, set[int]] = {}
        """By the uid that they regard."""
        self._by_uid: dict[str, set[int]] = {}
        """Only for uids that were asked for."""
        self._waiting: set[int] = set()
        """Events of which it is not known yet what they regard."""
        self._begun = 0
        """How many histories had begun, and gone, when it was built."""
        self._sequence = 0
        """The sequence of the last delta that was taken in."""

    def refresh(self) -> None:
        """Take in what arrived since the last time; the first time it looks at every object."""
        with self._lock:
            for each in (*self._arrived(), *self._unsettled()):
                self._file(each)

    def children_of(self, uid: str) -> list[ObjectHistory]:
        """The objects that name it as an owner, in the order they came."""
        return self._histories(self._by_owner, uid)

    def bound_to(self, node: str) -> list[ObjectHistory]:
        return self._histories(self._by_node, node)

    def regarding(self, uid: str) -> list[ObjectHistory]:
        """The Events about it."""
        return self._histories(self._events, uid)

    def nodes(self, context: str, name: str) -> list[ObjectHistory]:
        with self._store.lock:
            stream = self._store.streams.get((context, "nodes"))
            return stream.histories_of(name) if stream is not None else []

    def with_uids(self, uids: Iterable[str]) -> list[ObjectHistory]:
        """The objects with these uids. One that was not asked for before costs a look at every object."""
        wanted = set(filter(None, uids))
        with self._lock:
            unknown = wanted - self._by_uid.keys()
            if unknown:
                self._by_uid |= {uid: set() for uid in unknown}
                with self._store.lock:
                    histories = self._store.all_kept()
                for history in histories:
                    if history.uid in unknown:
                        self._by_uid[history.uid].add(history.number)
        return [history for uid in sorted(wanted) for history in self._histories(self._by_uid, uid)]

    def _arrived(self) -> Iterable[ObjectHistory | FirstVersion]:
        """What came, or changed: a pod is bound, an orphan is adopted. Everything, at first or if some is not known."""
        store = self._store
        with store.lock:
            log, kept = store.log, len(store.histories) + len(store.first)
            if log.dropped_through > self._sequence or store.begun > self._begun + kept + _FORGETFUL:
                self._clear()
            is_new, start = not self._sequence, log.after(self._sequence)
            self._sequence = log.last_sequence
            if is_new:
                self._begun = store.begun - kept
                return store.all_kept()
            numbers = {number for _, number in log.entries(start, len(log))}
            return [each for number in numbers if (each := store.kept(number)) is not None]

    def _unsettled(self) -> list[ObjectHistory]:
        waiting, self._waiting = self._waiting, set()
        return self._kept(waiting)

    def _file(self, history: ObjectHistory | FirstVersion) -> None:
        number = history.number
        for owner in history.owners:
            self._by_owner.setdefault(owner, set()).add(number)
        if history.node:
            self._by_node.setdefault(history.node, set()).add(number)
        if history.regarding:
            self._events.setdefault(history.regarding, set()).add(number)
        elif history.stream.holds_events:
            self._waiting.add(number)
        if history.uid in self._by_uid:
            self._by_uid[history.uid].add(number)

    def _histories(self, index: dict[str, set[int]], name: str) -> list[ObjectHistory]:
        with self._lock:
            numbers = sorted(index.get(name, ()))
        return self._kept(numbers)

    def _kept(self, numbers: Iterable[int]) -> list[ObjectHistory]:
        history_of = self._store.history
        return [history for number in numbers if (history := history_of(number)) is not None]


def relations(
    graph: OwnershipGraph, subjects: list[ObjectHistory], most_events: int | None = None
) -> tuple[list[tuple[ObjectHistory, Relation]], int]:
    """The subjects first, then what is related to them, the nearest first, each once; Events last. Of these no more
    than `most_events`, the newest; and how many were left out.
    """
    context = subjects[0].stream.context
    found: dict[int, tuple[ObjectHistory, Relation]] = {}
    for history, type_, distance in _related(graph, subjects):
        if history.stream.context == context:
            found.setdefault(history.number, (history, _relation(history, type_, distance)))
    events = {
        event.number: (event, about)
        for history, about in reversed(found.values())
        for event in _events_about(graph, history)
        if event.number not in found
    }
    shown = events.values() if most_events is None else nlargest(most_events, reversed(events.values()), key=_recency)
    for event, about in sorted(shown, key=lambda each: each[0].number):
        found[event.number] = (event, _relation(event, RelationType.EVENT, about.distance, about))
    return list(found.values()), len(events) - len(shown)


def _recency(event: tuple[ObjectHistory, Relation]) -> tuple[float, int]:
    """By receipt; of those that came with one list, by the server's order."""
    columns = event[0].columns
    return columns.last_received_at, columns.last()[1]


def _relation(history: ObjectHistory, type_: RelationType, distance: int, about: Relation | None = None) -> Relation:
    return Relation(type_, distance, history.stream.resource, history.kind, history.key, history.uid, about)


def _events_about(graph: OwnershipGraph, history: ObjectHistory) -> Iterable[ObjectHistory]:
    if history.stream.resource == "nodes":
        # The kubelet calls a node by its name where a uid is meant.
        return [*graph.regarding(history.uid), *graph.regarding(history.key)]
    return graph.regarding(history.uid) if history.uid else ()


def _related(graph: OwnershipGraph, subjects: list[ObjectHistory]) -> Iterator[tuple[ObjectHistory, RelationType, int]]:
    yield from ((history, RelationType.SELF, 0) for history in subjects)
    for history, distance in _walk(subjects, lambda each: graph.with_uids(each.owners)):
        yield history, RelationType.OWNER, distance
    for history, distance in _walk(subjects, lambda each: _below(graph, each)):
        yield history, RelationType.CHILD, distance
    context = subjects[0].stream.context
    for node in dict.fromkeys(history.node for history in subjects if history.node):
        yield from ((history, RelationType.NODE, 1) for history in graph.nodes(context, node))


def _below(graph: OwnershipGraph, history: ObjectHistory) -> list[ObjectHistory]:
    """What it owns; of a node what runs on it."""
    children = graph.children_of(history.uid) if history.uid else []
    return children + graph.bound_to(history.key) if history.stream.resource == "nodes" else children


def _walk(
    start: list[ObjectHistory], step: Callable[[ObjectHistory], list[ObjectHistory]]
) -> Iterator[tuple[ObjectHistory, int]]:
    """Everything that can be reached, the nearest first."""
    seen = {history.number for history in start}
    layer, distance = start, 0
    while layer:
        distance += 1
        following = {each.number: each for history in layer for each in step(history) if each.number not in seen}
        seen |= following.keys()
        layer = list(following.values())
        yield from ((history, distance) for history in layer)


class Owners:
    """Finds the owners of objects of one context: as far as they are journalled, and then by their names."""

    def __init__(self, store: JournalStore, context: str, behind: OwnerBehind | None = None) -> None:
        self._store = store
        self._context = context
        self._behind = behind

    def of(self, obj: KubeObject) -> tuple[Owner, ...]:
        """From the topmost down to the nearest; the controller counts where several own it."""
        found: list[Owner] = []
        while len(found) < _DEEPEST and (reference := _nearest(obj)) is not None:
            owner = self._journalled(reference, obj.namespace)
            if owner is None:
                found.append(Owner(reference.kind, obj.namespace, reference.name))
                behind = self._behind(reference.kind, reference.name, obj) if self._behind is not None else None
                if behind is not None:
                    found.append(Owner(behind[0], obj.namespace, behind[1]))
                break
            found.append(Owner(reference.kind, owner.namespace, owner.name))
            obj = owner
        found.reverse()
        return tuple(found)

    def _journalled(self, reference: OwnerReference, namespace: str) -> KubeObject | None:
        if not reference.uid:
            return None
        keys = [f"{namespace}/{reference.name}", reference.name] if namespace else [reference.name]
        with self._store.lock:
            streams = [each for each in self._store.streams.values() if each.context == self._context]
            found = (stream.history(key) for stream in streams for key in keys)
            history = next((each for each in found if each is not None and each.uid == reference.uid), None)
            content = history.content(len(history.payloads) - 1) if history is not None else None
        return content.object if content is not None else None


def _nearest(obj: KubeObject) -> OwnerReference | None:
    owners = obj.owners
    return next((owner for owner in owners if owner.controller), owners[0] if owners else None)

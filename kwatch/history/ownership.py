"""Who hangs together with whom, of everything journalled: by owner's uid, by node, by the uid an Event regards.

It is brought up to date when someone asks, from what arrived since: a delta pays nothing for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from kwatch.history.object_history import ObjectHistory
from kwatch.history.store import JournalStore
from kwatch.informer.kube_object import KubeObject, OwnerReference


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
    """One of them. `distance`: how many owners or children lie between, 1 is the nearest."""

    type: RelationType
    distance: int
    resource: str
    kind: str
    key: str
    uid: str
    about: Relation | None = None
    """Of an Event: whom it regards."""

    @property
    def subject(self) -> Relation:
        """Where it has its place in the family: an Event's is that of whom it regards."""
        return self.about or self


def relations(graph: OwnershipGraph, subjects: list[ObjectHistory]) -> list[tuple[ObjectHistory, Relation]]:
    """The subjects first, then the others, the nearest first, each once; Events last."""
    context = subjects[0].stream.context
    found: dict[int, tuple[ObjectHistory, Relation]] = {}
    for history, type_, distance in _family(graph, subjects):
        if history.stream.context == context:
            found.setdefault(history.number, (history, _relation(history, type_, distance)))
    events = [(event, relation) for history, relation in found.values() for event in _about(graph, history, relation)]
    for event, about in events:
        found.setdefault(event.number, (event, _relation(event, RelationType.EVENT, about.distance, about)))
    return list(found.values())


def _relation(history: ObjectHistory, type_: RelationType, distance: int, about: Relation | None = None) -> Relation:
    return Relation(type_, distance, history.stream.resource, history.kind, history.key, history.uid, about)


def _about(graph: OwnershipGraph, history: ObjectHistory, relation: Relation) -> Iterable[ObjectHistory]:
    """The Events about it. The kubelet calls a node by its name where a uid is meant."""
    if relation.resource == "nodes":
        return [*graph.regarding(history.uid), *graph.regarding(history.key)]
    return graph.regarding(history.uid) if history.uid else ()


def _family(graph: OwnershipGraph, subjects: list[ObjectHistory]) -> Iterator[tuple[ObjectHistory, RelationType, int]]:
    yield from ((history, RelationType.SELF, 0) for history in subjects)
    for history, distance in _walk(subjects, lambda each: graph.called(each.owners)):
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


_FORGETFUL = 100_000
"""Numbers of lives that may be filed and gone before everything is filed anew."""


class OwnershipGraph:
    """Safe to use from any thread; holds numbers of lives, so that it keeps nothing from being evicted."""

    def __init__(self, store: JournalStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._clear()

    def refresh(self) -> None:
        """Take in what arrived since the last time: the first time every life is looked at."""
        with self._lock:
            if self._filed > len(self._store.histories) + _FORGETFUL:
                self._clear()
            for history in (*self._new(), *self._changed(), *self._unsettled()):
                self._file(history)

    def children_of(self, uid: str) -> list[ObjectHistory]:
        """The lives that name it as an owner, in the order they came."""
        return self._histories(self._children, uid)

    def regarding(self, uid: str) -> list[ObjectHistory]:
        """The Events about it."""
        return self._histories(self._events, uid)

    def bound_to(self, node: str) -> list[ObjectHistory]:
        """What runs on a node."""
        return self._histories(self._guests, node)

    def nodes(self, context: str, name: str) -> list[ObjectHistory]:
        """The lives of a node."""
        with self._store.lock:
            stream = self._store.streams.get((context, "nodes"))
            return stream.histories_of(name) if stream is not None else []

    def called(self, uids: Iterable[str]) -> list[ObjectHistory]:
        """The lives with these uids. One that was not asked for before costs a look at every life."""
        wanted = set(filter(None, uids))
        with self._lock:
            unknown = wanted - self._sought.keys()
            if unknown:
                self._sought |= {uid: set() for uid in unknown}
                with self._store.lock:
                    histories = list(self._store.histories.values())
                for history in histories:
                    if history.uid in unknown:
                        self._sought[history.uid].add(history.number)
        return [history for uid in sorted(wanted) for history in self._histories(self._sought, uid)]

    def _clear(self) -> None:
        self._children: dict[str, set[int]] = {}
        self._events: dict[str, set[int]] = {}
        self._guests: dict[str, set[int]] = {}
        self._sought: dict[str, set[int]] = {}
        self._waiting: set[int] = set()
        """Events of which it is not known yet whom they regard."""
        self._filed = 0
        self._newest = -1
        self._sequence = 0

    def _new(self) -> list[ObjectHistory]:
        """The lives that began: they are numbered as they come."""
        with self._store.lock:
            newest_first = reversed(self._store.histories.values())
            found = list(takewhile(lambda history: history.number > self._newest, newest_first))
        if found:
            self._newest = found[0].number
            self._filed += len(found)
        found.reverse()
        return found

    def _changed(self) -> list[ObjectHistory]:
        """The lives that went on: a pod is bound, an orphan is adopted."""
        store = self._store
        with store.lock:
            start = store.log.after(self._sequence) if self._sequence else len(store.log)
            numbers = {number for _, number in store.log.entries(start, len(store.log))}
            self._sequence = store.log.last_sequence
            return [store.histories[number] for number in numbers if number in store.histories]

    def _unsettled(self) -> list[ObjectHistory]:
        histories = self._store.histories
        waiting, self._waiting = self._waiting, set()
        return [history for number in waiting if (history := histories.get(number)) is not None]

    def _file(self, history: ObjectHistory) -> None:
        number = history.number
        for owner in history.owners:
            self._children.setdefault(owner, set()).add(number)
        if history.node:
            self._guests.setdefault(history.node, set()).add(number)
        if history.regarding:
            self._events.setdefault(history.regarding, set()).add(number)
        elif history.stream.holds_events:
            self._waiting.add(number)
        if history.uid in self._sought:
            self._sought[history.uid].add(number)

    def _histories(self, index: Mapping[str, set[int]], name: str) -> list[ObjectHistory]:
        histories = self._store.histories
        with self._lock:
            numbers = sorted(index.get(name, ()))
        return [history for number in numbers if (history := histories.get(number)) is not None]


_DEEPEST = 8
"""Owners of owners that are followed; references may go round in circles."""

OwnerBehind = Callable[[str, str, KubeObject], "tuple[str, str] | None"]
"""Tells the kind and name of what owns an object's owner, given by kind and name, from how things are called."""


class Owner(NamedTuple):
    """Something that owns objects, or an object that nothing owns."""

    kind: str
    namespace: str
    """Empty for what has none."""
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class Owners:
    """Of the objects of one context."""

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
                found += self._by_name(reference, obj)
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
            found = (stream.histories.get(key) for stream in streams for key in keys)
            history = next((history for history in found if history is not None and history.uid == reference.uid), None)
            content = history.content(len(history.payloads) - 1) if history is not None else None
        return content.object if content is not None else None

    def _by_name(self, reference: OwnerReference, obj: KubeObject) -> list[Owner]:
        behind = self._behind(reference.kind, reference.name, obj) if self._behind is not None else None
        return [Owner(behind[0], obj.namespace, behind[1])] if behind is not None else []


def _nearest(obj: KubeObject) -> OwnerReference | None:
    owners = obj.owners
    return next((owner for owner in owners if owner.controller), owners[0] if owners else None)

"""Whom an object hangs together with: owners above, children below, its node, and the Events about all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from kwatch.history.kinship import Kinship
from kwatch.history.life import Life


class Relation(StrEnum):
    """What an entry of a timeline is to the object."""

    SELF = "self"
    OWNER = "owner"
    CHILD = "child"
    NODE = "node"
    EVENT = "event"
    GAP = "gap"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Kin:
    """One of them. `distance`: how many owners or children lie between, 1 is the nearest."""

    relation: Relation
    distance: int
    resource: str
    kind: str
    key: str
    uid: str
    about: Kin | None = None
    """Of an Event: whom it regards."""

    @property
    def standing(self) -> Kin:
        """Where it has its place in the family: an Event's is that of whom it regards."""
        return self.about or self


def relatives(kinship: Kinship, subjects: list[Life]) -> list[tuple[Life, Kin]]:
    """The subjects first, then the others, the nearest first, each once; Events last."""
    context = subjects[0].stream.context
    found: dict[int, tuple[Life, Kin]] = {}
    for life, relation, distance in _family(kinship, subjects):
        if life.stream.context == context:
            found.setdefault(life.number, (life, _kin(life, relation, distance)))
    events = [(event, kin) for life, kin in found.values() for event in _about(kinship, life, kin)]
    for event, about in events:
        found.setdefault(event.number, (event, _kin(event, Relation.EVENT, about.distance, about)))
    return list(found.values())


def _kin(life: Life, relation: Relation, distance: int, about: Kin | None = None) -> Kin:
    return Kin(relation, distance, life.stream.resource, life.kind, life.key, life.uid, about)


def _about(kinship: Kinship, life: Life, kin: Kin) -> Iterable[Life]:
    """The Events about it. The kubelet calls a node by its name where a uid is meant."""
    if kin.resource == "nodes":
        return [*kinship.regarding(life.uid), *kinship.regarding(life.key)]
    return kinship.regarding(life.uid) if life.uid else ()


def _family(kinship: Kinship, subjects: list[Life]) -> Iterator[tuple[Life, Relation, int]]:
    yield from ((life, Relation.SELF, 0) for life in subjects)
    for life, distance in _walk(subjects, lambda each: kinship.called(each.owners)):
        yield life, Relation.OWNER, distance
    for life, distance in _walk(subjects, lambda each: _below(kinship, each)):
        yield life, Relation.CHILD, distance
    context = subjects[0].stream.context
    for node in dict.fromkeys(life.node for life in subjects if life.node):
        yield from ((life, Relation.NODE, 1) for life in kinship.nodes(context, node))


def _below(kinship: Kinship, life: Life) -> list[Life]:
    """What it owns; of a node what runs on it."""
    children = kinship.children_of(life.uid) if life.uid else []
    return children + kinship.bound_to(life.key) if life.stream.resource == "nodes" else children


def _walk(start: list[Life], step: Callable[[Life], list[Life]]) -> Iterator[tuple[Life, int]]:
    """Everything that can be reached, the nearest first."""
    seen = {life.number for life in start}
    layer, distance = start, 0
    while layer:
        distance += 1
        following = {each.number: each for life in layer for each in step(life) if each.number not in seen}
        seen |= following.keys()
        layer = list(following.values())
        yield from ((life, distance) for life in layer)

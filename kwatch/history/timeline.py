"""The causal view of one object: its deltas between those of its owners, children, node and Events, on one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from kwatch.history.archive import Archive
from kwatch.history.gap import Gap
from kwatch.history.life import Life
from kwatch.history.version import Version


class Relation(StrEnum):
    """What an entry is to the object."""

    SELF = "self"
    OWNER = "owner"
    CHILD = "child"
    NODE = "node"
    EVENT = "event"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A delta of something related, or a gap. `at` in seconds since the epoch."""

    at: float
    relation: Relation
    version: Version | None = None
    gap: Gap | None = None
    distance: int = 0
    """How many owners or children lie between: 1 is the nearest."""


def timeline(archive: Archive, context: str, resource: str, key: str) -> tuple[TimelineEntry, ...]:
    """Everything journalled about an object and what it hangs together with, oldest first; empty if it is unknown.

    Only resources that are watched are journalled. Owners and children are found by owner uid, the node by
    spec.nodeName, Events by the uid they regard.
    """
    with archive.lock:
        stream = archive.streams.get((context, resource))
        subjects = stream.lives_of(key) if stream is not None else []
        if stream is None or not subjects:
            return ()
        lives = [life for life in archive.lives.values() if life.stream.context == context]
        related = _related(subjects, lives)
        streams = {id(life.stream): life.stream for life, _, _ in related}
        entries = [
            TimelineEntry(life.ledger.received_at(position), relation, archive.version(life, position), None, distance)
            for life, relation, distance in related
            for position in life.positions()
        ]
        entries += [TimelineEntry(gap.since, Relation.GAP, gap=gap) for each in streams.values() for gap in each.gaps]
    return tuple(sorted(entries, key=_order))


def _order(entry: TimelineEntry) -> tuple[float, int]:
    return entry.at, entry.version.sequence if entry.version is not None else 0


def _related(subjects: list[Life], lives: list[Life]) -> list[tuple[Life, Relation, int]]:
    found: dict[int, tuple[Life, Relation, int]] = {}
    for life, relation, distance in _relatives(subjects, lives):
        found.setdefault(life.number, (life, relation, distance))
    uids = {life.uid for life, relation, _ in found.values() if relation is not Relation.NODE}
    events = ((life, Relation.EVENT, 0) for life in lives if life.regarding and life.regarding in uids)
    for each in events:
        found.setdefault(each[0].number, each)
    return list(found.values())


def _relatives(subjects: list[Life], lives: list[Life]) -> Iterator[tuple[Life, Relation, int]]:
    yield from ((life, Relation.SELF, 0) for life in subjects)
    by_uid: dict[str, list[Life]] = {}
    by_owner: dict[str, list[Life]] = {}
    for life in lives:
        by_uid.setdefault(life.uid, []).append(life)
        for owner in life.owners:
            by_owner.setdefault(owner, []).append(life)
    for life, distance in _walk(subjects, lambda each: [up for uid in each.owners for up in by_uid.get(uid, ())]):
        yield life, Relation.OWNER, distance
    for life, distance in _walk(subjects, lambda each: by_owner.get(each.uid, []) if each.uid else []):
        yield life, Relation.CHILD, distance
    nodes = {life.node for life in subjects if life.node}
    yield from ((life, Relation.NODE, 1) for life in lives if life.stream.resource == "nodes" and life.key in nodes)


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

"""Everything that is not as it was at a baseline, across all resources of some contexts: kept up as deltas arrive."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from math import inf

import msgspec

from kwatch.base.timestamp import parse_timestamp
from kwatch.history.as_of import received_at
from kwatch.history.attribution import UNKNOWN
from kwatch.history.comparison import JUST, Difference, PathChange, Sign, path_changes
from kwatch.history.object_history import Content, ObjectHistory, Stream
from kwatch.history.ownership import OwnerBehind, Owners
from kwatch.history.store import JournalStore
from kwatch.history.version import Moment, Version
from kwatch.informer.kube_object import KubeObject

_AT_ONCE = 2000
"""Objects or deltas looked at under one hold of the journal's lock."""
_UNREADABLE = PathChange("", "changed, but cannot be read", UNKNOWN)
_CAME_INTO_VIEW = PathChange("", "came into what is watched", UNKNOWN)
_NOT_KEPT = PathChange("", "changed; how it was had to make room", UNKNOWN)

_Place = tuple[str, str, str]
"""Context, resource and key."""


class BaselineDiff:
    """Used by one thread; what it hands out never changes. `baseline` None is the beginning of everything, and
    `until`, the sequence of a later delta, is None for now.

    Call `take` to note what was touched, then `compare` until it says that nothing is left.
    """

    def __init__(
        self,
        store: JournalStore,
        contexts: Collection[str],
        baseline: Moment | None,
        behind: OwnerBehind | None = None,
        until: int | None = None,
    ) -> None:
        self.until = until
        self._store = store
        self._contexts = frozenset(contexts)
        self._sequence = baseline.sequence if baseline is not None else 0
        self._at = baseline.at if baseline is not None else _beginning(store)
        self._owners = {each: Owners(store, each, behind) for each in self._contexts}
        self._through: int | None = None
        self._waiting: dict[_Place, Stream] = {}
        self._compared: dict[_Place, int] = {}
        self._found: dict[_Place, Difference] = {}
        self.total = 0
        """How many objects this round has to look at."""

    @property
    def waiting(self) -> int:
        """How many objects this round has yet to look at."""
        return len(self._waiting)

    @property
    def through(self) -> int:
        """The sequence of the last delta that was noted."""
        return self._through or 0

    def found(self) -> tuple[Difference, ...]:
        """What differs, as far as it was compared, including what differs only in noise."""
        return tuple(self._found.values())

    def take(self) -> None:
        """Note what was touched since the last time; the first time, since the baseline."""
        if self.until is not None and self._through is not None:
            return
        through = self._store.log.last_sequence
        for stream, key, sequence in self._all() if self._through is None else self._arrived(self._through):
            place = stream.context, stream.resource, key
            if sequence > self._compared.get(place, self._sequence):
                self._waiting[place] = stream
        self._through = through
        self.total = len(self._waiting)

    def compare(self, at_most: int = 1) -> bool:
        """Compare some objects with how they were; False if nothing is left to do."""
        for place in list(islice(self._waiting, at_most)):
            stream = self._waiting.pop(place)
            span = object_span(self._store, stream, place[-1], self._sequence, self.until)
            if span is None:
                continue
            self._compared[place] = span.new.sequence
            difference = self._difference(stream, span)
            if difference is None:
                self._found.pop(place, None)
            else:
                self._found[place] = difference
        return bool(self._waiting)

    def _all(self) -> Iterator[tuple[Stream, str, int]]:
        with self._store.lock:
            streams = [stream for stream in self._store.streams.values() if stream.context in self._contexts]
            histories = [history for stream in streams for history in stream.histories.values()]
            listed = self._store.first.between(0)
        for first in listed:
            if first.stream.context in self._contexts and came_after(first.object, self._at):
                yield first.stream, first.key, first.sequence
        for start in range(0, len(histories), _AT_ONCE):
            with self._store.lock:
                found = [
                    (each.stream, each.key, each.columns.last()[0])
                    for each in histories[start : start + _AT_ONCE]
                    if len(each) and not self._is_only_listed(each)
                ]
            yield from found

    def _is_only_listed(self, history: ObjectHistory) -> bool:
        """Whether all that is known of it is that it was there: true of nearly everything in a large cluster."""
        if len(history) > 1 or history.evicted or history.ended or history.previous is not None:
            return False
        return history.columns.relisted(0) and not came_after(history.content(0).object, self._at)

    def _arrived(self, after: int) -> Iterator[tuple[Stream, str, int]]:
        while True:
            with self._store.lock:
                log, kept = self._store.log, self._store.kept
                start = log.after(after)
                entries = log.entries(start, start + _AT_ONCE)
                found = [
                    (each.stream, each.key, sequence)
                    for sequence, number in entries
                    if (each := kept(number)) is not None and each.stream.context in self._contexts
                ]
            yield from found
            if not entries:
                return
            after = entries[-1][0]

    def _difference(self, stream: Stream, span: ObjectSpan) -> Difference | None:
        new, state = span.new_content.object, span.old_state
        is_same = span.old == span.new and not came_after(new, self._at)
        if is_same and state is OldState.LISTED:
            return None
        old = span.old_content.object if span.old_content is not None else None
        if old is not None and state is not OldState.KNOWN and came_after(old, self._at):
            old = None
        sign = _sign(span, old, new)
        changes, noise = _changes(sign, old, new) if not is_same else ((_NOT_KEPT,), ())
        if sign == Sign.CREATED and came_before(new, self._at - JUST):
            changes, noise = (_CAME_INTO_VIEW,), ()
        if not changes and not noise and sign == Sign.CHANGED:
            return None
        changed_at = stream.changes.last_change(span.new.key) or -inf
        return Difference(
            span.new,
            span.old if old is not None else None,
            span.kind,
            sign,
            (_ending(span),) if sign in (Sign.DELETED, Sign.PASSED) else changes,
            noise,
            self._owners[stream.context].of(new),
            changed_at if self._at < changed_at <= span.new.at else span.new.at,
            span.deltas - (state is OldState.LISTED),
            old is not None and state is OldState.FORGOTTEN,
            old is not None and state is OldState.LISTED,
        )


def came_after(obj: KubeObject, at: float) -> bool:
    """Whether it was created after a moment, in seconds since the epoch, by what the server says."""
    created = _created_at(obj)
    return created is not None and created > at


def came_before(obj: KubeObject, at: float) -> bool:
    """Whether it is known to have been created before a moment."""
    created = _created_at(obj)
    return created is not None and created < at


def _created_at(obj: KubeObject) -> float | None:
    try:
        return parse_timestamp(obj.creation_timestamp)
    except (ValueError, OverflowError):
        return None


def _beginning(store: JournalStore) -> float:
    """When the first delta that is kept was received."""
    with store.lock:
        return received_at(store, 0) if len(store.log) else inf


def _sign(span: ObjectSpan, old: KubeObject | None, new: KubeObject) -> Sign:
    if span.new.deleted:
        return Sign.PASSED if old is None else Sign.DELETED
    if old is None:
        return Sign.CREATED
    return Sign.CHANGED if old.uid == new.uid else Sign.REPLACED


def _changes(
    sign: Sign, old: KubeObject | None, new: KubeObject
) -> tuple[tuple[PathChange, ...], tuple[PathChange, ...]]:
    if sign in (Sign.DELETED, Sign.PASSED):
        return (), ()
    try:
        before = old.tree() if old is not None else None  # asking an object whether it is empty parses it too
        return path_changes(before, new.tree(), replaced=sign == Sign.REPLACED)
    except (msgspec.DecodeError, RecursionError):
        return (_UNREADABLE,), ()


def _ending(span: ObjectSpan) -> PathChange:
    how = span.new.ending
    return PathChange("", how if span.old is not None else f"came and went: {how}", UNKNOWN)


class OldState(Enum):
    """What is known of an object at the baseline."""

    KNOWN = "its version then is kept"
    LISTED = "it was first seen later, by a list; it may have been there"
    FORGOTTEN = "its version then is evicted, and the oldest one kept stands in"
    ABSENT = "it was not there"


@dataclass(frozen=True, slots=True)
class ObjectSpan:
    """An object at a baseline and later: two versions with their contents, to be unpacked without the lock."""

    old_state: OldState
    old: Version | None
    old_content: Content | None
    new: Version
    new_content: Content
    kind: str
    deltas: int
    """How many came in between."""


def object_span(
    store: JournalStore, stream: Stream, key: str, sequence: int, until: int | None = None
) -> ObjectSpan | None:
    """An object at the delta `sequence` and at the delta `until` (None: now).

    None if it was not touched in between, or nothing of it is kept.
    """
    with store.lock:
        histories = [history for history in stream.histories_of(key) if _count(history, until) > history.gone]
        if not histories:
            return None
        last = histories[-1]
        position = _count(last, until) - 1
        if last.columns.sequence(position) <= sequence:
            return None
        state, place = _state_at(histories, sequence)
        return ObjectSpan(
            state,
            store.version(*place) if place is not None else None,
            place[0].content(place[1]) if place is not None else None,
            store.version(last, position),
            last.content(position),
            last.kind,
            sum(_count(history, until) - history.columns.until(sequence) for history in histories),
        )


def _count(history: ObjectHistory, until: int | None) -> int:
    """How many versions there were."""
    return len(history.columns) if until is None else history.columns.until(until)


def _state_at(histories: list[ObjectHistory], sequence: int) -> tuple[OldState, tuple[ObjectHistory, int] | None]:
    for history in reversed(histories):
        columns = history.columns
        position = columns.until(sequence) - 1
        if position >= history.gone:
            return (OldState.ABSENT, None) if columns.deleted(position) else (OldState.KNOWN, (history, position))
        if position >= 0 or history.evicted:
            return OldState.FORGOTTEN, (history, history.gone)
    first = histories[0]
    return (OldState.LISTED, (first, first.gone)) if first.columns.relisted(first.gone) else (OldState.ABSENT, None)

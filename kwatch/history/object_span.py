"""An object at two moments: how it was at a baseline, as far as that is kept, and how it is now or was later."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kwatch.history.object_history import Content, ObjectHistory
from kwatch.history.store import JournalStore
from kwatch.history.stream import Stream
from kwatch.history.version import Version


class OldState(Enum):
    """What is known of the object at the baseline."""

    KNOWN = "its version then is kept"
    LISTED = "it was first seen later, by a list; it may have been there"
    FORGOTTEN = "its version then had to make room, and the oldest one kept stands in"
    ABSENT = "it was not there"


@dataclass(frozen=True, slots=True)
class ObjectSpan:
    """The two versions with their contents, to be unpacked without the lock."""

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
    """The ends of an object touched after the delta `sequence`, and up to the delta `until` (None: up to now).

    None if it was not touched, or nothing of it is kept.
    """
    with store.lock:
        histories = [history for history in stream.histories_of(key) if _count(history, until) > history.gone]
        if not histories:
            return None
        last = histories[-1]
        position = _count(last, until) - 1
        if last.columns.sequence(position) <= sequence:
            return None
        old_state, place = _begin(histories, sequence)
        return ObjectSpan(
            old_state,
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


def _begin(histories: list[ObjectHistory], sequence: int) -> tuple[OldState, tuple[ObjectHistory, int] | None]:
    for history in reversed(histories):
        position = history.columns.until(sequence) - 1
        if position >= history.gone:
            return (
                (OldState.ABSENT, None) if history.columns.deleted(position) else (OldState.KNOWN, (history, position))
            )
        if position >= 0 or history.evicted:
            return OldState.FORGOTTEN, (history, history.gone)
    first = histories[0]
    return (OldState.LISTED, (first, first.gone)) if first.columns.relisted(first.gone) else (OldState.ABSENT, None)

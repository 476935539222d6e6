"""An object at two moments: how it was at a baseline, as far as that is kept, and how it is now or was later."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kwatch.history.archive import Archive
from kwatch.history.life import Content, Life
from kwatch.history.stream import Stream
from kwatch.history.version import Version


class Origin(Enum):
    """What is known of the object at the baseline."""

    KNOWN = "its version then is kept"
    LISTED = "it was first seen later, by a list; it may have been there"
    FORGOTTEN = "its version then had to make room, and the oldest one kept stands in"
    ABSENT = "it was not there"


@dataclass(frozen=True, slots=True)
class Ends:
    """The two versions with their contents, to be unpacked without the lock."""

    origin: Origin
    old: Version | None
    old_content: Content | None
    new: Version
    new_content: Content
    kind: str
    deltas: int
    """How many came in between."""


def ends_of(archive: Archive, stream: Stream, key: str, sequence: int, until: int | None = None) -> Ends | None:
    """The ends of an object touched after the delta `sequence`, and up to the delta `until` (None: up to now).

    None if it was not touched, or nothing of it is kept.
    """
    with archive.lock:
        lives = [life for life in stream.lives_of(key) if _count(life, until) > life.gone]
        if not lives:
            return None
        last = lives[-1]
        position = _count(last, until) - 1
        if last.ledger.sequence(position) <= sequence:
            return None
        origin, place = _begin(lives, sequence)
        return Ends(
            origin,
            archive.version(*place) if place is not None else None,
            place[0].content(place[1]) if place is not None else None,
            archive.version(last, position),
            last.content(position),
            last.kind,
            sum(_count(life, until) - life.ledger.until(sequence) for life in lives),
        )


def _count(life: Life, until: int | None) -> int:
    """How many versions there were."""
    return len(life.ledger) if until is None else life.ledger.until(until)


def _begin(lives: list[Life], sequence: int) -> tuple[Origin, tuple[Life, int] | None]:
    for life in reversed(lives):
        position = life.ledger.until(sequence) - 1
        if position >= life.gone:
            return (Origin.ABSENT, None) if life.ledger.deleted(position) else (Origin.KNOWN, (life, position))
        if position >= 0 or life.evicted:
            return Origin.FORGOTTEN, (life, life.gone)
    first = lives[0]
    return (Origin.LISTED, (first, first.gone)) if first.ledger.relisted(first.gone) else (Origin.ABSENT, None)

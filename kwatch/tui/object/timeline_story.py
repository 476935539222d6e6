"""What the timeline shows: which entries, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from kwatch.history.relatives import Relation
from kwatch.history.timeline_entry import TimelineEntry
from kwatch.view.timeline import Told


class Shown(Enum):
    """Which part of the story; the value is its word in the bar."""

    CHANGES = "changes"
    EVERYTHING = "everything"
    SELF = "this object"
    EVENTS = "events"

    @property
    def next(self) -> Shown:
        """The one after it, round and round."""
        parts = list(Shown)
        return parts[(parts.index(self) + 1) % len(parts)]

    def includes(self, entry: TimelineEntry, told: Told) -> bool:
        """Whether an entry belongs to it. Gaps always do."""
        if entry.gap is not None or self is Shown.EVERYTHING:
            return True
        if told.noise:
            return False
        if self is Shown.EVENTS:
            return entry.relation is Relation.EVENT
        if self is Shown.SELF:
            return entry.kin is None or entry.kin.standing.relation is Relation.SELF
        return True


class Line(NamedTuple):
    """One entry in words."""

    entry: TimelineEntry
    told: Told


@dataclass(frozen=True, slots=True)
class Story:
    """A snapshot of what is shown, newest first."""

    lines: Sequence[Line] = ()
    shown: Shown = Shown.CHANGES
    total: int = 0
    """How many entries there are in all, as far as they have been read."""
    unread: int = 0
    """How many are still to be put into words."""
    older: bool = False
    """Whether older ones were left out."""
    mistake: str = ""
    """What is wrong with the filter."""

"""What the timeline shows: which entries, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

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
    """A snapshot of what is shown, newest first; made by the thread that reads, so that showing it costs nothing."""

    lines: Mapping[str, Line] = field(default_factory=dict)
    """By the ids of the entries."""
    keys: Sequence[str] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    """The place of each key."""
    growing: Sequence[str] = ()
    """The keys of lines that may say something else than in the story before."""
    shown: Shown = Shown.CHANGES
    is_read: bool = False
    """Whether anything was read: the first story of all is none."""
    total: int = 0
    """How many entries there are in all, as far as they have been read."""
    unread: int = 0
    """How many are still to be put into words."""
    older: bool = False
    """Whether older ones were left out."""
    mistake: str = ""
    """What is wrong with the filter."""

    @property
    def newest_first(self) -> Iterator[Line]:
        """The lines in order."""
        return iter(self.lines.values())

    @property
    def oldest(self) -> Line | None:
        """The last line; None if there is none."""
        return self.lines[self.keys[-1]] if self.keys else None


def story_of(lines: Mapping[str, Line], **facts: Any) -> Story:
    """A story of lines, newest first; `facts` are the rest of it."""
    keys = tuple(lines)
    growing = tuple(key for key, line in lines.items() if line.entry.kin is None)
    return Story(dict(lines), keys, {key: place for place, key in enumerate(keys)}, growing, is_read=True, **facts)

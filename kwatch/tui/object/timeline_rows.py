"""The lines of a story as rows, newest first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from kwatch.catalog.column import Level
from kwatch.history.timeline_entry import TimelineEntry
from kwatch.tui.kit.table.rows import Cell, Heading, Look
from kwatch.tui.object.timeline_story import Line, Story
from kwatch.view.timeline import object_words, relation_words
from kwatch.view.version_words import clock_time

NARROW = 110
"""Below this width neither type nor who have a column: the sign and the lines below the table tell."""
MIDDLE = 170
"""Below this width the sign alone tells the type."""
_HEADINGS = (
    Heading("time", "TIME", frozen=True, min_width=13),
    Heading("relation", "RELATION", min_width=8, max_width=10),
    Heading("object", "OBJECT", flexible=True, max_width=48),
    Heading("type", "TYPE", min_width=8),
    Heading("who", "WHO", max_width=24, quiet=True),
    Heading("what", "WHAT HAPPENED", fill=True),
)
_MOST_OF_OBJECT, _MOST_OF_WHO = 22, 18
"""How wide columns may get where there is less room."""


def layout_of(width: int) -> str:
    """Which columns a width has room for."""
    return "narrow" if width < NARROW else "middle" if width < MIDDLE else "wide"


def _headings(layout: str) -> Sequence[Heading]:
    time_, relation, object_, type_, who, what = _HEADINGS
    if layout == "narrow":
        return replace(time_, min_width=10), relation, replace(object_, max_width=_MOST_OF_OBJECT), what
    if layout == "middle":
        return time_, relation, object_, replace(who, max_width=_MOST_OF_WHO), what
    return time_, relation, object_, type_, who, what


class TimelineRows:
    """Keys are the entries' ids. Set another `story`, and the table keeps its columns and its cursor."""

    sorted_by: tuple[str, bool] | None = ("time", True)

    def __init__(self, layout: str, story: Story, now: float) -> None:
        self.headings: Sequence[Heading] = _headings(layout)
        self.layout = layout
        self.story = story
        self.now = now

    def __len__(self) -> int:
        return len(self.story.keys)

    def key_at(self, row: int) -> str:
        """The key of a row."""
        return self.story.keys[row]

    def row_of(self, key: str) -> int | None:
        """Where a key is."""
        return self.story.places.get(key)

    def line(self, key: str | None) -> Line | None:
        """The line under a key."""
        return self.story.lines.get(key) if key is not None else None

    def cells(self, key: str) -> Sequence[Cell]:
        """Time, relation, object, type, who, what."""
        entry, told = self.story.lines[key]
        level = told.level if told.level in (Level.WARNING, Level.BAD) else Level.NONE
        cells = {
            "time": Cell(entry_time(entry, self.now, short=self.layout == "narrow")),
            "relation": Cell(relation_words(entry)),
            "object": Cell(object_words(entry.kin)),
            "type": Cell(told.type, told.level),
            "who": Cell(told.who),
            "what": Cell(told.words, level),
        }
        return tuple(cells[heading.id] for heading in self.headings)

    def look(self, key: str) -> Look:
        """The sign of what happened."""
        told = self.story.lines[key].told
        return Look(told.sign, told.level)

    def hint(self, key: str, column: int) -> str | None:
        """What happened does not change."""
        return None


def entry_time(entry: TimelineEntry, now: float, *, short: bool = False) -> str:
    """`14:02:10.25` in local time, `≈14:02:10` where only the server's word is known; with the day if not today's."""
    then, today = time.localtime(entry.at), time.localtime(now)
    mark = "≈" if entry.approximate else " "
    if then[:3] != today[:3]:
        return mark + time.strftime("%b %d %H:%M" if then[0] == today[0] else "%Y-%m-%d", then)
    return mark + (time.strftime("%H:%M:%S", then) if entry.approximate or short else clock_time(entry.at))

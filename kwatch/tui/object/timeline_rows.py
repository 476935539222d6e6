"""The lines of a story as rows, newest first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from kwatch.catalog.column import Level
from kwatch.history.timeline_entry import TimelineEntry
from kwatch.tui.object.history_rows import clock_time
from kwatch.tui.object.timeline_story import Line
from kwatch.tui.table.rows import Cell, Heading, Look
from kwatch.view.timeline import object_words, relation_words

NARROW = 110
"""Below this width neither type nor who have a column: the sign and the lines below the table tell."""
_TIME = Heading("time", "TIME", frozen=True, min_width=13)
_RELATION = Heading("relation", "RELATION", min_width=8, max_width=10)
_OBJECT = Heading("object", "OBJECT", flexible=True, max_width=48)
_TYPE = Heading("type", "TYPE", min_width=8)
_WHO = Heading("who", "WHO", max_width=24, quiet=True)
_WHAT = Heading("what", "WHAT HAPPENED", fill=True)
_WIDE_HEADINGS = (_TIME, _RELATION, _OBJECT, _TYPE, _WHO, _WHAT)
_NARROW_HEADINGS = (_TIME, _RELATION, replace(_OBJECT, max_width=22), _WHAT)


class TimelineRows:
    """Keys are the entries' ids. `take` other lines, and the table keeps its columns and its cursor."""

    sorted_by: tuple[str, bool] | None = ("time", True)

    def __init__(self, *, narrow: bool, now: float) -> None:
        self.headings: Sequence[Heading] = _NARROW_HEADINGS if narrow else _WIDE_HEADINGS
        self.narrow = narrow
        self.now = now
        self._lines: dict[str, Line] = {}
        self._keys: list[str] = []
        self._places: dict[str, int] = {}

    def take(self, lines: Sequence[Line]) -> set[str]:
        """Show these from now on; the keys of those that say something else than before."""
        before, self._lines = self._lines, {line.entry.id: line for line in lines}
        self._keys = list(self._lines)
        self._places = {key: place for place, key in enumerate(self._keys)}
        return {key for key, line in self._lines.items() if key in before and before[key].told is not line.told}

    def __len__(self) -> int:
        return len(self._keys)

    def key_at(self, row: int) -> str:
        """The key of a row."""
        return self._keys[row]

    def row_of(self, key: str) -> int | None:
        """Where a key is."""
        return self._places.get(key)

    def line(self, key: str | None) -> Line | None:
        """The line under a key."""
        return self._lines.get(key) if key is not None else None

    def cells(self, key: str) -> Sequence[Cell]:
        """Time, relation, object, type, who, what."""
        entry, told = self._lines[key]
        level = told.level if told.level in (Level.WARNING, Level.BAD) else Level.NONE
        if self.narrow:
            when = Cell(entry_time(entry, self.now, short=True))
            return when, Cell(relation_words(entry)), Cell(object_words(entry.kin)), Cell(told.words, level)
        return (
            Cell(entry_time(entry, self.now)),
            Cell(relation_words(entry)),
            Cell(object_words(entry.kin)),
            Cell(told.type, told.level),
            Cell(told.who),
            Cell(told.words, level),
        )

    def look(self, key: str) -> Look:
        """The sign of what happened."""
        told = self._lines[key].told
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

"""Rows of the past: cells that are different now are marked, and say what they are now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kwatch.catalog.column import Level
from kwatch.query.row import Row
from kwatch.tui.kit.table.health import Healths
from kwatch.tui.kit.table.projected_rows import ProjectedRows
from kwatch.tui.kit.table.rows import PLAIN, Look
from kwatch.view.printable import printable
from kwatch.view.projection import Projection
from kwatch.view.recent import RecentChanges

HEAT = 0.5
"""How strongly a cell that is different now is marked."""
_GONE_SINCE = Look("×", Level.DONE)
"""Not the sign of a deletion: at the moment shown, nothing was deleted."""


class PastRows(ProjectedRows):
    """`present` is the same view now. While time is played, rows look as they did when it passed."""

    def __init__(
        self,
        projection: Projection,
        shown: Sequence[int],
        *,
        namespaces: bool,
        now: float,
        present: Projection,
        healths: Healths,
    ) -> None:
        super().__init__(projection, shown, namespaces=namespaces, now=now, healths=healths)
        self.marks_differences = True
        self._present = present
        # The present may have more columns, e.g. of measurements.
        today = {column.title: place for place, column in enumerate(present.kind.columns)}
        self._now_at = {
            place: today[column.title]
            for place, column in enumerate(projection.kind.columns)
            if column.title in today and place in self._place_of
        }

    def show(self, projection: Projection, recent: RecentChanges, now: float) -> None:
        """The same columns of another moment."""
        self.projection, self._recent, self.now = projection, recent, now
        # Those of activity ask about that moment.
        self._shown = tuple((index, projection.kind.columns[index]) for index, _ in self._shown)

    def look(self, key: str) -> Look:
        """`×` gone since, `!` unhealthy then, `~` different now; else as at the moment."""
        row = self.projection.row(key)
        if row is None or not self.marks_differences or key in self.projection.gone:
            return super().look(key)
        today = self._today(key)
        if today is None:
            return _GONE_SINCE
        places = [self._place_of[index] for index in self._different(row, today)]
        health = self._health(row)
        if not places:
            return health
        glow = dict.fromkeys(places, HEAT)
        return replace(health, glow=glow) if health != PLAIN else Look("~", Level.PROGRESS, glow=glow)

    def hint(self, key: str, column: int) -> str | None:
        """What a cell says now; while time is played, what it said before."""
        row = self.projection.row(key)
        if row is None or not self.marks_differences or key in self.projection.gone:
            return super().hint(key, column)
        today = self._today(key)
        if today is None:
            return "deleted since"
        for index in self._different(row, today):
            if self._place_of[index] == column:
                text = self.projection.kind.columns[index].text(today.values[self._now_at[index]], self.now)
                return f"now: {printable(text) or '(empty)'}"
        return super().hint(key, column)

    def _different(self, row: Row, today: Row) -> list[int]:
        """The places in the kind of the shown cells that say something else now."""
        then, now = row.values, today.values
        return [place for place, place_now in self._now_at.items() if then[place] != now[place_now]]

    def _today(self, key: str) -> Row | None:
        return None if key in self._present.gone else self._present.row(key)

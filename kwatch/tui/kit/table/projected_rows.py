"""The rows of a live table: the order of a projection, its columns as cells, what happened to them as looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kwatch.catalog.column import Column, Level
from kwatch.catalog.kind import Kind
from kwatch.query.keys import namespace_of
from kwatch.query.row import Row
from kwatch.tui.kit.table.health import Healths
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, Look
from kwatch.tui.palette import HEAT_STEPS
from kwatch.view.printable import printable
from kwatch.view.projection import Projection
from kwatch.view.recent import NOTHING_RECENT, Happened, RecentChanges

NAMESPACE = "namespace"
_ADDED, _CHANGED = Look("+", Level.GOOD), Look("~", Level.PROGRESS)
_GONE = Look("-", Level.BAD, gone=True)


def shown_columns(kind: Kind, *, wide: bool) -> tuple[int, ...]:
    """The places in the kind of the columns to show."""
    return tuple(index for index, column in enumerate(kind.columns) if wide or column.priority == 0)


def column_id(column: Column) -> str:
    """What a column is called when sorting."""
    return column.title.casefold()


class ProjectedRows:
    """Only used on the UI thread. `now` is set by whoever ticks, so that all ages on screen agree."""

    def __init__(
        self,
        projection: Projection,
        shown: Sequence[int],
        *,
        namespaces: bool,
        now: float,
        recent: RecentChanges = NOTHING_RECENT,
        healths: Healths | None = None,
    ) -> None:
        self.projection = projection
        self.now = now
        self.sorted_by: tuple[str, bool] | None = None
        columns = projection.kind.columns
        self._shown = tuple((index, columns[index]) for index in shown)
        self._namespaces = namespaces
        self._recent = recent
        self._healths = healths
        self._place_of = {index: place for place, index in enumerate(shown, int(namespaces))}
        self._headings = tuple(self._make_headings())

    @property
    def headings(self) -> Sequence[Heading]:
        """The columns shown now."""
        return self._headings

    def __len__(self) -> int:
        return self.projection.shown

    def key_at(self, row: int) -> str:
        """The key of a row."""
        return self.projection.order[row]

    def row_of(self, key: str) -> int | None:
        """Where a key is."""
        return self.projection.position(key)

    def cells(self, key: str) -> Sequence[Cell]:
        """One cell a heading, safe to print."""
        values, now = self.projection.values(key), self.now
        cells = [_cell(column, values[index], now) for index, column in self._shown]
        if self._namespaces:
            cells.insert(0, Cell(namespace_of(key)))
        return cells

    def look(self, key: str) -> Look:
        """Gone, new, changed or unhealthy: the first of these that holds."""
        if key in self.projection.gone:
            return _GONE
        row, happened = self.projection.row(key), self._recent.happened(key, self.now)
        if row is None:
            return PLAIN
        if happened is not None:
            return self._glowing(row, _ADDED if happened[0] is Happened.ADDED else _CHANGED)
        return self._health(row)

    def hint(self, key: str, column: int) -> str | None:
        """What a cell said before; what a column means that kubectl does not have; what is wrong."""
        row = self.projection.row(key)
        if row is None:
            return None
        for index, cell in self._recent.cells(row, self.now).items():
            if self._place_of.get(index) == column:
                return f"was: {printable(self.projection.kind.columns[index].text(cell.before, cell.at)) or '(empty)'}"
        for index, shown in self._shown:
            if shown.spare and self._place_of[index] == column:
                return shown.description or None
        problem = self._healths.of(row, self.now) if self._healths is not None else None
        return printable(problem.reason) if problem is not None else None

    def _glowing(self, row: Row, look: Look) -> Look:
        # In steps, so that a look is another one only when it can be seen.
        glow = {
            self._place_of[index]: round(heat * HEAT_STEPS) / HEAT_STEPS
            for index, heat in self._recent.glow(row, self.now).items()
            if index in self._place_of
        }
        return replace(look, glow=glow) if glow else look

    def _health(self, row: Row) -> Look:
        problem = self._healths.of(row, self.now) if self._healths is not None else None
        return PLAIN if problem is None else Look("!", problem.level)

    def _make_headings(self) -> list[Heading]:
        # What identifies a row stays in place; where that is not the name, the first column does.
        ids = [column_id(column) for _, column in self._shown]
        name = ids.index("name") if "name" in ids[:3] else 0
        headings = [
            Heading(
                id=column_id(column),
                title=printable(column.title).upper(),
                right=column.right,
                min_width=min(column.min_width, len(column.title)),
                max_width=column.max_width,
                frozen=position <= name,
                flexible=position == name,
                quiet=column.depends_on_time,
                optional=column.optional,
                spare=column.spare,
            )
            for position, (_, column) in enumerate(self._shown)
        ]
        if self._namespaces:
            headings.insert(0, Heading(NAMESPACE, "NAMESPACE", max_width=30, frozen=True, quiet=True))
        return headings


def _cell(column: Column, value: Any, now: float) -> Cell:
    return Cell(column.text(value, now), column.level(value))

"""The rows of a live table: a projection's order, with the kind's columns as cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kwatch.catalog.column import Column
from kwatch.catalog.kind import Kind
from kwatch.tui.table.rows import PLAIN, Cell, Heading, Look
from kwatch.view.printable import printable
from kwatch.view.projection import Projection

NAMESPACE = "namespace"


def shown_columns(kind: Kind, *, wide: bool) -> tuple[int, ...]:
    """The places in the kind of the columns to show."""
    return tuple(index for index, column in enumerate(kind.columns) if wide or column.priority == 0)


def column_id(column: Column) -> str:
    """What a column is called when sorting."""
    return column.title.casefold()


class ProjectedRows:
    """Only used on the UI thread. `now` is set by whoever ticks, so that all ages on screen agree."""

    def __init__(self, projection: Projection, shown: Sequence[int], *, namespaces: bool, now: float) -> None:
        self.projection = projection
        self.now = now
        self.sorted_by: tuple[str, bool] | None = None
        columns = projection.kind.columns
        self._shown = tuple((index, columns[index]) for index in shown)
        self._namespaces = namespaces
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
            cells.insert(0, Cell(key.rpartition("/")[0]))
        return cells

    def look(self, key: str) -> Look:
        """What is special about the row now."""
        return PLAIN

    def was(self, key: str, column: int) -> str | None:
        """What a cell said before."""
        return None

    def _make_headings(self) -> list[Heading]:
        headings = [
            Heading(
                id=column_id(column),
                title=column.title.upper(),
                right=column.right,
                min_width=min(column.min_width, len(column.title)),
                max_width=column.max_width,
                frozen=position == 0,
                flexible=position == 0,
                quiet=column.depends_on_time,
            )
            for position, (_, column) in enumerate(self._shown)
        ]
        if self._namespaces:
            headings.insert(0, Heading(NAMESPACE, "NAMESPACE", max_width=30, frozen=True, quiet=True))
        return headings


def _cell(column: Column, value: Any, now: float) -> Cell:
    return Cell(printable(column.text(value, now)), column.level(value))

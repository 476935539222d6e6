"""Rows that are given as they are: choices, informers, help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, Look


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row under its key."""

    key: str
    cells: Sequence[Cell]
    look: Look = PLAIN


@dataclass(slots=True)
class ListedRows:
    """Never changes: other rows are another ListedRows."""

    headings: Sequence[Heading]
    rows: Sequence[ListedRow]
    sorted_by: tuple[str, bool] | None = None
    _places: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._places = {row.key: place for place, row in enumerate(self.rows)}

    def __len__(self) -> int:
        return len(self.rows)

    def key_at(self, row: int) -> str:
        """The key of a row."""
        return self.rows[row].key

    def row_of(self, key: str) -> int | None:
        """Where a key is."""
        return self._places.get(key)

    def cells(self, key: str) -> Sequence[Cell]:
        """The cells given."""
        return self.rows[self._places[key]].cells

    def look(self, key: str) -> Look:
        """The look given."""
        return self.rows[self._places[key]].look

    def hint(self, key: str, column: int) -> str | None:
        """Nothing changes here."""
        return None

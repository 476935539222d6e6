"""No rows at all: what a table shows before there is anything to show."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.tui.table.rows import PLAIN, Cell, Heading, Look


class NoRows:
    """Neither rows nor columns."""

    headings: Sequence[Heading] = ()
    sorted_by: tuple[str, bool] | None = None

    def __len__(self) -> int:
        return 0

    def key_at(self, row: int) -> str:
        """There is none."""
        raise IndexError(row)

    def row_of(self, key: str) -> int | None:
        """Nowhere."""
        return None

    def cells(self, key: str) -> Sequence[Cell]:
        """None."""
        return ()

    def look(self, key: str) -> Look:
        """Nothing special."""
        return PLAIN

    def hint(self, key: str, column: int) -> str | None:
        """Nothing."""
        return None

"""Where the cursor is: on an object, not on a row number."""

from __future__ import annotations

from kwatch.tui.kit.table.rows import Rows


class Cursor:
    """`row` is where the object was when last looked; `pinned` says that the user chose it.

    Until then the cursor rests on the first row, so that a table that fills from anywhere does not carry it away.
    """

    def __init__(self) -> None:
        self.key: str | None = None
        self.row = 0
        self.pinned = False

    def reset(self) -> None:
        """Back to the first row, whatever it is."""
        self.key, self.row, self.pinned = None, 0, False

    def put(self, row: int, key: str) -> None:
        """The user chose a row."""
        self.key, self.row, self.pinned = key, row, True

    def follow(self, rows: Rows) -> None:
        """Find the object again after rows moved; the neighbour takes over from one that is gone."""
        if not len(rows):
            self.key, self.row = None, 0
            return
        if not self.pinned:
            self.key, self.row = rows.key_at(0), 0
            return
        row = rows.row_of(self.key) if self.key is not None else None
        if row is None:
            row = min(self.row, len(rows) - 1)
        self.key, self.row = rows.key_at(row), row

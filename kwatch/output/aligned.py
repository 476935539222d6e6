"""Aligned columns as kubectl writes them: three spaces apart, at least six wide, never narrower than before."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.view.printable import printable

MIN_WIDTH = 6
PADDING = 3


class AlignedLines:
    """Remembers its widths, so that later rows stand under earlier ones."""

    def __init__(self) -> None:
        self._widths: list[int] = []

    def reset(self) -> None:
        """A new table begins."""
        self._widths = []

    def lines(self, rows: Sequence[Sequence[str]]) -> str:
        """The rows as text; each has as many cells as those before."""
        if not rows:
            return ""
        # An escape as kubectl shows it, the rest of what a terminal would obey as pictures.
        rows = [[printable(cell.replace("\x1b", "^[")) for cell in row] for row in rows]
        widths = self._widths or [MIN_WIDTH] * len(rows[0])
        self._widths = [max(width, *(len(row[index]) + PADDING for row in rows)) for index, width in enumerate(widths)]
        return "".join(self._line(row) for row in rows)

    def _line(self, cells: Sequence[str]) -> str:
        padded = [cell.ljust(width) for cell, width in zip(cells[:-1], self._widths, strict=False)]
        return "".join(padded) + cells[-1] + "\n"

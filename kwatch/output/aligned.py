"""Aligned columns, byte for byte as kubectl writes them: its printTable over its tabwriter.

Columns stand three spaces apart, are at least six wide and never narrower than before. The text of a cell ends at its
first line break, with three dots; tabs in it begin a new cell. What a terminal would obey is made visible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kwatch.base.printable import printable

MIN_WIDTH = 6
PADDING = 3
FLUSHED = 100
"""Rows of a table after which kubectl writes what it has."""
_BREAK = re.compile(r"[\f\n\r]")
_CELL_END = re.compile(r"[\t\v]")


class AlignedLines:
    """Remembers its widths, so that later rows stand under earlier ones."""

    def __init__(self) -> None:
        self._widths: list[int] = []

    def reset(self) -> None:
        """A new table begins."""
        self._widths = []

    def table(self, header: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> str:
        """A table of the server's: each row has as many cells as the header. Without one the columns are known."""
        if not rows:
            return ""
        # kubectl measures in bytes what it pads here, and what it truncates before that.
        widest = [max(_bytes(row[column]) for row in rows) for column in range(len(rows[0]) - 1)] + [0]
        first = rows[0] if header is None else header
        padding = [" " * max(0, width - _bytes(cell)) for width, cell in zip(widest, first, strict=True)]
        lines = [[_truncated(cell) for cell in row] for row in rows]
        begin = lines.pop(0) if header is None else [_escaped(cell) for cell in header]
        begin = [cell + spaces for cell, spaces in zip(begin, padding, strict=True)]
        at = FLUSHED - (header is None)
        groups = [[begin, *lines[:at]], *(lines[at : at + FLUSHED] for at in range(at, len(lines), FLUSHED))]
        return "".join(self._written("\n".join("\t".join(cells) for cells in group)) for group in groups)

    def lines(self, rows: Sequence[Sequence[str]]) -> str:
        """Rows of cells that may hold line breaks."""
        return self._written("\n".join("\t".join(map(_escaped, row)) for row in rows)) if rows else ""

    def _written(self, text: str) -> str:
        """What the tabwriter makes of cells that end with tabs; a form feed ends a line, and what is aligned."""
        return "".join(map(self._aligned, text.split("\f")))

    def _aligned(self, text: str) -> str:
        lines = [[printable(cell) for cell in _CELL_END.split(line)] for line in text.split("\n")]
        widths: list[list[int]] = [[] for _ in lines]
        for column in range(max(map(len, lines)) - 1):
            for block in _blocks(lines, column):
                width = max(MIN_WIDTH, *(len(lines[number][column]) + PADDING for number in block))
                if column == len(self._widths):
                    self._widths.append(width)
                self._widths[column] = width = max(width, self._widths[column])
                for number in block:
                    widths[number].append(width)
        return "".join(
            "".join(map(str.ljust, cells, ends)) + cells[-1] + "\n" for cells, ends in zip(lines, widths, strict=True)
        )


def _blocks(lines: Sequence[Sequence[str]], column: int) -> Iterator[range]:
    """The runs of lines in which this cell is followed by another: they are as wide as the widest of them."""
    start = None
    for number, line in enumerate(lines):
        if len(line) - 1 > column:
            start = number if start is None else start
        elif start is not None:
            yield range(start, number)
            start = None
    if start is not None:
        yield range(start, len(lines))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _truncated(cell: str) -> str:
    found = _BREAK.search(cell)
    return _escaped(cell if found is None else cell[: found.start()]) + ("..." if found is not None else "")


def _escaped(cell: str) -> str:
    return cell.replace("\x1b", "^[").replace("\r", "\\r")

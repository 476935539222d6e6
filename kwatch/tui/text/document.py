"""What a text view shows of its lines: folded, wrapped, searched. Knows no widget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kwatch.tui.text.folding import block_end, visible_lines
from kwatch.tui.text.line import Line


class Document:
    """`rows` are what is displayed, each a line or a piece of one; `line_of` tells from which line a row comes."""

    def __init__(self, *, limit: int | None = None) -> None:
        self.lines: list[Line] = []
        self.rows: list[Line] = []
        self.line_of: list[int] = []
        self.folded: frozenset[int] = frozenset()
        self.dropped = 0
        """How many lines were let go of at the top because of `limit`."""
        self._limit = limit
        self._wrap_width: int | None = None

    @property
    def width(self) -> int:
        """The longest row, in characters."""
        return max((len(row.text) for row in self.rows), default=0)

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Other content; folds stay where the same lines head the same blocks."""
        heads = {self.lines[number].text for number in self.folded if number < len(self.lines)}
        self.lines = list(lines)
        self.folded = frozenset(number for number, line in enumerate(self.lines) if heads and line.text in heads)
        self.lay_out()

    def append(self, lines: Iterable[Line]) -> int:
        """More at the end; how many rows went at the top."""
        fresh = list(lines)
        first = len(self.lines)
        self.lines += fresh
        for number, line in enumerate(fresh, first):
            self._add_row(number, line)
        excess = len(self.lines) - self._limit if self._limit is not None else 0
        # Trimmed in large steps: each one moves everything.
        if self._limit is None or excess < max(1, self._limit // 10):
            return 0
        del self.lines[:excess]
        self.dropped += excess
        before = len(self.rows)
        self.lay_out()
        return before - len(self.rows)

    def wrap(self, width: int | None) -> None:
        """Break lines at `width` characters; None: not at all."""
        if width != self._wrap_width:
            self._wrap_width = width
            self.lay_out()

    def can_fold(self, number: int) -> bool:
        """Whether a line opens a block."""
        return block_end([line.text for line in self.lines[number : number + 3]], 0) > 1

    def toggle_fold(self, number: int) -> None:
        """Fold the block that a line opens, or unfold it."""
        self.folded = self.folded ^ {number}
        self.lay_out()

    def lay_out(self) -> None:
        """Build the rows anew."""
        self.rows, self.line_of = [], []
        for number in visible_lines([line.text for line in self.lines], self.folded):
            self._add_row(number, self.lines[number])

    def find(self, wanted: str) -> list[int]:
        """The rows that contain a text, case ignored unless capitals are typed."""
        if not wanted:
            return []
        if wanted.islower() or not wanted.isalpha():
            wanted = wanted.casefold()
            return [number for number, row in enumerate(self.rows) if wanted in row.text.casefold()]
        return [number for number, row in enumerate(self.rows) if wanted in row.text]

    def text(self) -> str:
        """All of it, for copying."""
        return "\n".join(line.text for line in self.lines)

    def _add_row(self, number: int, line: Line) -> None:
        if self._wrap_width is None:
            self.rows.append(line)
            self.line_of.append(number)
            return
        for piece in line.cut(self._wrap_width):
            self.rows.append(piece)
            self.line_of.append(number)

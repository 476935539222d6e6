"""What a text view shows of its lines: folded, wrapped, searched. Knows no widget."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from kwatch.base.finding import Finder
from kwatch.tui.kit.text.line import Line

_MOST_PLACES = 256
"""Rows of which it is kept where they have what is searched: those on the screen, and some."""


def indent_of(text: str) -> int:
    """Spaces before the first character; a list's dash counts as the indent of what follows it at the same depth."""
    return len(text) - len(text.lstrip(" "))


def block_end(texts: Sequence[str], start: int) -> int:
    """The line after the block that `start` opens; `start + 1` when it opens none."""
    head = texts[start]
    indent = indent_of(head)
    opens_list = head.rstrip().endswith(":")
    end = start + 1
    while end < len(texts):
        text = texts[end]
        if text.strip():
            depth = indent_of(text)
            same_level_item = opens_list and depth == indent and text.lstrip().startswith("- ")
            if depth <= indent and not (same_level_item and not head.lstrip().startswith("- ")):
                break
        end += 1
    return end


def visible_lines(texts: Sequence[str], folded: frozenset[int]) -> list[int]:
    """The numbers of the lines shown; the head of a folded block stays."""
    if not folded:
        return list(range(len(texts)))
    shown: list[int] = []
    number = 0
    while number < len(texts):
        shown.append(number)
        number = block_end(texts, number) if number in folded else number + 1
    return shown


class Document:
    """`rows` are what is displayed, each a line or a piece of one; `line_of` is the line that each row comes from."""

    def __init__(self, *, limit: int | None = None) -> None:
        self.lines: list[Line] = []
        self._rows: list[Line] = []
        self.line_of: list[int] = []
        self.folded: frozenset[int] = frozenset()
        self.dropped = 0
        """How many lines were dropped at the top because of `limit`."""
        self._limit = limit
        self._wrap_width: int | None = None

    @property
    def rows(self) -> Sequence[Line]:
        return self._rows

    @property
    def width(self) -> int:
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
        return block_end([line.text for line in self.lines[number : number + 3]], 0) > 1

    def toggle_fold(self, number: int) -> None:
        self.folded = self.folded ^ {number}
        self.lay_out()

    def lay_out(self) -> None:
        self._rows, self.line_of = [], []
        for number in visible_lines([line.text for line in self.lines], self.folded):
            self._add_row(number, self.lines[number])

    def find(self, finder: Finder) -> list[int]:
        """The rows on which what is looked for begins."""
        if not finder:
            return []
        return [number for number, row in enumerate(self.rows) if finder.finds(row.text)]

    def places(self, row: int, finder: Finder) -> list[tuple[int, int]]:
        """From which to which character of a row it stands."""
        return finder.places(self.rows[row].text)

    def continues(self, row: int) -> bool:
        """Whether a row goes on the line of the row above."""
        return row > 0 and self.line_of[row - 1] == self.line_of[row]

    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    def _add_row(self, number: int, line: Line) -> None:
        line = line.with_links()
        if self._wrap_width is None:
            self._rows.append(line)
            self.line_of.append(number)
            return
        for piece in line.cut(self._wrap_width):
            self._rows.append(piece)
            self.line_of.append(number)


class Search:
    """`wanted` is empty while nothing is searched. Call `renew` when the document's rows changed."""

    def __init__(self, document: Document) -> None:
        self.rows: list[int] = []
        """The rows that have it, from top to bottom."""
        self._document = document
        self._finder = Finder("")
        self._at = 0
        self._places: dict[int, list[tuple[int, int]]] = {}

    @property
    def wanted(self) -> str:
        return self._finder.wanted

    @property
    def trouble(self) -> str:
        """Why no more is found of what is looked for."""
        return self._finder.trouble

    @property
    def row(self) -> int | None:
        """The row of the current match; None if there is none."""
        return self.rows[self._at] if self.rows else None

    @property
    def number(self) -> int:
        """Which of the matches that is, from 1; 0 if there is none."""
        return self._at + 1 if self.rows else 0

    def begin(self, wanted: str, top: int) -> None:
        """Look for something else; the first match at or below the row `top` becomes the current one. Raise
        ValueError for an expression that is none, or takes too long here: what was looked for stays.
        """
        finder = Finder(wanted)
        rows = self._document.find(finder)
        finder.check()
        self._finder, self.rows = finder, rows
        self._places.clear()
        self._at = bisect_left(self.rows, top) % max(1, len(self.rows))

    def renew(self, row: int | None = None) -> None:
        """`row` is where the match one stands on is now. One stays on it, or on the next one below."""
        row = self.row if row is None else row
        self._places.clear()
        self.rows = self._document.find(self._finder)
        self._at = min(bisect_left(self.rows, row), max(0, len(self.rows) - 1)) if row is not None else 0

    def go(self, by: int) -> None:
        if self.rows:
            self._at = (self._at + by) % len(self.rows)

    def places(self, row: int) -> list[tuple[int, int]]:
        """From which to which character of a row it stands."""
        if not self._finder:
            return []
        places = self._places.get(row)
        if places is None:
            if len(self._places) >= _MOST_PLACES:
                self._places.clear()
            places = self._places[row] = self._document.places(row, self._finder)
        return places

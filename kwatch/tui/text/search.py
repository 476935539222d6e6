"""A search in a document: which rows have what is looked for, and on which of them one stands."""

from __future__ import annotations

from kwatch.tui.text.document import Document


class Search:
    """`wanted` is empty while nothing is searched. `renew` whenever the document's rows are others."""

    def __init__(self, document: Document) -> None:
        self.wanted = ""
        self.rows: list[int] = []
        """The rows that have it, from top to bottom."""
        self._document = document
        self._found: frozenset[int] = frozenset()
        self._at = 0

    @property
    def row(self) -> int | None:
        """The row of the match one stands on; None if there is none."""
        return self.rows[self._at] if self.rows else None

    @property
    def number(self) -> int:
        """Which of the matches that is, from 1; 0 if there is none."""
        return self._at + 1 if self.rows else 0

    def begin(self, wanted: str, top: int) -> None:
        """Look for something else, and stand on the first match at or below the row `top`."""
        self.wanted = wanted
        self.renew()
        self._at = next((index for index, row in enumerate(self.rows) if row >= top), 0)

    def renew(self) -> None:
        """Look again."""
        self.rows = self._document.find(self.wanted)
        self._found = frozenset(self.rows)
        self._at = min(self._at, max(0, len(self.rows) - 1))

    def go(self, by: int) -> None:
        """To another match, round and round."""
        if self.rows:
            self._at = (self._at + by) % len(self.rows)

    def places(self, row: int) -> list[tuple[int, int]]:
        """From which to which character of a row it stands."""
        if not self.wanted or row not in self._found:
            return []
        text, wanted = self._document.rows[row].text, self.wanted
        if wanted.islower() or not wanted.isalpha():
            text, wanted = text.casefold(), wanted.casefold()
        found, start = [], text.find(wanted)
        while start >= 0:
            found.append((start, start + len(wanted)))
            start = text.find(wanted, start + len(wanted))
        return found

"""`cart`, `"two words"`: text in the row; `-f crt`: its letters, in this order, in the name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kwatch.informer.index import LABEL_INDEX
from kwatch.informer.metadata import labels_of
from kwatch.query.context import Context, IndexAccess
from kwatch.query.row import Row
from kwatch.query.syntax import quoted
from kwatch.query.term import Matcher, Term
from kwatch.query.terms.label import pairs_of


@dataclass(frozen=True)
class Text(Term):
    """Case is ignored unless capitals are typed.

    A bare word also finds objects that carry a label of exactly that key, as `-l word` does; quoted, it is text only.
    """

    text: str
    bare: bool = True

    def compile(self, context: Context) -> Matcher:
        return TextMatcher(self.text, self.text if self.bare else None, context.index)

    def __str__(self) -> str:
        return self.text if self.bare else quoted(self.text)


class TextMatcher(Matcher):
    """Looks in lower case first, which is kept, and at the case only where that hit."""

    cost = 2

    def __init__(self, text: str, label_key: str | None, index: IndexAccess) -> None:
        self._text = text
        self._needle = text.lower()
        self._exact = text != self._needle
        self.likely_in_name = self._needle
        self._label_key = label_key
        self._index = index

    def matches(self, row: Row, now: float) -> bool:
        if self._finds(row):
            return True
        return self._label_key is not None and self._label_key in labels_of(row.obj)

    def select(self, rows: Sequence[Row], now: float) -> Sequence[Row]:
        """The same for many rows, asking the index of labels only once."""
        if self._label_key is not None and LABEL_INDEX not in self._index.index_names:
            return super().select(rows, now)
        needle = self._needle
        if self._label_key is not None:
            labelled = self._index.index_key_set(LABEL_INDEX, pairs_of(self._index, self._label_key))
            if labelled:
                return [row for row in rows if row.key in labelled or self._finds(row)]
        found = [row for row in rows if needle in (row.known_search_text or row.search_text)]
        return [row for row in found if self._text in row.text] if self._exact else found

    def _finds(self, row: Row) -> bool:
        return self._needle in row.search_text and (not self._exact or self._text in row.text)


@dataclass(frozen=True)
class Fuzzy(Term):
    """Case is ignored."""

    text: str

    def compile(self, context: Context) -> Matcher:
        return FuzzyMatcher(self.text)

    def __str__(self) -> str:
        plain = self.text and not any(character.isspace() or character in "\"'" for character in self.text)
        return f"-f {self.text if plain else quoted(self.text)}"


class FuzzyMatcher(Matcher):
    """Finds each letter after the one before."""

    cost = 0
    answered_by = "names"

    def __init__(self, text: str) -> None:
        self._letters = text.lower()

    def matches(self, row: Row, now: float) -> bool:
        rest = iter(row.name.lower())
        return all(letter in rest for letter in self._letters)

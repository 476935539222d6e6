"""`cart`: text in the name or any shown cell, or the key of a label."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.informer.metadata import labels_of
from kwatch.query.context import Context
from kwatch.query.matcher import Matcher
from kwatch.query.quoting import quoted
from kwatch.query.row import Row
from kwatch.query.terms.term import Term


@dataclass(frozen=True)
class Text(Term):
    """Case is ignored unless capitals are typed.

    A bare word also finds objects that carry a label of exactly that key, as `-l word` does; quoted, it is text only.
    """

    text: str
    bare: bool = True

    def compile(self, context: Context) -> Matcher:
        """Search the haystacks."""
        return TextMatcher(self.text, self.bare)

    def __str__(self) -> str:
        return self.text if self.bare else quoted(self.text)


class TextMatcher(Matcher):
    """Looks in lower case first, which is kept, and at the case only where that hit."""

    cost = 2

    def __init__(self, text: str, with_label_key: bool) -> None:
        self._text = text
        self._needle = text.lower()
        self._exact = text != self._needle
        self._label_key = text if with_label_key else None

    def matches(self, row: Row, now: float) -> bool:
        """Whether a cell holds the text, or a label has it as its key."""
        if self._needle in row.haystack and (not self._exact or self._text in row.text):
            return True
        return self._label_key is not None and self._label_key in labels_of(row.obj)

"""`-f wbprd`: the letters in this order somewhere in the name, as k9s has it."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.query.context import Context
from kwatch.query.matcher import Matcher
from kwatch.query.quoting import quoted
from kwatch.query.row import Row
from kwatch.query.terms.term import Term


@dataclass(frozen=True)
class Fuzzy(Term):
    """Case is ignored."""

    text: str

    def compile(self, context: Context) -> Matcher:
        """Look at names only, which needs no object to be read."""
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
        """Whether the name has all letters in order."""
        rest = iter(row.name.lower())
        return all(letter in rest for letter in self._letters)

"""`/^web-.*7$/`: a regular expression over the name and every shown cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kwatch.query.context import Context
from kwatch.query.errors import QuerySyntaxError
from kwatch.query.matcher import Matcher
from kwatch.query.regex_safety import UnsafePattern, longest_text
from kwatch.query.row import SEPARATOR, Row
from kwatch.query.terms.term import Term

_CAPITAL = re.compile(r"(?<!\\)(?:\\\\)*[A-Z]")


@dataclass(frozen=True)
class Regex(Term):
    """Case is ignored unless capitals are typed (not those of `\\S`). `^` and `$` are the ends of a cell."""

    pattern: str

    def compile(self, context: Context) -> Matcher:
        """Compile it; the parser has found it to be sound."""
        return RegexMatcher(self.pattern)

    def __str__(self) -> str:
        return f"/{self.pattern}/"


def check_pattern(pattern: str, start: int, end: int) -> None:
    """Raise QuerySyntaxError for a pattern that is broken, or that could take for ever."""
    try:
        longest_text(pattern)
    except UnsafePattern as error:
        raise QuerySyntaxError(str(error), start, end) from error
    except (re.error, RecursionError, OverflowError) as error:
        reason = str(error).partition(" at position")[0] or "nested too deep"
        place = getattr(error, "pos", None)
        at = start + 1 + place if isinstance(place, int) else start
        raise QuerySyntaxError(f"The regular expression is broken: {reason}.", min(at, end), end) from error


class RegexMatcher(Matcher):
    """Searches all cells at once, and cell by cell only where that hit."""

    cost = 2

    def __init__(self, pattern: str) -> None:
        self._any_case = _CAPITAL.search(pattern) is None
        self._across = re.compile(pattern, re.MULTILINE)
        self._within = re.compile(pattern)
        self._limit = longest_text(pattern)

    def matches(self, row: Row, now: float) -> bool:
        """Whether any cell has a match."""
        text = row.haystack if self._any_case else row.text
        limit = self._limit
        if len(text) <= limit and self._across.search(text) is None:
            return False
        # A class such as [^,] also matches what stands between cells, so a hit must be found again within one.
        search = self._within.search
        return any(search(cell[:limit]) for cell in text.split(SEPARATOR))

    def select(self, rows: Sequence[Row], now: float) -> Sequence[Row]:
        """The same for many rows: what has no hit in all its cells together is left out without a call."""
        if not self._any_case:
            return super().select(rows, now)
        search, limit = self._across.search, self._limit
        hits = [
            row for row in rows if len(text := row.known_haystack or row.haystack) > limit or search(text) is not None
        ]
        return super().select(hits, now)

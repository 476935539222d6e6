"""`/^web-.*7$/`, `cart|web`: a regular expression over the name and every shown cell. Between slashes anything is one;
without them what can be nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kwatch.base.finding import BROKEN, BoundedRegex, UnsafePattern, longest_text
from kwatch.query.context import Context
from kwatch.query.row import SEPARATOR, Row
from kwatch.query.syntax import QuerySyntaxError
from kwatch.query.term import Matcher, Term

_CAPITAL = re.compile(r"(?<!\\)(?:\\\\)*[A-Z]")


def has_capitals(pattern: str) -> bool:
    """Whether capitals are typed in it, so that case counts; those of `\\S` are none."""
    return _CAPITAL.search(pattern) is not None


@dataclass(frozen=True)
class Regex(Term):
    """Case is ignored unless capitals are typed (not those of `\\S`). `^` and `$` are the ends of a cell."""

    pattern: str
    bare: bool = False
    """Typed without slashes."""

    def compile(self, context: Context) -> Matcher:
        return RegexMatcher(self.pattern)

    def __str__(self) -> str:
        return self.pattern if self.bare else f"/{self.pattern}/"

    @property
    def told(self) -> str:
        return f"{self} (a regular expression)" if self.bare else str(self)


_SURELY = re.compile(
    r"""\\[dDwWsSbB.]  # a class, an end, a dot that is meant
    | \||\.[*+]|\A\^|\$\Z  # alternatives, anything, the ends of a cell
    | \[\^?[\w-]+\]  # one of several characters, which no address in brackets is
    """,
    re.VERBOSE,
)


def is_surely_regex(word: str) -> bool:
    """Whether a word can hardly be anything else: `cart|web`, `^web-.*7$`, `web-[0-3]`. A lone dot, star or bracket is
    a part of many a name.
    """
    return _SURELY.search(word) is not None


def check_pattern(pattern: str, start: int, end: int, *, bare: bool = False) -> None:
    """Raise QuerySyntaxError for a pattern that is broken, or that could take for ever."""
    or_text = " (a text stands in quotes)" if bare else ""
    try:
        longest_text(pattern)
    except UnsafePattern as error:
        raise QuerySyntaxError(str(error), start, end) from error
    except BROKEN as error:
        reason = str(error).partition(" at position")[0] or "nested too deep"
        place = getattr(error, "pos", None)
        at = start + (not bare) + place if isinstance(place, int) else start
        raise QuerySyntaxError(f"The regular expression is broken: {reason}{or_text}.", min(at, end), end) from error


class RegexMatcher(Matcher):
    """Searches all cells at once, and cell by cell only where that hit."""

    cost = 2

    def __init__(self, pattern: str) -> None:
        self._any_case = not has_capitals(pattern)
        self._across = re.compile(pattern, re.MULTILINE)
        self._within = BoundedRegex(pattern)
        self._limit = longest_text(pattern)

    def matches(self, row: Row, now: float) -> bool:
        text = row.search_text if self._any_case else row.text
        limit = self._limit
        if len(text) <= limit and self._across.search(text) is None:
            return False
        # A class such as [^,] also matches what stands between cells, so a hit must be found again within one.
        finds = self._within.finds
        return any(finds(cell) for cell in text.split(SEPARATOR))

    def select(self, rows: Sequence[Row], now: float) -> Sequence[Row]:
        """The same for many rows: what has no hit in all its cells together is left out without a call."""
        if not self._any_case:
            return super().select(rows, now)
        search, limit = self._across.search, self._limit
        texts = ((row, row.known_search_text or row.search_text) for row in rows)
        hits = [row for row, text in texts if len(text) > limit or search(text) is not None]
        return super().select(hits, now)

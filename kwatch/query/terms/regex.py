"""`/^web-.*7$/`, `cart|web`: a regular expression over the name and every shown cell. Between slashes anything is one;
without them what can be nothing else.

Python's engine backtracks: `(a+)+b` needs time exponential in the text, `.*.*.*x` its fourth power, and nothing can
interrupt it. So the first sort is refused, and of the second only as long a text is searched as is quickly done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

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
    except (re.error, RecursionError, OverflowError) as error:
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
        self._within = re.compile(pattern)
        self._limit = longest_text(pattern)

    def matches(self, row: Row, now: float) -> bool:
        text = row.search_text if self._any_case else row.text
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
        texts = ((row, row.known_search_text or row.search_text) for row in rows)
        hits = [row for row, text in texts if len(text) > limit or search(text) is not None]
        return super().select(hits, now)


_STEPS = 10_000_000
"""How many steps of the engine a search may need at worst; about a tenth of a second."""
_LONGEST = 4096
_MOST_REPEATS = 6
_LONGEST_PATTERN = 1000
_REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT)
_REFUSED = {
    constants.GROUPREF: "refers back to a group",
    constants.GROUPREF_EXISTS: "refers back to a group",
    constants.ASSERT: "looks ahead or behind",
    constants.ASSERT_NOT: "looks ahead or behind",
}


class UnsafePattern(ValueError):
    """A pattern that could take for ever; the message is a sentence for the user."""


@lru_cache(maxsize=64)
def longest_text(pattern: str) -> int:
    """How long a text may be so that searching it is quick; raise UnsafePattern if none may, re.error if broken."""
    if len(pattern) > _LONGEST_PATTERN:
        raise UnsafePattern(f"A regular expression may have {_LONGEST_PATTERN} characters at most.")
    re.compile(pattern)
    repeats = sum(_repeats(parser.parse(pattern), inside=False))
    if repeats > _MOST_REPEATS:
        raise UnsafePattern(
            f"A regular expression may repeat at {_MOST_REPEATS} places at most; this one could be slow."
        )
    # A search begins at every character, so that is one power more; n things chosen in order take n^k / k! steps.
    power = repeats + 1
    length, steps = 1.0, float(_STEPS)
    for factor in range(1, power + 1):
        steps *= factor
    length = steps ** (1 / power)
    return min(_LONGEST, int(length))


def _repeats(tree: Any, *, inside: bool) -> Iterator[int]:
    """One for each repeat of variable length; raise UnsafePattern where one stands inside another."""
    for operation, argument in tree:
        if operation in _REFUSED:
            raise UnsafePattern(f"The regular expression {_REFUSED[operation]}, which could be slow.")
        if operation in _REPEATS:
            yield from _of_repeat(argument, inside)
        elif operation is constants.BRANCH:
            if inside:
                raise UnsafePattern("The regular expression repeats alternatives, which could be slow; use [abc].")
            # Alternatives are tried one after the other: their work adds up rather than multiplies.
            yield max((sum(_repeats(branch, inside=inside)) for branch in argument[1]), default=0)
        elif operation is constants.SUBPATTERN:
            yield from _repeats(argument[-1], inside=inside)
        elif operation is constants.ATOMIC_GROUP:
            yield from _repeats(argument, inside=inside)


def _of_repeat(argument: Any, inside: bool) -> Iterator[int]:
    least, most, repeated = argument
    variable = most is constants.MAXREPEAT or most > least
    if inside and variable:
        raise UnsafePattern("The regular expression repeats a repeat, which could take for ever.")
    if variable:
        yield 1
    yield from _repeats(repeated, inside=inside or most is constants.MAXREPEAT or most > 1)

"""Which regular expressions are quick whatever they are matched against.

Python's engine backtracks: `(a+)+b` needs time exponential in the text, `.*.*.*x` its fourth power, and nothing can
interrupt it. So the first sort is refused, and of the second only as long a text is searched as is quickly done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

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
    """A pattern that could take for ever; the message is a sentence for whoever typed it."""


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

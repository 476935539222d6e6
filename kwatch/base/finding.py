"""What people look for in lines of text: a text, or a regular expression between slashes. And regular expressions that
end: what could take for ever is refused, and no longer a text is searched than is quick.

Python's engine backtracks: `(a+)+b` needs time exponential in the text, `.*.*.*x` its fourth power, and nothing can
interrupt it. So the first sort is refused, and of the second only as long a text is searched as is quickly done. Of
most that people type, such as `GET .*timeout` or `\\d+\\.\\d+ms`, that is thousands of characters.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

BROKEN = (re.error, RecursionError, OverflowError)
"""What Python raises for an expression that is none."""
_STEPS = 10_000_000
"""How many steps of the engine a search may need at worst; about a tenth of a second."""
_MOST_REPEATS = 6
_LONGEST_PATTERN = 1000
_REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT)
_REFERENCES = (constants.GROUPREF, constants.GROUPREF_EXISTS)
_LOOKS = (constants.ASSERT, constants.ASSERT_NOT)


class UnsafePattern(ValueError):
    """A pattern that could take for ever; the message is a sentence for the user."""


class BoundedRegex:
    """Raise UnsafePattern for an expression that could take for ever, BROKEN for one that is none."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = pattern
        whole = re.compile(pattern, flags)
        self._whole, self._limit = whole, longest_text(pattern)
        *fixed, last = _parts(pattern) if whole.flags == re.compile("", flags).flags else [(0, pattern)]
        self._parts = [(gap, re.compile(part, flags)) for gap, part in (*fixed, last)]
        self.longest = longest_text(last[1])
        """How many characters of a text are searched."""

    def finds(self, text: str) -> bool:
        """Whether it is there. Of what has `.*` between, each part is looked for after the one before."""
        at = 0
        for gap, part in self._parts:
            found = part.search(text, at + gap, at + gap + self.longest)
            if found is None or at + gap > len(text):
                return False
            at = found.end()
        return True

    def places(self, text: str) -> list[tuple[int, int]]:
        """From which to which character, each time that it is something."""
        found = self._whole.finditer(text, 0, self._limit)
        return [each.span() for each in found if each.end() > each.start()]


def _parts(pattern: str) -> list[tuple[int, str]]:
    """What an expression asks for one after the other, with anything between (`.*`, or `.+`: 1 character at least); in
    one part where all but the last are not of a fixed width, so that the first match need not be the one to take.
    """
    parts, gap, start, depth, is_class = list[tuple[int, str]](), 0, 0, 0, False
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if is_class:
            is_class = text != "]"
        elif text[0] == "[":
            is_class = True
        elif text in "()":
            depth += 1 if text == "(" else -1
        elif depth:
            continue
        elif text == "|":
            return [(0, pattern)]
        elif token["gap"]:
            parts.append((gap, pattern[start : token.start()]))
            gap, start = int(text[1] == "+"), token.end()
    parts.append((gap, pattern[start:]))
    widths = [parser.parse(part).getwidth() for _, part in parts[:-1]]
    return parts if all(least == most for least, most in widths) else [(0, pattern)]


_TOKEN = re.compile(r"\\.|\[\^?\]?|(?P<gap>\.[*+]\??(?![+*?{]))|.", re.DOTALL)


@lru_cache(maxsize=64)
def longest_text(pattern: str) -> int:
    """How long a text may be so that searching it is quick; raise UnsafePattern if none may, BROKEN if it is none."""
    if len(pattern) > _LONGEST_PATTERN:
        raise UnsafePattern(f"A regular expression may have {_LONGEST_PATTERN} characters at most.")
    re.compile(pattern)
    tree = parser.parse(pattern)
    powers = [*_repeats(tree, inside=False)]
    if powers and tree[-1][0] in _REPEATS and len(tree[-1][1][2]) == 1:
        powers.pop()  # nothing comes after it that could fail
    repeats = sum(powers) + (0 in powers)
    if repeats > _MOST_REPEATS:
        raise UnsafePattern(f"This could be slow: it repeats at more than {_MOST_REPEATS} places.")
    # A search begins at every character, so that is one power more; n things chosen in order take n^k / k! steps.
    power = repeats + 1
    length, steps = 1.0, float(_STEPS)
    for factor in range(1, power + 1):
        steps *= factor
    length = steps ** (1 / power)
    return int(length)


def _repeats(tree: Sequence[Any], *, inside: bool) -> Iterator[int]:
    """By how many powers each repeat makes a search longer: 0 where there is but one way to end it. Raise UnsafePattern
    where one stands inside another.
    """
    for at, (operation, argument) in enumerate(tree):
        if operation in _REFERENCES:
            raise UnsafePattern("This could be slow: it refers back to a group.")
        if operation in _REPEATS:
            yield from _of_repeat(argument, inside, tree[at + 1] if at + 1 < len(tree) else None)
        elif operation is constants.BRANCH:
            if inside:
                raise UnsafePattern("This could be slow: it repeats alternatives; use [abc].")
            # Alternatives are tried one after the other: their work adds up rather than multiplies.
            branches = [[*_repeats(branch, inside=inside)] for branch in argument[1]]
            if any(branches):
                yield max(sum(each) + (0 in each) for each in branches)
        elif operation is constants.SUBPATTERN or operation in _LOOKS:
            yield from _repeats(argument[-1], inside=inside)
        elif operation is constants.ATOMIC_GROUP:
            yield from _repeats(argument, inside=inside)


def _of_repeat(argument: Any, inside: bool, following: Any) -> Iterator[int]:
    least, most, repeated = argument
    variable = most is constants.MAXREPEAT or most > least
    if inside and variable:
        raise UnsafePattern("This could take for ever: it repeats a repeat.")
    if variable:
        yield 0 if _ends_before(repeated, following) else 1
    yield from _repeats(repeated, inside=inside or most is constants.MAXREPEAT or most > 1)


def _ends_before(repeated: Sequence[Any], following: Any) -> bool:
    r"""Whether the repeat of one character can only end where it ends first, as that of `\d+\.` before the dot."""
    if following is not None and following[0] in _REPEATS and following[1][0] > 0:
        following = following[1][2][0] if len(following[1][2]) == 1 else None
    if following is None or len(repeated) != 1:
        return False
    ours, theirs = _characters(*repeated[0]), _characters(*following)
    return ours is not None and theirs is not None and not ours & theirs


_ALL = frozenset(range(0x250))
"""Latin: what classes have beyond it they have in it, too."""


def _characters(operation: Any, argument: Any) -> frozenset[int] | None:
    """Of one character of an expression, what it may be, in any case; None where that is not known."""
    if operation is constants.ANY:
        return _ALL
    if operation is constants.LITERAL:
        return _in_any_case([argument])
    if operation is constants.NOT_LITERAL:
        return _ALL - {argument}
    if operation is not constants.IN:
        return None
    negated = argument[0][0] is constants.NEGATE
    found: frozenset[int] = frozenset()
    for kind, what in argument[negated:]:
        if kind is constants.CATEGORY:
            found |= _of_class(what)
        else:
            characters = range(what[0], what[1] + 1) if kind is constants.RANGE else [what]
            part = frozenset(characters) if negated else _in_any_case(characters)
            if part is None:
                return None
            found |= part
    return _ALL - found if negated else found


def _in_any_case(characters: Sequence[int]) -> frozenset[int] | None:
    if characters[-1] not in _ALL:
        return None
    return frozenset(ord(each) for code in characters for each in (chr(code), *chr(code).swapcase()))


@cache
def _of_class(category: Any) -> frozenset[int]:
    letter = {
        constants.CATEGORY_DIGIT: r"\d",
        constants.CATEGORY_NOT_DIGIT: r"\D",
        constants.CATEGORY_SPACE: r"\s",
        constants.CATEGORY_NOT_SPACE: r"\S",
        constants.CATEGORY_WORD: r"\w",
        constants.CATEGORY_NOT_WORD: r"\W",
    }[category]
    return frozenset(code for code in _ALL if re.match(letter, chr(code)))


ALLOWED = 0.3
"""Seconds of the processor that an expression may take in all..."""
ALLOWED_EACH = 60e-9
"""...and for each character that it looks at: twice what those take that are typed to find something."""
_USUAL = 2000
"""Characters that few lines have."""
TOO_SLOW = "too slow for these lines, so it was stopped"


class Finder:
    """`error` finds the text, `/timeout|refused/` what the expression describes; case is ignored unless capitals are
    typed. Nothing finds nothing. Raise ValueError, whose text says why, for an expression that is none, or could take
    for ever. One that takes long finds nothing more, and `trouble` says so.
    """

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        self.trouble = ""
        is_expression = len(wanted) > 2 and wanted[0] == wanted[-1] == "/"
        body = wanted[1:-1] if is_expression else wanted
        ignores_case = _lower(body) if is_expression else body == body.lower()
        self._text = "" if is_expression else body.casefold() if ignores_case else body
        self._folds = ignores_case
        flags = re.IGNORECASE if ignores_case else 0
        self._literal = re.compile(re.escape(body), flags)
        self._expression: BoundedRegex | None = None
        self._took, self._allowed = 0.0, ALLOWED
        if is_expression:
            try:
                self._expression = BoundedRegex(body, flags)
            except BROKEN as error:
                raise ValueError(f"that is not a regular expression: {getattr(error, 'msg', error)}") from None

    def __bool__(self) -> bool:
        return bool(self.wanted)

    @property
    def within(self) -> str:
        """Where it is looked for, if that is not the whole of a usual line."""
        longest = _USUAL if self._expression is None else self._expression.longest
        return "" if longest >= _USUAL else f", in the first {longest} characters of each"

    def check(self) -> None:
        """Raise ValueError once it took too long."""
        if self.trouble:
            raise ValueError(self.trouble)

    def finds(self, text: str) -> bool:
        """Whether it is there."""
        expression = self._expression
        if expression is None:  # several times as fast as an expression
            return bool(self.wanted) and self._text in (text.casefold() if self._folds else text)
        if self.trouble:
            return False
        began = time.thread_time()
        found = expression.finds(text)
        self._took += time.thread_time() - began
        self._allowed += ALLOWED_EACH * len(text)
        if self._took > self._allowed:
            self.trouble = TOO_SLOW
        return found

    def places(self, text: str) -> list[tuple[int, int]]:
        """From which to which character it stands there, each time."""
        if self._expression is not None:
            return [] if self.trouble else self._expression.places(text)
        return [each.span() for each in self._literal.finditer(text)] if self else []


def _lower(expression: str) -> bool:
    r"""Whether it has no capitals but those of classes, as in \W."""
    plain = re.sub(r"\\.", "", expression)
    return plain == plain.lower()

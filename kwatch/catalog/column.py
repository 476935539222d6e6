"""One column of a kind: how a value read from an object becomes text, order and meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any


class _Unreadable:
    def __repr__(self) -> str:
        return "?"

    __str__ = __repr__


UNREADABLE = _Unreadable()
"""A value that the object has in an unexpected form. Its text is a question mark, it sorts last."""


NONE = "<none>"
UNSET = "<unset>"
UNKNOWN = "<unknown>"
"""What servers print for what is absent, one or the other by column."""


class Level(IntEnum):
    """How well a cell's value is, for its colour and its sign."""

    NONE = 0
    GOOD = 1
    PROGRESS = 2
    WARNING = 3
    BAD = 4
    DONE = 5
    """Finished, not of interest any more: completed, terminated."""


def plain_text(value: Any, now: float) -> str:
    """The value as kubectl prints it: None is a blank cell, booleans are `true` and `false`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def plain_order(value: Any) -> Any:
    return None if value is UNREADABLE else value


def no_level(value: Any) -> Level:
    return Level.NONE


HIDDEN = 9
"""The priority of a column that is only shown where the wide view is asked for."""
CHANGED_TURN, WIDE_TURN, ACTIVITY_TURN, SHARES_TURN, RARE_TURN, LABELS_TURN = range(1, 7)
"""Who gets the room that is left over, the first one first."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column reads no object: a Kind reads all its values at once, and the column shows one of them.

    `title` is the server's own (`Nominated Node`); screens print it in capitals. `priority` 0 is the default view,
    anything else the wide one, and what a screen has room for; HIDDEN only the wide one. `text` may depend on `now`
    (seconds since the epoch) and then says so in `depends_on_time`. `order` gives what to sort by: comparable within
    the column, None sorts last.
    """

    title: str
    type: str = "string"
    """The server's word: string, integer, number, boolean, date."""
    format: str = ""
    priority: int = 0
    description: str = ""
    text: Callable[[Any, float], str] = plain_text
    order: Callable[[Any], Any] = plain_order
    level: Callable[[Any], Level] = no_level
    right: bool = False
    """Aligned to the right."""
    min_width: int = 4
    max_width: int = 64
    reserve: int = 0
    """Cells that are kept for it where there is room, because what it says becomes longer with time."""
    depends_on_time: bool = False
    pace: float = 1.0
    """Of a text that depends on time: it becomes another at whole multiples of so many seconds, if at all."""
    unchanged_for: Callable[[Any, float], float] | None = None
    """For how many seconds from a moment on the text of a value stays as it is, at least, where that tells more."""
    optional: bool = False
    """Beside what kubectl shows: on a narrow screen one scrolls to it, and no other column gives way."""
    spare: int = 0
    """Only for room that is left over, and no other column ever gives way: its turn, from 1 on. 0: never; of the wide
    view WIDE_TURN.
    """
    cut: bool = False
    """It is whole in as many cells as are left, if they are not too few; no filter looks for text in it."""
    order_keys: Callable[[Sequence[str]], Sequence[Any]] | None = None
    """Set where a cell's value is the key of its object: what orders many of them, without reading any object."""
    compare: str = "text"
    """How a filter compares it.

    `text`: by the cell's text. `number` and `quantity`: by what `order` gives, a number or None; `quantity` also takes
    operands such as 500m or 2Gi. `duration`: by how long ago a moment was (seconds since the epoch); `order` gives it
    with its sign turned, so that the youngest is first.
    """


def decimal_order(value: Any) -> int | None:
    """By number; None for anything that is no text of digits."""
    return int(value) if isinstance(value, str) and value.isdecimal() else None


@lru_cache(maxsize=4096)
def fraction_order(value: Any) -> tuple[float, int] | None:
    """The least complete first, then the smallest; None for anything that is no fraction.

    A work queue's `0/1 of 3` counts as 0/1.
    """
    if not isinstance(value, str):
        return None
    part, slash, whole = value.partition(" of ")[0].partition("/")
    if not slash or not part.isdecimal() or not whole.isdecimal():
        return None
    total = int(whole)
    return (int(part) / total if total else 1.0, total)


def fraction_level(value: Any) -> Level:
    """Whole is good, none of several is bad, anything between a warning."""
    order = fraction_order(value)
    if order is None or order[1] == 0:
        return Level.NONE
    if order[0] >= 1:
        return Level.GOOD
    return Level.WARNING if order[0] > 0 else Level.BAD


_PARTS = re.compile(r"(\d{1,100})|(\D+)")


@lru_cache(maxsize=4096)
def natural_order(value: Any) -> tuple[tuple[int, int, str], ...] | None:
    """Numbers within a text by their value, the rest by alphabet; None for anything that is no text."""
    if not isinstance(value, str):
        return None
    return tuple([(0, int(number), "") if number else (1, 0, text) for number, text in _PARTS.findall(value)])

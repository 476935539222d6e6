"""One column of a kind: how a value read from an object becomes text, order and meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any


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
    """The value as it is; None is a blank cell."""
    return "" if value is None else str(value)


def plain_order(value: Any) -> Any:
    """The value itself orders the rows."""
    return value


def no_level(value: Any) -> Level:
    """Most values are neither good nor bad."""
    return Level.NONE


@dataclass(frozen=True, slots=True)
class Column:
    """A column reads no object: a Kind reads all its values at once, and the column shows one of them.

    `title` is the server's own (`Nominated Node`); screens print it in capitals. `priority` 0 is the default view,
    anything else only the wide one. `text` may depend on `now` (seconds since the epoch) and then says so in
    `depends_on_time`. `order` gives what to sort by: comparable within the column, None sorts last. `numeric`
    compares `restarts>5` by number, `age<10m` by duration, `quantity` by Kubernetes quantity.
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
    depends_on_time: bool = False
    compare: str = "text"
    """How a filter compares it: text, number, duration (value is a start time, seconds since the epoch), quantity."""

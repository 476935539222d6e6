"""`=`, `!=`, `>`, `>=`, `<`, `<=` and `~` for contains: how two values are compared."""

from __future__ import annotations

import operator
from collections.abc import Callable
from enum import StrEnum
from typing import Any


class Compare(StrEnum):
    """An operator as it is written; `==` reads as EQUAL."""

    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    CONTAINS = "~"


ORDERED: dict[Compare, Callable[[Any, Any], Any]] = {
    Compare.EQUAL: operator.eq,
    Compare.NOT_EQUAL: operator.ne,
    Compare.GREATER: operator.gt,
    Compare.GREATER_OR_EQUAL: operator.ge,
    Compare.LESS: operator.lt,
    Compare.LESS_OR_EQUAL: operator.le,
}
"""How to compare two values of the same sort; those of different sorts may raise TypeError."""


def holds(compare: Compare, left: Any, right: Any) -> bool:
    """Whether the comparison of two values of the same sort holds; what cannot be compared does not."""
    if compare is Compare.CONTAINS:
        return contains(str(left), str(right))
    try:
        return bool(ORDERED[compare](left, right))
    except TypeError:
        return False


def contains(text: str, part: str) -> bool:
    """Whether a text holds another, case ignored unless that has capitals."""
    return part in (text.lower() if part == part.lower() else text)

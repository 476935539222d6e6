"""Cells such as `2/3`: how many of how many."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kwatch.catalog.column import Level


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

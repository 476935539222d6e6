"""How much history is kept."""

from __future__ import annotations

import msgspec

from kwatch.config.amounts import read_size, read_span

SMALLEST = 1 << 20
"""Bytes below which a budget is taken for a mistake."""


class HistorySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """`history: {budget: 512Mi, age: 2h}`; raise ValueError if one of them is malformed."""

    budget: str = "256Mi"
    """The memory that history may take; the oldest versions make room."""
    age: str = ""
    """How old a version may get; empty is as old as there is room for."""

    def __post_init__(self) -> None:
        check_budget(self.budget)
        if self.age:
            check_age(self.age)

    @property
    def budget_bytes(self) -> int:
        """The budget in bytes."""
        return read_size(self.budget)

    @property
    def max_age(self) -> float | None:
        """The age in seconds; None for any."""
        return read_span(self.age) if self.age else None


def check_budget(text: str) -> str:
    """The text itself; raise ValueError if it is no size, or too small for a history."""
    if read_size(text) < SMALLEST:
        raise ValueError(f"{text} is too little for a history; write 64Mi or more")
    return text


def check_age(text: str) -> str:
    """The text itself; raise ValueError if it is no time, or none at all."""
    if not read_span(text):
        raise ValueError(f"{text} keeps nothing; write 30m or 2h")
    return text

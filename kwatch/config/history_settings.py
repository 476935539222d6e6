"""How much history is kept."""

from __future__ import annotations

import msgspec

from kwatch.base.duration import parse_span
from kwatch.base.quantity import parse_size
from kwatch.config.history_limits import DEFAULT_BUDGET, check_age, check_budget


class HistorySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """`history: {budget: 512Mi, age: 2h}`; raise ValueError if one of them is malformed."""

    budget: str = DEFAULT_BUDGET
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
        return parse_size(self.budget)

    @property
    def max_age(self) -> float | None:
        """The age in seconds; None for any."""
        return parse_span(self.age) if self.age else None

    def overridden(self, budget: str | None, age: str | None) -> HistorySettings:
        """What the command line says; where it says None, these settings."""
        return HistorySettings(self.budget if budget is None else budget, self.age if age is None else age)

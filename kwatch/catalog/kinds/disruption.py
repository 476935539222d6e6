"""Pod disruption budgets."""

from __future__ import annotations

from kwatch.catalog.declaration import age, declare, name, number, text
from kwatch.catalog.shapes import Shape


class BudgetSpec(Shape, frozen=True):
    """What is read of the spec: numbers of pods, or percentages."""

    min_available: int | str | None = None
    max_unavailable: int | str | None = None


class BudgetStatus(Shape, frozen=True):
    """What is read of the status."""

    disruptions_allowed: int = 0


class Budget(Shape, frozen=True):
    """What is read of a budget."""

    spec: BudgetSpec = BudgetSpec()
    status: BudgetStatus = BudgetStatus()


def _limit(value: int | str | None) -> str:
    return "N/A" if value is None else str(value)


DISRUPTION_BUDGETS = declare(
    "PodDisruptionBudget",
    Budget,
    name(),
    text("Min Available", lambda budget: _limit(budget.spec.min_available), right=True),
    text("Max Unavailable", lambda budget: _limit(budget.spec.max_unavailable), right=True),
    number("Allowed Disruptions", lambda budget: budget.status.disruptions_allowed),
    age(),
)

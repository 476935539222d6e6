"""Autoscalers that cannot scale, budgets without room, quotas that are used up."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.quantity import quantity_order
from kwatch.catalog.column import Level
from kwatch.catalog.health.assessment import Problem, after, sentence
from kwatch.catalog.health.shapes import Conditions, Judged, find_status
from kwatch.catalog.shapes import Shape

UNMEASURED_AFTER = 60.0
"""A pod that has just begun has no measurements yet."""


class AutoscalerStatus(Shape, frozen=True):
    """What is read of the status."""

    conditions: Conditions = None


class Autoscaler(Judged, frozen=True):
    """What is read of an autoscaler."""

    status: AutoscalerStatus = AutoscalerStatus()


class BudgetStatus(Shape, frozen=True):
    """What is read of the status."""

    current_healthy: int = 0
    desired_healthy: int = 0


class Budget(Judged, frozen=True):
    """What is read of a disruption budget."""

    status: BudgetStatus = BudgetStatus()


class QuotaStatus(Shape, frozen=True):
    """What is read of the status."""

    hard: dict[str, str] | None = None
    used: dict[str, str] | None = None


class Quota(Judged, frozen=True):
    """What is read of a quota."""

    status: QuotaStatus = QuotaStatus()


def find_autoscaler_problems(autoscaler: Autoscaler) -> Iterator[Problem]:
    """It cannot measure, cannot scale, or wants more than it may."""
    conditions = autoscaler.status.conditions
    unable = find_status(conditions, "AbleToScale", "False")
    if unable is not None:
        yield Problem(sentence("cannot scale", unable.message or unable.reason))
    inactive = find_status(conditions, "ScalingActive", "False")
    if inactive is not None and inactive.reason != "ScalingDisabled":
        reason = sentence("does not scale", inactive.message or inactive.reason)
        yield Problem(reason, Level.WARNING, since=after(inactive.changed, UNMEASURED_AFTER))
    limited = find_status(conditions, "ScalingLimited", "True")
    if limited is not None and limited.reason == "TooManyReplicas":
        yield Problem("wants more replicas than its maximum", Level.WARNING)


def find_budget_problems(budget: Budget) -> Iterator[Problem]:
    """Fewer healthy pods than the budget wants."""
    healthy, wanted = budget.status.current_healthy, budget.status.desired_healthy
    if healthy < wanted:
        yield Problem(f"{healthy} healthy pods of {wanted} wanted", Level.WARNING)


def find_quota_problems(quota: Quota) -> Iterator[Problem]:
    """Resources of which nothing is left."""
    used = quota.status.used or {}
    for name, most in sorted((quota.status.hard or {}).items()):
        spent, limit = quantity_order(used.get(name)), quantity_order(most)
        if spent is not None and limit is not None and spent >= limit > 0:
            yield Problem(f"{name} used up: {used[name]} of {most}", Level.WARNING)

"""What is known of the devices themselves: their taints, and how many of a pool are free."""

from __future__ import annotations

from typing import Any

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import NONE, UNREADABLE, Column
from kwatch.catalog.declaration import Field, age, age_text, declare, name, number, text
from kwatch.catalog.shapes import Shape


class Taint(Shape, frozen=True):
    """What keeps pods from a device."""

    key: str = ""
    value: str = ""
    effect: str = ""
    time_added: str | None = None


class TaintRuleSpec(Shape, frozen=True):
    """What is read of the spec."""

    taint: Taint = Taint()


class TaintRule(Shape, frozen=True):
    """What is read of a rule."""

    spec: TaintRuleSpec = TaintRuleSpec()


class Pool(Shape, frozen=True):
    """The devices of one pool."""

    total_devices: int | None = None
    available_devices: int | None = None
    allocated_devices: int | None = None
    unavailable_devices: int | None = None
    validation_error: str | None = None


class TimedCondition(Shape, frozen=True):
    """A condition and since when it is so."""

    type: str = ""
    status: str = ""
    last_transition_time: str | None = None


class PoolRequestStatus(Shape, frozen=True):
    """What is read of the status."""

    conditions: tuple[TimedCondition, ...] | None = None
    pool_count: int | None = None
    pools: tuple[Pool, ...] | None = None


class PoolRequestSpec(Shape, frozen=True):
    """What is read of the spec."""

    driver: str = ""


class PoolRequest(Shape, frozen=True):
    """What is read of a request for the state of pools."""

    spec: PoolRequestSpec = PoolRequestSpec()
    status: PoolRequestStatus | None = None


def _outcome(request: PoolRequest) -> TimedCondition | None:
    """The first condition that ends the request."""
    conditions = (request.status.conditions if request.status else None) or ()
    ends = ("Complete", "Failed")
    return next((each for each in conditions if each.status == "True" and each.type in ends), None)


def _status(request: PoolRequest) -> str:
    outcome = _outcome(request)
    if outcome is None or outcome.type == "Failed" or request.status is None:
        return "Pending" if outcome is None else outcome.type
    count, shown = request.status.pool_count or 0, len(request.status.pools or ())
    return f"Complete ({shown}/{count} pools)" if count > shown else "Complete"


def _sum(request: PoolRequest, field: str) -> str:
    outcome = _outcome(request)
    if request.status is None or (outcome is not None and outcome.type == "Failed"):
        return "-"
    if field == "validation_error":
        return str(sum(1 for pool in request.status.pools or () if pool.validation_error is not None))
    return str(sum(getattr(pool, field) or 0 for pool in request.status.pools or ()))


def _completed(request: PoolRequest) -> tuple[float | None] | None:
    """When it was completed, in a tuple since a completion may name no time; None while it is not."""
    outcome = _outcome(request)
    complete = outcome is not None and outcome.type == "Complete"
    return (parse_time(outcome.last_transition_time),) if complete and outcome else None


def _completed_text(value: Any, now: float) -> str:
    if value is None:
        return NONE
    return "?" if value is UNREADABLE else age_text(value[0], now)


def _completed_order(value: Any) -> float | None:
    return -value[0] if isinstance(value, tuple) and value[0] is not None else None


def _added_text(value: Any, now: float) -> str:
    return "" if value is None else age_text(value, now)


def _count(title: str, field: str) -> Field[PoolRequest]:
    return text(title, lambda request: _sum(request, field), order=_digits, right=True, compare="number")


def _digits(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and value.isdecimal() else None


_ADDED: Field[TaintRule] = age("TimeAdded", lambda rule: parse_time(rule.spec.taint.time_added))

_COMPLETED = Column("Completed", text=_completed_text, order=_completed_order, right=True, depends_on_time=True)

DEVICE_TAINT_RULES = declare(
    "DeviceTaintRule",
    TaintRule,
    name(),
    text("Key", lambda rule: rule.spec.taint.key),
    text("Value", lambda rule: rule.spec.taint.value),
    text("Effect", lambda rule: rule.spec.taint.effect),
    _ADDED.showing(_added_text),
    age(),
)

POOL_STATUS_REQUESTS = declare(
    "ResourcePoolStatusRequest",
    PoolRequest,
    name(),
    text("Driver", lambda request: request.spec.driver),
    _count("Total", "total_devices"),
    _count("Available", "available_devices"),
    _count("Allocated", "allocated_devices"),
    _count("Unavailable", "unavailable_devices"),
    _count("Errors", "validation_error"),
    number("Pools", lambda request: (request.status.pool_count or 0) if request.status else 0),
    text("Status", _status),
    Field(_COMPLETED, _completed),
)

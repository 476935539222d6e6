"""What pods are scheduled by: priority and runtime classes, pod groups, and the devices that pods claim."""

from __future__ import annotations

from typing import Any

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import NONE, UNREADABLE, Column, Level, decimal_order
from kwatch.catalog.kind import Field, age, age_text, boolean, declare, name, number, text
from kwatch.catalog.shapes import (
    Condition,
    Conditions,
    ConditionsOnly,
    Nothing,
    ObjectReference,
    Shape,
    Taint,
    WholeObject,
)


class PriorityClass(Shape, frozen=True):
    value: int = 0
    global_default: bool = False
    preemption_policy: str | None = "PreemptLowerPriority"


class RuntimeClass(Shape, frozen=True):
    handler: str = ""


PRIORITY_CLASSES = declare(
    "PriorityClass",
    PriorityClass,
    name(),
    number("Value", lambda priority: priority.value),
    boolean("Global-Default", lambda priority: priority.global_default),
    age(),
    text("PreemptionPolicy", lambda priority: priority.preemption_policy or ""),
)

RUNTIME_CLASSES = declare("RuntimeClass", RuntimeClass, name(), text("Handler", lambda one: one.handler), age())


class SchedulingPolicy(Shape, frozen=True):
    """Each for itself, or all or none."""

    gang: Nothing | None = None


class WorkloadReference(Shape, frozen=True):
    workload_name: str = ""


class TemplateReference(Shape, frozen=True):
    workload: WorkloadReference | None = None


class PodGroupSpec(Shape, frozen=True):
    pod_group_template_ref: TemplateReference | None = None
    scheduling_policy: SchedulingPolicy = SchedulingPolicy()


class PodGroup(Shape, frozen=True):
    spec: PodGroupSpec = PodGroupSpec()
    status: ConditionsOnly = ConditionsOnly()


def _group_status(group: PodGroup) -> str:
    """Whether it is scheduled, or why it is being disrupted."""
    conditions = {each.type: each for each in group.status.conditions or ()}
    if (disrupted := conditions.get("DisruptionTarget")) is not None:
        return disrupted.reason or ""
    scheduled = conditions.get("PodGroupScheduled")
    if scheduled is None:
        return "Pending"
    return "Scheduled" if scheduled.status == "True" else "Unschedulable"


def _group_workload(group: PodGroup) -> str:
    reference = group.spec.pod_group_template_ref
    if reference is None:
        return NONE
    return reference.workload.workload_name if reference.workload else ""


_GROUP_LEVELS = {"Scheduled": Level.GOOD, "Pending": Level.PROGRESS, "Unschedulable": Level.BAD}

POD_GROUPS = declare(
    "PodGroup",
    PodGroup,
    name(),
    text("Policy", lambda group: "Basic" if group.spec.scheduling_policy.gang is None else "Gang"),
    text("Workload", _group_workload),
    text("Status", _group_status, levels=_GROUP_LEVELS),
    age(),
)

WORKLOADS = declare("Workload", Nothing, name(), age())


class ClaimStatus(Shape, frozen=True):
    allocation: Nothing | None = None
    reserved_for: tuple[Nothing, ...] | None = None


class ResourceClaim(WholeObject, frozen=True):
    status: ClaimStatus = ClaimStatus()


class ResourceSlice(Shape, frozen=True):
    node_name: str | None = None
    driver: str = ""
    pool: ObjectReference = ObjectReference()


def _claim_state(claim: ResourceClaim) -> str:
    """`pending`, `allocated,reserved`, `deleted,allocated`."""
    is_deleted = claim.metadata.deletion_timestamp is not None
    words = ["deleted"] if is_deleted else []
    if claim.status.allocation is None:
        return ",".join(words or ["pending"])
    words.append("allocated")
    if claim.status.reserved_for:
        words.append("reserved")
    return ",".join(words)


DEVICE_CLASSES = declare("DeviceClass", Nothing, name(), age())

RESOURCE_CLAIMS = declare(
    "ResourceClaim", ResourceClaim, name(), text("State", _claim_state, levels={"pending": Level.PROGRESS}), age()
)

RESOURCE_CLAIM_TEMPLATES = declare("ResourceClaimTemplate", Nothing, name(), age())

RESOURCE_SLICES = declare(
    "ResourceSlice",
    ResourceSlice,
    name(),
    text("Node", lambda resource_slice: resource_slice.node_name or ""),
    text("Driver", lambda resource_slice: resource_slice.driver),
    text("Pool", lambda resource_slice: resource_slice.pool.name),
    age(),
    within="spec",
)


class TaintRule(Shape, frozen=True):
    taint: Taint = Taint()


class Pool(Shape, frozen=True):
    total_devices: int | None = None
    available_devices: int | None = None
    allocated_devices: int | None = None
    unavailable_devices: int | None = None
    validation_error: str | None = None


class PoolRequestStatus(Shape, frozen=True):
    conditions: Conditions = None
    pool_count: int | None = None
    pools: tuple[Pool, ...] | None = None


class PoolRequestSpec(Shape, frozen=True):
    driver: str = ""


class PoolRequest(Shape, frozen=True):
    spec: PoolRequestSpec = PoolRequestSpec()
    status: PoolRequestStatus | None = None


def _outcome(request: PoolRequest) -> Condition | None:
    """The first condition that ends the request."""
    conditions = (request.status.conditions if request.status else None) or ()
    ends = ("Complete", "Failed")
    return next((each for each in conditions if each.status == "True" and each.type in ends), None)


def _request_status(request: PoolRequest) -> str:
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
    return (outcome.changed,) if complete and outcome else None


def _completed_text(value: Any, now: float) -> str:
    if value is None:
        return NONE
    return "?" if value is UNREADABLE else age_text(value[0], now)


def _completed_order(value: Any) -> float | None:
    return -value[0] if isinstance(value, tuple) and value[0] is not None else None


def _added_text(value: Any, now: float) -> str:
    return "" if value is None else age_text(value, now)


def _count(title: str, field: str) -> Field[PoolRequest]:
    return text(title, lambda request: _sum(request, field), order=decimal_order, right=True, compare="number")


_ADDED: Field[TaintRule] = age("TimeAdded", lambda rule: parse_time(rule.taint.time_added))

_COMPLETED = Column("Completed", text=_completed_text, order=_completed_order, right=True, depends_on_time=True)

DEVICE_TAINT_RULES = declare(
    "DeviceTaintRule",
    TaintRule,
    name(),
    text("Key", lambda rule: rule.taint.key),
    text("Value", lambda rule: rule.taint.value),
    text("Effect", lambda rule: rule.taint.effect),
    _ADDED.showing(_added_text),
    age(),
    within="spec",
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
    text("Status", _request_status),
    Field(_COMPLETED, _completed),
)

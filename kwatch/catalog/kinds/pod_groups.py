"""Pods that are scheduled together: workloads and pod groups."""

from __future__ import annotations

from kwatch.catalog.column import NONE, Level
from kwatch.catalog.declaration import age, declare, name, text
from kwatch.catalog.shapes import Condition, Nothing, Shape


class SchedulingPolicy(Shape, frozen=True):
    """Each for itself, or all or none."""

    gang: Nothing | None = None


class WorkloadReference(Shape, frozen=True):
    """The workload by name."""

    workload_name: str = ""


class TemplateReference(Shape, frozen=True):
    """What the group was made from."""

    workload: WorkloadReference | None = None


class PodGroupSpec(Shape, frozen=True):
    """What is read of the spec."""

    pod_group_template_ref: TemplateReference | None = None
    scheduling_policy: SchedulingPolicy = SchedulingPolicy()


class PodGroupStatus(Shape, frozen=True):
    """What is read of the status."""

    conditions: tuple[Condition, ...] | None = None


class PodGroup(Shape, frozen=True):
    """What is read of a pod group."""

    spec: PodGroupSpec = PodGroupSpec()
    status: PodGroupStatus = PodGroupStatus()


def status(group: PodGroup) -> str:
    """Whether it is scheduled, or why it is being disrupted."""
    conditions = {each.type: each for each in group.status.conditions or ()}
    if (disrupted := conditions.get("DisruptionTarget")) is not None:
        return disrupted.reason or ""
    scheduled = conditions.get("PodGroupScheduled")
    if scheduled is None:
        return "Pending"
    return "Scheduled" if scheduled.status == "True" else "Unschedulable"


def _workload(group: PodGroup) -> str:
    reference = group.spec.pod_group_template_ref
    if reference is None:
        return NONE
    return reference.workload.workload_name if reference.workload else ""


_LEVELS = {"Scheduled": Level.GOOD, "Pending": Level.PROGRESS, "Unschedulable": Level.BAD}

POD_GROUPS = declare(
    "PodGroup",
    PodGroup,
    name(),
    text("Policy", lambda group: "Basic" if group.spec.scheduling_policy.gang is None else "Gang"),
    text("Workload", _workload),
    text("Status", status, levels=_LEVELS),
    age(),
)

WORKLOADS = declare("Workload", Nothing, name(), age())

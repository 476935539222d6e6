"""What makes pods: deployments, stateful sets, daemon sets, replica sets and replication controllers, jobs, cron jobs.

Beside them their revisions, and pod templates.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from kwatch.base.duration import humanize
from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import NONE, UNREADABLE, Column, Level, fraction_level, fraction_order
from kwatch.catalog.kind import Field, age, age_text, declare, name, number, text
from kwatch.catalog.shapes import (
    Conditions,
    LabelSelector,
    Nothing,
    Shape,
    Template,
    WholeObject,
    container_images,
    container_names,
    find_condition,
    labels_text,
    selector_or_none,
    selector_text,
)


class WorkloadSpec(Shape, frozen=True):
    replicas: int = 1
    template: Template = Template()
    selector: LabelSelector | None = None


class WorkloadStatus(Shape, frozen=True):
    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    conditions: Conditions = None


class Workload(WholeObject, frozen=True):
    """A deployment, a stateful set or a replica set."""

    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class ReplicationControllerSpec(Shape, frozen=True):
    """The selector is a plain set of labels."""

    replicas: int = 1
    template: Template = Template()
    selector: dict[str, str] | None = None


class ReplicationController(WholeObject, frozen=True):
    spec: ReplicationControllerSpec = ReplicationControllerSpec()
    status: WorkloadStatus = WorkloadStatus()


class DaemonSetSpec(Shape, frozen=True):
    template: Template = Template()
    selector: LabelSelector | None = None


class DaemonSetStatus(Shape, frozen=True):
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    number_ready: int = 0
    number_misscheduled: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0


class DaemonSet(WholeObject, frozen=True):
    spec: DaemonSetSpec = DaemonSetSpec()
    status: DaemonSetStatus = DaemonSetStatus()


class Revision(Shape, frozen=True):
    revision: int = 0


class PodTemplate(Shape, frozen=True):
    template: Template = Template()


class JobSpec(Shape, frozen=True):
    completions: int | None = None
    parallelism: int | None = None
    template: Template = Template()
    selector: LabelSelector | None = None


class JobStatus(Shape, frozen=True):
    succeeded: int = 0
    failed: int = 0
    start_time: str | None = None
    completion_time: str | None = None
    conditions: Conditions = None


class Job(WholeObject, frozen=True):
    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class JobTemplate(Shape, frozen=True):
    spec: JobSpec = JobSpec()


class CronJobSpec(Shape, frozen=True):
    schedule: str = ""
    time_zone: str | None = None
    suspend: bool = False
    job_template: JobTemplate = JobTemplate()


class CronJobStatus(Shape, frozen=True):
    active: tuple[Nothing, ...] | None = None
    last_schedule_time: str | None = None
    last_successful_time: str | None = None


class CronJob(WholeObject, frozen=True):
    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()


def _template_columns(template: str, *, wide: bool = True) -> tuple[Field[Any], ...]:
    """What the pod template at that place runs."""
    containers = attrgetter(f"{template}.spec.containers")
    return (
        text("Containers", lambda shape: container_names(containers(shape)), wide=wide),
        text("Images", lambda shape: container_images(containers(shape)), wide=wide),
    )


_TEMPLATE_COLUMNS = _template_columns("spec.template")


def _ready(workload: Workload) -> str:
    return f"{workload.status.ready_replicas}/{workload.spec.replicas}"


def _ready_column() -> Field[Workload]:
    return text("Ready", _ready, order=fraction_order, levels=fraction_level, right=True, max_width=13)


def _deployment_selector(workload: Workload) -> str:
    try:
        return selector_text(workload.spec.selector)
    except ValueError:
        return "<invalid>"


DEPLOYMENTS = declare(
    "Deployment",
    Workload,
    name(),
    _ready_column(),
    number("Up-to-date", lambda workload: workload.status.updated_replicas, server_type="string"),
    number("Available", lambda workload: workload.status.available_replicas, server_type="string"),
    age(),
    *_TEMPLATE_COLUMNS,
    text("Selector", _deployment_selector, wide=True),
)

STATEFUL_SETS = declare("StatefulSet", Workload, name(), _ready_column(), age(), *_TEMPLATE_COLUMNS)

_REPLICA_COLUMNS: tuple[Field[Any], ...] = (
    name(),
    number("Desired", lambda workload: workload.spec.replicas),
    number("Current", lambda workload: workload.status.replicas),
    number("Ready", lambda workload: workload.status.ready_replicas),
    age(),
    *_TEMPLATE_COLUMNS,
)

REPLICA_SETS = declare(
    "ReplicaSet",
    Workload,
    *_REPLICA_COLUMNS,
    text("Selector", lambda workload: selector_or_none(workload.spec.selector), wide=True),
)

REPLICATION_CONTROLLERS = declare(
    "ReplicationController",
    ReplicationController,
    *_REPLICA_COLUMNS,
    text("Selector", lambda controller: labels_text(controller.spec.selector), wide=True),
)

DAEMON_SETS = declare(
    "DaemonSet",
    DaemonSet,
    name(),
    number("Desired", lambda daemon_set: daemon_set.status.desired_number_scheduled),
    number("Current", lambda daemon_set: daemon_set.status.current_number_scheduled),
    number("Ready", lambda daemon_set: daemon_set.status.number_ready),
    number("Up-to-date", lambda daemon_set: daemon_set.status.updated_number_scheduled),
    number("Available", lambda daemon_set: daemon_set.status.number_available),
    text("Node Selector", lambda daemon_set: labels_text(daemon_set.spec.template.spec.node_selector)),
    age(),
    *_TEMPLATE_COLUMNS,
    text("Selector", lambda daemon_set: selector_or_none(daemon_set.spec.selector), wide=True),
)


def _controller(obj: Any) -> str:
    """`daemonset.apps/agent`: the owner that controls it."""
    for owner in obj.owners:
        if owner.controller:
            group, slash, _ = owner.api_version.partition("/")
            kind = f"{owner.kind}.{group}" if slash else owner.kind
            return f"{kind.lower()}/{owner.name}" if kind else owner.name
    return NONE


CONTROLLER_REVISIONS = declare(
    "ControllerRevision",
    Revision,
    name(),
    text("Controller", _controller, of_head=True),
    number("Revision", lambda revision: revision.revision, server_type="string"),
    age(),
)


def _pod_labels(pod_template: PodTemplate) -> str:
    metadata = pod_template.template.metadata
    return labels_text(metadata.labels if metadata else None)


POD_TEMPLATES = declare(
    "PodTemplate",
    PodTemplate,
    name(),
    *_template_columns("template", wide=False),
    text("Pod Labels", _pod_labels),
)


def _job_status(job: Job) -> str:
    """The first of these that holds."""
    conditions = job.status.conditions
    for condition in ("Complete", "Failed"):
        if find_condition(conditions, condition, "True"):
            return condition
    if job.metadata.deletion_timestamp is not None:
        return "Terminating"
    for condition in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if find_condition(conditions, condition, "True"):
            return condition
    return "Running"


def _completions(job: Job) -> str:
    """Succeeded pods of those wanted; a work queue wants one of several."""
    if job.spec.completions is not None:
        return f"{job.status.succeeded}/{job.spec.completions}"
    parallelism = job.spec.parallelism or 0
    return f"{job.status.succeeded}/1 of {parallelism}" if parallelism > 1 else f"{job.status.succeeded}/1"


def _completions_level(value: Any) -> Level:
    """None so far is not bad: the status tells a failure."""
    return Level.GOOD if fraction_level(value) is Level.GOOD else Level.NONE


def _duration(job: Job) -> tuple[float, float | None] | None:
    """When it began and, once it is complete, when it ended."""
    start = parse_time(job.status.start_time)
    return None if start is None else (start, parse_time(job.status.completion_time))


def _duration_text(value: Any, now: float) -> str:
    if value is None:
        return ""
    if value is UNREADABLE:
        return "?"
    start, end = value
    return humanize((now if end is None else end) - start)


def _duration_order(value: Any) -> tuple[int, float] | None:
    """Finished jobs by how long they took, then the others, which take longer every moment."""
    if not isinstance(value, tuple):
        return None
    start, end = value
    return (1, -start) if end is None else (0, end - start)


_DURATION = Column(
    "Duration", text=_duration_text, order=_duration_order, right=True, max_width=12, depends_on_time=True
)
_JOB_LEVELS = {
    "Complete": Level.DONE,
    "Failed": Level.BAD,
    "FailureTarget": Level.BAD,
    "Running": Level.PROGRESS,
    "SuccessCriteriaMet": Level.PROGRESS,
    "Terminating": Level.PROGRESS,
    "Suspended": Level.WARNING,
}

JOBS = declare(
    "Job",
    Job,
    name(),
    text("Status", _job_status, levels=_JOB_LEVELS, min_width=8),
    text("Completions", _completions, order=fraction_order, levels=_completions_level, right=True, max_width=13),
    Field(_DURATION, _duration),
    age(),
    *_TEMPLATE_COLUMNS,
    text("Selector", lambda job: selector_or_none(job.spec.selector), wide=True, unique=True),
)


def _last_schedule_text(value: Any, now: float) -> str:
    return NONE if value is None else age_text(value, now)


_LAST_SCHEDULE: Field[CronJob] = age("Last Schedule", lambda cron_job: parse_time(cron_job.status.last_schedule_time))

CRON_JOBS = declare(
    "CronJob",
    CronJob,
    name(),
    text("Schedule", lambda cron_job: cron_job.spec.schedule),
    text("Timezone", lambda cron_job: cron_job.spec.time_zone, absent=NONE),
    text(
        "Suspend",
        lambda cron_job: str(cron_job.spec.suspend),
        levels={"True": Level.WARNING},
        server_type="boolean",
        max_width=8,
    ),
    number("Active", lambda cron_job: len(cron_job.status.active or ())),
    _LAST_SCHEDULE.showing(_last_schedule_text),
    age(),
    *_template_columns("spec.job_template.spec.template"),
    text("Selector", lambda cron_job: selector_or_none(cron_job.spec.job_template.spec.selector), wide=True),
)

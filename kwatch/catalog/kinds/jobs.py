"""Jobs and cron jobs."""

from __future__ import annotations

from typing import Any

from kwatch.base.duration import humanize
from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import NONE, UNREADABLE, Column, Level, fraction_level, fraction_order
from kwatch.catalog.declaration import Field, age, age_text, declare, name, number, text
from kwatch.catalog.label_text import selector_or_none
from kwatch.catalog.shapes import (
    Condition,
    Deletion,
    LabelSelector,
    Nothing,
    Shape,
    Template,
    condition_is_true,
    container_images,
    container_names,
)


class JobSpec(Shape, frozen=True):
    """What is read of the spec."""

    completions: int | None = None
    parallelism: int | None = None
    template: Template = Template()
    selector: LabelSelector | None = None


class JobStatus(Shape, frozen=True):
    """What is read of the status."""

    succeeded: int = 0
    start_time: str | None = None
    completion_time: str | None = None
    conditions: tuple[Condition, ...] | None = None


class Job(Shape, frozen=True):
    """What is read of a job."""

    metadata: Deletion = Deletion()
    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class JobTemplate(Shape, frozen=True):
    """The job that a cron job makes."""

    spec: JobSpec = JobSpec()


class CronJobSpec(Shape, frozen=True):
    """What is read of the spec."""

    schedule: str = ""
    time_zone: str | None = None
    suspend: bool = False
    job_template: JobTemplate = JobTemplate()


class CronJobStatus(Shape, frozen=True):
    """What is read of the status."""

    active: tuple[Nothing, ...] | None = None
    last_schedule_time: str | None = None


class CronJob(Shape, frozen=True):
    """What is read of a cron job."""

    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()


def status(job: Job) -> str:
    """The first of these that holds."""
    conditions = job.status.conditions
    for condition, word in (("Complete", "Complete"), ("Failed", "Failed")):
        if condition_is_true(conditions, condition):
            return word
    if job.metadata.deletion_timestamp is not None:
        return "Terminating"
    for condition in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if condition_is_true(conditions, condition):
            return condition
    return "Running"


def completions(job: Job) -> str:
    """Succeeded pods of those wanted; a work queue wants one of several."""
    if job.spec.completions is not None:
        return f"{job.status.succeeded}/{job.spec.completions}"
    parallelism = job.spec.parallelism or 0
    return f"{job.status.succeeded}/1 of {parallelism}" if parallelism > 1 else f"{job.status.succeeded}/1"


def duration(job: Job) -> tuple[float, float | None] | None:
    """When it began and, once it is complete, when it ended."""
    start = parse_time(job.status.start_time)
    return None if start is None else (start, parse_time(job.status.completion_time))


def duration_text(value: Any, now: float) -> str:
    """How long the job took, or has taken up to now."""
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


def _last_schedule_text(value: Any, now: float) -> str:
    return NONE if value is None else age_text(value, now)


_JOB_LEVELS = {
    "Complete": Level.DONE,
    "Failed": Level.BAD,
    "FailureTarget": Level.BAD,
    "Running": Level.PROGRESS,
    "SuccessCriteriaMet": Level.PROGRESS,
    "Terminating": Level.PROGRESS,
    "Suspended": Level.WARNING,
}


def _completions_level(value: Any) -> Level:
    """None so far is not bad: the status tells a failure."""
    return Level.GOOD if fraction_level(value) is Level.GOOD else Level.NONE


_DURATION = Column(
    "Duration", text=duration_text, order=_duration_order, right=True, max_width=12, depends_on_time=True
)

JOBS = declare(
    "Job",
    Job,
    name(),
    text("Status", status, levels=_JOB_LEVELS, min_width=8),
    text("Completions", completions, order=fraction_order, levels=_completions_level, right=True, max_width=13),
    Field(_DURATION, duration),
    age(),
    text("Containers", lambda job: container_names(job.spec.template.spec.containers), wide=True),
    text("Images", lambda job: container_images(job.spec.template.spec.containers), wide=True),
    text("Selector", lambda job: selector_or_none(job.spec.selector), wide=True, unique=True),
)


def _job_spec(cron_job: CronJob) -> JobSpec:
    return cron_job.spec.job_template.spec


_LAST_SCHEDULE: Field[CronJob] = age("Last Schedule", lambda cron_job: parse_time(cron_job.status.last_schedule_time))

CRON_JOBS = declare(
    "CronJob",
    CronJob,
    name(),
    text("Schedule", lambda cron_job: cron_job.spec.schedule),
    text("Timezone", lambda cron_job: NONE if cron_job.spec.time_zone is None else cron_job.spec.time_zone),
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
    text("Containers", lambda cron_job: container_names(_job_spec(cron_job).template.spec.containers), wide=True),
    text("Images", lambda cron_job: container_images(_job_spec(cron_job).template.spec.containers), wide=True),
    text("Selector", lambda cron_job: selector_or_none(_job_spec(cron_job).selector), wide=True),
)

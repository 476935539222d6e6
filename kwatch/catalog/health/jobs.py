"""Jobs that failed, and cron jobs whose last run did not succeed."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import Level
from kwatch.catalog.health.assessment import Problem, sentence
from kwatch.catalog.health.shapes import Conditions, Judged, find_status
from kwatch.catalog.shapes import Nothing, Shape

RUN_UNSUCCESSFUL_AFTER = 60.0


class JobStatus(Shape, frozen=True):
    """What is read of the status."""

    failed: int = 0
    conditions: Conditions = None


class Job(Judged, frozen=True):
    """What is read of a job."""

    status: JobStatus = JobStatus()


class CronJobStatus(Shape, frozen=True):
    """What is read of the status."""

    active: tuple[Nothing, ...] | None = None
    last_schedule_time: str | None = None
    last_successful_time: str | None = None


class CronJob(Judged, frozen=True):
    """What is read of a cron job."""

    status: CronJobStatus = CronJobStatus()


def find_job_problems(job: Job) -> Iterator[Problem]:
    """A failure, or failed attempts of a job that goes on."""
    conditions = job.status.conditions
    if find_status(conditions, "Complete", "True") is not None:
        return
    failure = find_status(conditions, "Failed", "True") or find_status(conditions, "FailureTarget", "True")
    if failure is not None:
        yield Problem(sentence("failed", failure.reason, failure.message))
    elif job.status.failed:
        attempts = "1 pod" if job.status.failed == 1 else f"{job.status.failed} pods"
        yield Problem(f"{attempts} of it failed", Level.WARNING)


def find_cron_job_problems(cron_job: CronJob) -> Iterator[Problem]:
    """A run that is over and was not a success."""
    status = cron_job.status
    scheduled, succeeded = parse_time(status.last_schedule_time), parse_time(status.last_successful_time)
    if scheduled is not None and not status.active and (succeeded is None or succeeded < scheduled):
        yield Problem("its last run did not succeed", Level.WARNING, since=scheduled + RUN_UNSUCCESSFUL_AFTER)

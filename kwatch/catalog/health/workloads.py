"""Deployments, stateful sets, daemon sets and replica sets that lack replicas; jobs and cron jobs that failed."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import Level
from kwatch.catalog.health import Problem, Rule, after, sentence
from kwatch.catalog.kinds.workloads import CronJob, DaemonSet, Job, ReplicationController, Workload
from kwatch.catalog.shapes import Conditions, find_condition

UNAVAILABLE_AFTER = 60.0
"""Rollouts pass through short times of fewer replicas; those are no problem."""
RUN_UNSUCCESSFUL_AFTER = 60.0


def find_deployment_problems(deployment: Workload) -> Iterator[Problem]:
    """Rollouts that are stuck, replicas that cannot be made or are not available."""
    conditions = deployment.status.conditions
    progressing = find_condition(conditions, "Progressing")
    if progressing is not None and progressing.status == "False":
        yield Problem(sentence("rollout stuck", progressing.message or progressing.reason))
    yield from _replica_failure(conditions)
    available, wanted = deployment.status.available_replicas, deployment.spec.replicas
    if available < wanted:
        yield _missing(available, wanted, "available", after(_latest_progress(conditions), UNAVAILABLE_AFTER))


def _latest_progress(conditions: Conditions) -> float | None:
    """Since when it is unavailable or, while it is not, when the rollout last came on."""
    unavailable = find_condition(conditions, "Available", "False")
    if unavailable is not None:
        return unavailable.changed
    progressing = find_condition(conditions, "Progressing")
    return None if progressing is None else parse_time(progressing.last_update_time)


def find_replica_problems(workload: Workload | ReplicationController) -> Iterator[Problem]:
    yield from _replica_failure(workload.status.conditions)
    if workload.status.ready_replicas < workload.spec.replicas:
        since = after(workload.metadata.created, UNAVAILABLE_AFTER)
        yield _missing(workload.status.ready_replicas, workload.spec.replicas, "ready", since)


def find_daemon_problems(daemon_set: DaemonSet) -> Iterator[Problem]:
    """Nodes where it should be ready and is not, and nodes where it should not be."""
    status = daemon_set.status
    if status.number_ready < status.desired_number_scheduled:
        since = after(daemon_set.metadata.created, UNAVAILABLE_AFTER)
        yield _missing(status.number_ready, status.desired_number_scheduled, "ready", since)
    if status.number_misscheduled:
        yield Problem(f"runs on {status.number_misscheduled} nodes where it should not", Level.WARNING)


def _replica_failure(conditions: Conditions) -> Iterator[Problem]:
    failure = find_condition(conditions, "ReplicaFailure", "True")
    if failure is not None:
        yield Problem(sentence("cannot create replicas", failure.message or failure.reason))


def _missing(have: int, wanted: int, what: str, since: float | None) -> Problem:
    return Problem(f"{have} of {wanted} replicas {what}", Level.WARNING if have else Level.BAD, since=since)


def find_job_problems(job: Job) -> Iterator[Problem]:
    """A failure, or failed attempts of a job that goes on."""
    conditions = job.status.conditions
    if find_condition(conditions, "Complete", "True") is not None:
        return
    failure = find_condition(conditions, "Failed", "True") or find_condition(conditions, "FailureTarget", "True")
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


DEPLOYMENTS = Rule(Workload, find_deployment_problems)
REPLICA_SETS = STATEFUL_SETS = Rule(Workload, find_replica_problems)
REPLICATION_CONTROLLERS = Rule(ReplicationController, find_replica_problems)
DAEMON_SETS = Rule(DaemonSet, find_daemon_problems)
JOBS = Rule(Job, find_job_problems)
CRON_JOBS = Rule(CronJob, find_cron_job_problems)

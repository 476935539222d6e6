"""Deployments, stateful sets, daemon sets and replica sets that have not what they want."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import Level
from kwatch.catalog.health.assessment import Problem, after, sentence
from kwatch.catalog.health.shapes import Conditions, Judged, find, find_status
from kwatch.catalog.shapes import Shape

UNAVAILABLE_AFTER = 60.0
"""Rollouts pass through short times of fewer replicas; those are no problem."""


class Spec(Shape, frozen=True):
    """What is read of the spec."""

    replicas: int = 1


class Status(Shape, frozen=True):
    """What is read of the status."""

    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: Conditions = None


class Workload(Judged, frozen=True):
    """What is read of anything with replicas."""

    spec: Spec = Spec()
    status: Status = Status()


class DaemonStatus(Shape, frozen=True):
    """What is read of the status."""

    desired_number_scheduled: int = 0
    number_ready: int = 0
    number_misscheduled: int = 0


class DaemonSet(Judged, frozen=True):
    """What is read of a daemon set."""

    status: DaemonStatus = DaemonStatus()


def find_deployment_problems(deployment: Workload) -> Iterator[Problem]:
    """Rollouts that are stuck, replicas that cannot be made or are not available."""
    conditions = deployment.status.conditions
    progressing = find(conditions, "Progressing")
    if progressing is not None and progressing.status == "False":
        yield Problem(sentence("rollout stuck", progressing.message or progressing.reason))
    yield from _replica_failure(conditions)
    available, wanted = deployment.status.available_replicas, deployment.spec.replicas
    if available < wanted:
        yield _missing(available, wanted, "available", after(_latest_progress(conditions), UNAVAILABLE_AFTER))


def _latest_progress(conditions: Conditions) -> float | None:
    """Since when it is unavailable or, while it is not, when the rollout last came on."""
    unavailable = find_status(conditions, "Available", "False")
    if unavailable is not None:
        return unavailable.changed
    progressing = find(conditions, "Progressing")
    return None if progressing is None else parse_time(progressing.last_update_time)


def find_replica_problems(workload: Workload) -> Iterator[Problem]:
    """Replicas that cannot be made or are not ready."""
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
    failure = find_status(conditions, "ReplicaFailure", "True")
    if failure is not None:
        yield Problem(sentence("cannot create replicas", failure.message or failure.reason))


def _missing(have: int, wanted: int, what: str, since: float | None) -> Problem:
    return Problem(f"{have} of {wanted} replicas {what}", Level.WARNING if have else Level.BAD, since=since)

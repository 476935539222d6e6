"""Pods: crash loops, images, scheduling, readiness, memory, and everything that takes too long; and what makes them:
deployments, stateful sets, daemon sets and replica sets that lack replicas, jobs and cron jobs that failed.
"""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import Level
from kwatch.catalog.health import Problem, Rule, after, sentence
from kwatch.catalog.kinds.pods import ContainerStatus, Pod, PodStatus, Terminated, Waiting
from kwatch.catalog.kinds.workloads import CronJob, DaemonSet, Job, ReplicationController, Workload
from kwatch.catalog.shapes import Conditions, find_condition

UNSCHEDULABLE_AFTER = 30.0
NOT_READY_AFTER = 60.0
STARTING_AFTER = 300.0
PENDING_AFTER = 300.0
TERMINATING_AFTER = 60.0
RESTART_COUNTS_FOR = 600.0

_PULLING = frozenset(
    {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
)
_STARTING = frozenset({"", "ContainerCreating", "PodInitializing"})


def find_problems(pod: Pod) -> Iterator[Problem]:
    status = pod.status
    if status.phase == "Succeeded":
        return
    if status.phase == "Failed":
        yield Problem(sentence("failed", status.reason, status.message or _how_it_ended(status)))
        return
    if pod.metadata.deletion_timestamp is not None:
        # The timestamp is the end of the grace period, not the moment of the request.
        overdue = after(parse_time(pod.metadata.deletion_timestamp), TERMINATING_AFTER)
        yield Problem("terminating for longer than its grace period", since=overdue)
        return
    if status.phase == "Unknown" or status.reason == "NodeLost":
        yield Problem(sentence("its node does not answer", status.message))
    yield from _scheduling(pod)
    for container in status.init_container_statuses:
        yield from _container(container, pod, "init container ")
    for container in status.container_statuses:
        yield from _container(container, pod, "")
    yield from _readiness(status)


def _how_it_ended(status: PodStatus) -> str:
    for container in (*status.init_container_statuses, *status.container_statuses):
        ended = container.state.terminated
        if ended is not None and (ended.exit_code or ended.signal):
            return f"{container.name} {_end_text(ended)}"
    return ""


def _end_text(ended: Terminated) -> str:
    """`exit code 1`, `signal 9`, `OOMKilled, exit code 137`."""
    code = f"signal {ended.signal}" if ended.signal else f"exit code {ended.exit_code}"
    return f"{ended.reason}, {code}" if ended.reason not in ("", "Error", "Completed") else code


def _scheduling(pod: Pod) -> Iterator[Problem]:
    scheduled = find_condition(pod.status.conditions, "PodScheduled")
    if scheduled is not None and scheduled.status == "False":
        if scheduled.reason != "SchedulingGated":
            since = after(scheduled.changed, UNSCHEDULABLE_AFTER)
            yield Problem(sentence("unschedulable", scheduled.message), since=since)
    elif pod.status.phase == "Pending" and not pod.status.container_statuses:
        since = after(parse_time(pod.status.start_time) or pod.metadata.created, PENDING_AFTER)
        yield Problem("pending for too long", since=since)


def _container(container: ContainerStatus, pod: Pod, prefix: str) -> Iterator[Problem]:
    name = f"{prefix}{container.name}"
    waiting, ended = container.state.waiting, container.state.terminated
    if waiting is not None:
        yield from _waiting(container, waiting, pod, name)
    elif ended is not None and (ended.exit_code or ended.signal):
        yield Problem(sentence(f"{name} ended", _end_text(ended)))
    last = container.last_state.terminated
    if last is not None and waiting is None and (last.exit_code or last.signal):
        ended_at = parse_time(last.finished_at)
        until = RESTART_COUNTS_FOR + ended_at if ended_at is not None else 0.0
        what = "out of memory" if last.reason == "OOMKilled" else "restarted"
        reason = f"{what}: {name} ended with {_end_text(last)}, {_times(container.restart_count)}"
        yield Problem(reason, Level.WARNING, until=until)


def _waiting(container: ContainerStatus, waiting: Waiting, pod: Pod, name: str) -> Iterator[Problem]:
    if waiting.reason == "CrashLoopBackOff":
        last = container.last_state.terminated
        why = f", last {_end_text(last)}" if last is not None else ""
        yield Problem(f"crash loop: {name} {_times(container.restart_count)}{why}")
    elif waiting.reason in _PULLING:
        yield Problem(sentence(f"image pull: {name} cannot pull {container.image}", waiting.message or waiting.reason))
    elif waiting.reason in _STARTING:
        since = after(parse_time(pod.status.start_time) or pod.metadata.created, STARTING_AFTER)
        yield Problem(f"{name} is starting for too long", Level.WARNING, since=since)
    else:
        yield Problem(sentence(name, waiting.reason, waiting.message))


def _times(count: int) -> str:
    return "restarted once" if count == 1 else f"restarted {count} times"


def _readiness(status: PodStatus) -> Iterator[Problem]:
    unready = find_condition(status.conditions, "Ready", "False")
    if status.phase == "Running" and unready is not None and unready.reason != "PodCompleted":
        since = after(unready.changed or parse_time(status.start_time), NOT_READY_AFTER)
        yield Problem(sentence("not ready", unready.message), Level.WARNING, since=since)


PODS = Rule(Pod, find_problems, own_deletion=True)


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

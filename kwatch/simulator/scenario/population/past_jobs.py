"""Cron jobs with the jobs of their last runs."""

from __future__ import annotations

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.controllers import schedule
from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.scenario.inventory.workload import CronWorkload
from kwatch.simulator.scenario.kubelet.behaviour import Behaviour
from kwatch.simulator.scenario.objects import job as jobs
from kwatch.simulator.scenario.objects import pod_status
from kwatch.simulator.scenario.objects.conditions import condition, with_condition
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.population.past_pods import PastPods
from kwatch.simulator.scenario.timestamps import timestamp
from kwatch.simulator.scenario.world import World

_LONGEST_AGO = 40
_TRIES = 3
_WAITS = (10.0, 20.0)
"""Between the tries of a job that fails."""


def place_cron_job(world: World, pods: PastPods, behaviour: Behaviour, cron: CronWorkload) -> Object:
    """A cron job, its last successful jobs and its last failed one."""
    now = world.now()
    made = jobs.cron_job(cron, now - cron.age_days * 86_400.0)
    made["metadata"]["uid"] = names.uid(world.random)
    succeeded = failed = 0
    at = now - max(45.0, cron.takes[1] + 3.0)
    last = last_success = 0.0
    for _ in range(_LONGEST_AGO):
        if cron.suspended or (succeeded >= cron.keep_succeeded and failed >= min(cron.keep_failed, cron.fails_every)):
            break
        at = schedule.previous_time(cron.schedule, at)
        failure = bool(behaviour.fails(cron, at)) and at + _longest_failure(cron) < now
        last = last or at
        if failure and failed < cron.keep_failed:
            failed += 1
            _place_job(world, pods, made, at, cron, failure=True)
        elif not failure and succeeded < cron.keep_succeeded:
            succeeded += 1
            last_success = max(last_success, _place_job(world, pods, made, at, cron, failure=False))
        at -= 60.0
    if last:
        made["status"] = {"lastScheduleTime": timestamp(last)}
    if last_success:
        made["status"]["lastSuccessfulTime"] = timestamp(last_success)
    return world.place(made, cron.applied_by, status_by=CONTROLLER_MANAGER, status_at=last or now)


def _place_job(
    world: World, pods: PastPods, cron: Object, at: float, workload: CronWorkload, *, failure: bool
) -> float:
    """One finished job with its pods; returns when it ended."""
    made = jobs.job(cron, at, names.uid(world.random), at + 0.4)
    made["metadata"]["generation"] = 1
    tries = _TRIES if failure else 1
    started = at + 1.0
    for index in range(tries):
        runs = world.between(*workload.takes)
        _place_ended_pod(world, pods, made, started, started + runs, code=1 if failure else 0)
        started += runs + (_WAITS[index] if index + 1 < tries else 0.0)
    ended = started + 1.0
    made["status"] = _status(at + 0.5, ended, tries, failure)
    world.place(made, CONTROLLER_MANAGER, status_by=CONTROLLER_MANAGER, status_at=ended)
    return ended


def _longest_failure(cron: CronWorkload) -> float:
    """What began later than that ago may not have failed yet: no pod of it is from the future."""
    return _TRIES * cron.takes[1] + sum(_WAITS) + 3.0


def _status(began: float, ended: float, tries: int, failure: bool) -> Object:
    probed = {"lastProbeTime": timestamp(ended)}
    status: Object = {"startTime": timestamp(began), "terminating": 0, "uncountedTerminatedPods": {}, "ready": 0}
    if failure:
        because = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
        kinds = ("FailureTarget", "Failed")
        status["failed"] = tries
    else:
        because = ("CompletionsReached", "Reached expected number of succeeded pods")
        kinds = ("SuccessCriteriaMet", "Complete")
        status |= {"succeeded": 1, "completionTime": timestamp(ended)}
    status["conditions"] = [condition(kind, True, ended, *because, **probed) for kind in kinds]
    return status


def _place_ended_pod(world: World, pods: PastPods, job: Object, began: float, ended: float, *, code: int) -> None:
    node = pods.next_worker()
    host = node["status"]["addresses"][0]["address"]
    container = job["spec"]["template"]["spec"]["containers"][0]
    identity = names.container_id(world.random)
    reason = "Error" if code else "Completed"
    state = pod_status.terminated(code, reason, began + 2, ended, identity)
    status: Object = {"observedGeneration": 1, "phase": "Failed" if code else "Succeeded"}
    conditions = pod_status.conditions(ended, sandbox=False, initialized=True, ready=False, reasons=[container["name"]])
    conditions[1] = {**conditions[1], "lastTransitionTime": timestamp(began)}
    conditions[4] = {**conditions[4], "lastTransitionTime": timestamp(began)}
    if not code:
        for kind in ("Initialized", "Ready", "ContainersReady"):
            found = next(each for each in conditions if each["type"] == kind)
            conditions = with_condition(conditions, {**found, "reason": "PodCompleted", "message": ""})
    status["conditions"] = conditions
    status |= pod_status.addresses(host, world.pod_address(node))
    status["startTime"] = timestamp(began)
    status["containerStatuses"] = [pod_status.container_status(container, state, container_id=identity)]
    status["qosClass"] = "Burstable"
    pods.place(job, job["spec"]["template"], began, node=node, status=status)

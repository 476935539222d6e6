"""Jobs: pods that run to their end, tried again when they fail."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER, PodControl
from kwatch.simulator.scenario.objects.conditions import condition, find_condition
from kwatch.simulator.scenario.objects.kube import (
    JOB,
    POD,
    Object,
    controller_of,
    name_of,
    namespace_of,
    revised,
    uid_of,
)
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.timestamps import timestamp
from kwatch.simulator.scenario.workqueue import Workqueue
from kwatch.simulator.scenario.world import Key, World

COMPONENT = "job-controller"
_TRIES_AGAIN_AFTER = 10.0


class JobController:
    """Runs a job's pod, counts how it went, and says when it is over."""

    def __init__(self, world: World, recorder: Recorder, pods: PodControl) -> None:
        self._world = world
        self._recorder = recorder
        self._pods = pods
        self._tried: dict[str, int] = {}
        """Failures by the job's uid for which the next try is planned."""
        self._queue = Workqueue(world, self.reconcile, delay=(0.05, 0.3))
        world.on_change(JOB, self._on_job)
        world.on_change(POD, self._on_pod)

    def _on_job(self, job: Object, gone: bool) -> None:
        if not gone and not is_finished(job):
            self._queue.add((namespace_of(job), name_of(job)))

    def _on_pod(self, pod: Object, gone: bool) -> None:
        owner = controller_of(pod)
        if owner is not None and owner["kind"] == "Job":
            self._queue.add((namespace_of(pod), owner["name"]))

    def reconcile(self, key: Key) -> None:
        """Start it, try it again, or finish it."""
        job = self._world.get(JOB, key)
        if job is None or is_finished(job):
            return
        pods = [self._counted(pod) for pod in self._world.children(job, POD)]
        succeeded = sum(pod["status"]["phase"] == "Succeeded" for pod in pods)
        failed = sum(pod["status"]["phase"] == "Failed" for pod in pods)
        active = len(pods) - succeeded - failed
        now = self._world.now()
        status: dict[str, Any] = {**job["status"], "terminating": 0, "uncountedTerminatedPods": {}}
        status.setdefault("startTime", timestamp(now))
        if succeeded >= job["spec"]["completions"]:
            self._tried.pop(uid_of(job), None)
            _finish(status, now, failed_because="")
        elif failed > job["spec"]["backoffLimit"]:
            self._tried.pop(uid_of(job), None)
            _finish(status, now, failed_because="Job has reached the specified backoff limit")
        elif not active and failed <= self._tried.get(uid_of(job), 0):
            self._pods.create(job, COMPONENT)
            active = 1
        elif not active:
            self._tried[uid_of(job)] = failed
            self._queue.look_again(key, _TRIES_AGAIN_AFTER * 2 ** (failed - 1))
        _count(status, active, succeeded, failed, self._ready(job))
        if status != job["status"]:
            job = self._world.update({**job, "status": status}, CONTROLLER_MANAGER, "status")
            self._announce(job)

    def _counted(self, pod: Object) -> Object:
        """A pod that has ended needs no longer be kept until it was counted."""
        if pod["status"]["phase"] in ("Succeeded", "Failed") and "finalizers" in pod["metadata"]:
            return self._world.update(revised(pod, metadata={"finalizers": None}), CONTROLLER_MANAGER)
        return pod

    def _ready(self, job: Object) -> int:
        pods = self._world.children(job, POD)
        return sum(pod["status"]["phase"] == "Running" for pod in pods)

    def _announce(self, job: Object) -> None:
        conditions = job["status"].get("conditions", ())
        if find_condition(conditions, "Complete"):
            self._recorder.normal(job, "Completed", "Job completed", COMPONENT)
        elif find_condition(conditions, "Failed"):
            text = "Job has reached the specified backoff limit"
            self._recorder.warning(job, "BackoffLimitExceeded", text, COMPONENT)


def is_finished(job: Object) -> bool:
    """Whether it ended, well or not."""
    conditions = job["status"].get("conditions", ())
    return any(find_condition(conditions, kind) for kind in ("Complete", "Failed"))


def _finish(status: dict[str, Any], now: float, *, failed_because: str) -> None:
    if failed_because:
        reason = "BackoffLimitExceeded"
        status["conditions"] = [
            condition("FailureTarget", True, now, reason, failed_because, lastProbeTime=timestamp(now)),
            condition("Failed", True, now, reason, failed_because, lastProbeTime=timestamp(now)),
        ]
        return
    status["completionTime"] = timestamp(now)
    reason, message = "CompletionsReached", "Reached expected number of succeeded pods"
    status["conditions"] = [
        condition("SuccessCriteriaMet", True, now, reason, message, lastProbeTime=timestamp(now)),
        condition("Complete", True, now, reason, message, lastProbeTime=timestamp(now)),
    ]


def _count(status: dict[str, Any], active: int, succeeded: int, failed: int, ready: int) -> None:
    for name, count in (("active", active), ("succeeded", succeeded), ("failed", failed)):
        if count:
            status[name] = count
        else:
            status.pop(name, None)
    status["ready"] = ready

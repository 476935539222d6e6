"""Cron jobs: a job at every scheduled time, and only so many finished ones kept."""

from __future__ import annotations

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.controllers import schedule
from kwatch.simulator.scenario.controllers.garbage_collector import GarbageCollector
from kwatch.simulator.scenario.controllers.job import is_finished
from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.scenario.objects.conditions import find_condition
from kwatch.simulator.scenario.objects.job import job as job_of
from kwatch.simulator.scenario.objects.kube import (
    CRON_JOB,
    JOB,
    Object,
    controller_of,
    name_of,
    namespace_of,
    owner_reference,
)
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.timestamps import timestamp
from kwatch.simulator.scenario.workqueue import Workqueue
from kwatch.simulator.scenario.world import Key, World

COMPONENT = "cronjob-controller"
_STARTING_DEADLINE = 20.0
"""Seconds after which a run that could not start in time is left out."""


class CronJobController:
    """Starts jobs in time and clears away old ones."""

    def __init__(self, world: World, recorder: Recorder, garbage: GarbageCollector) -> None:
        self._world = world
        self._recorder = recorder
        self._garbage = garbage
        self._queue = Workqueue(world, self.reconcile, delay=(0.1, 0.5))
        world.on_change(JOB, self._on_job)

    def _on_job(self, job: Object, gone: bool) -> None:
        owner = controller_of(job)
        if owner is not None:
            self._queue.add((namespace_of(job), owner["name"]))

    def keep_time(self, key: Key) -> Process:
        """Start a job whenever it is time, for ever."""
        while (cron := self._world.get(CRON_JOB, key)) is not None:
            now = self._world.now()
            due = schedule.next_time(cron["spec"]["schedule"], now)
            yield due - now + self._world.between(0.0, 1.5)
            cron = self._world.get(CRON_JOB, key)
            overdue = self._world.now() - due > _STARTING_DEADLINE
            if cron is not None and not cron["spec"]["suspend"] and not overdue:
                self._start(cron, due)

    def _start(self, cron: Object, due: float) -> None:
        running = [job for job in self._world.children(cron, JOB) if not is_finished(job)]
        if running and cron["spec"]["concurrencyPolicy"] == "Forbid":
            text = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self._recorder.normal(cron, "JobAlreadyActive", text, COMPONENT)
            return
        made = job_of(cron, due, names.uid(self._world.random))
        if self._world.get(JOB, (namespace_of(cron), name_of(made))) is not None:
            return
        self._world.create(made, CONTROLLER_MANAGER)
        self._recorder.normal(cron, "SuccessfulCreate", f"Created job {name_of(made)}", COMPONENT)
        status = {**cron["status"], "lastScheduleTime": timestamp(due)}
        self._world.update({**cron, "status": status}, CONTROLLER_MANAGER, "status")

    def reconcile(self, key: Key) -> None:
        """Bring the status up to date and clear away what is beyond the history limits."""
        cron = self._world.get(CRON_JOB, key)
        if cron is None:
            return
        jobs = sorted(self._world.children(cron, JOB), key=lambda job: str(job["metadata"]["creationTimestamp"]))
        self._report(cron, jobs)
        done = [job for job in jobs if find_condition(job["status"].get("conditions", ()), "Complete")]
        failed = [job for job in jobs if find_condition(job["status"].get("conditions", ()), "Failed")]
        for kept, limit in ((done, "successfulJobsHistoryLimit"), (failed, "failedJobsHistoryLimit")):
            for job in kept[: max(0, len(kept) - cron["spec"][limit])]:
                self._recorder.normal(cron, "SuccessfulDelete", f"Deleted job {name_of(job)}", COMPONENT)
                self._garbage.delete(job)

    def _report(self, cron: Object, jobs: list[Object]) -> None:
        active = [_reference(job) for job in jobs if not is_finished(job)]
        was_active = {each["name"] for each in cron["status"].get("active", ())}
        for job in jobs:
            if is_finished(job) and name_of(job) in was_active:
                outcome = "Complete" if find_condition(job["status"]["conditions"], "Complete") else "Failed"
                text = f"Saw completed job: {name_of(job)}, condition: {outcome}"
                self._recorder.normal(cron, "SawCompletedJob", text, COMPONENT)
        status = {key: value for key, value in cron["status"].items() if key != "active"}
        if active:
            status["active"] = active
        succeeded = [str(job["status"]["completionTime"]) for job in jobs if "completionTime" in job["status"]]
        if succeeded:
            status["lastSuccessfulTime"] = max([*succeeded, status.get("lastSuccessfulTime", "")])
        if status != cron["status"]:
            self._world.update({**cron, "status": status}, CONTROLLER_MANAGER, "status")


def _reference(job: Object) -> Object:
    reference = {
        key: value for key, value in owner_reference(job).items() if key not in ("controller", "blockOwnerDeletion")
    }
    return {**reference, "namespace": namespace_of(job), "resourceVersion": job["metadata"]["resourceVersion"]}

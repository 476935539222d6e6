"""Jobs, whose pods run to their end and are tried again; and cron jobs, which start jobs by a schedule."""

from __future__ import annotations

import re
import time
from functools import lru_cache

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.controller import Controller, PodControl
from kwatch.simulator.engine.objects import (
    CRON_JOB,
    JOB,
    POD,
    Object,
    condition,
    conditions_of,
    find_condition,
    key_of,
    name_of,
    namespace_of,
    owner_reference,
    uid_of,
)
from kwatch.simulator.engine.pod_status import has_ended
from kwatch.simulator.engine.services import GarbageCollector
from kwatch.simulator.engine.shapes import job as job_of
from kwatch.simulator.engine.world import CONTROLLER_MANAGER, Key, Process, Recorder, World

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_PART = re.compile(r"(?:\*|([0-9]+)(?:-([0-9]+))?)(?:/([0-9]+))?")
_MOST_MINUTES = 60 * 24 * 40


@lru_cache(maxsize=256)
def parse_schedule(schedule: str) -> tuple[frozenset[int], ...]:
    """The minutes, hours, days, months and weekdays that a schedule names; raise ValueError."""
    return tuple(_values(text, *bounds) for text, bounds in zip(schedule.split(), _RANGES, strict=True))


def _values(text: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(part)
        first, last, step = match.groups()
        start, end = (int(first), int(last or first)) if first else (low, high)
        if not low <= start <= end <= high:
            raise ValueError(part)
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def matches(schedule: str, at: float) -> bool:
    """Whether a schedule names the minute of a time (UTC)."""
    now = time.gmtime(at)
    parts = (now.tm_min, now.tm_hour, now.tm_mday, now.tm_mon, (now.tm_wday + 1) % 7)
    return all(part in field for part, field in zip(parts, parse_schedule(schedule), strict=True))


def next_time(schedule: str, after: float) -> float:
    """The first minute after a time that a schedule names."""
    return _search(schedule, int(after // 60) * 60 + 60, 60)


def previous_time(schedule: str, before: float) -> float:
    """The last minute at or before a time that a schedule names."""
    return _search(schedule, int(before // 60) * 60, -60)


def _search(schedule: str, minute: int, step: int) -> float:
    for _ in range(_MOST_MINUTES):
        if matches(schedule, minute):
            break
        minute += step
    return float(minute)


_TRIES_AGAIN_AFTER = 10.0


class JobController(Controller):
    """Runs a job's pod, counts how it went, and says when it is over."""

    resource = JOB
    component = "job-controller"

    def __init__(self, world: World, recorder: Recorder, pods: PodControl) -> None:
        super().__init__(world, recorder, pods)
        self._tried: dict[str, int] = {}
        """Failures by the job's uid for which the next try is planned."""

    def on_own(self, obj: Object, gone: bool) -> None:
        """A job that is over needs nothing any more."""
        if not is_finished(obj):
            super().on_own(obj, gone)

    def act(self, job: Object) -> None:
        """Start it, try it again, or finish it."""
        if is_finished(job):
            return
        phases = [self._counted(pod)["status"]["phase"] for pod in self.world.children(job, POD)]
        succeeded, failed = phases.count("Succeeded"), phases.count("Failed")
        active = len(phases) - succeeded - failed
        now = self.world.now()
        status: Object = {**job["status"], "terminating": 0, "uncountedTerminatedPods": {}}
        status.setdefault("startTime", timestamp(now))
        if succeeded >= job["spec"]["completions"] or failed > job["spec"]["backoffLimit"]:
            self._tried.pop(uid_of(job), None)
            finish(status, now, failed=succeeded < job["spec"]["completions"])
        elif not active and failed <= self._tried.get(uid_of(job), 0):
            self.pods.create(job, self.component)
            active = 1
        elif not active:
            self._tried[uid_of(job)] = failed
            self.queue.look_again(key_of(job), _TRIES_AGAIN_AFTER * 2 ** (failed - 1))
        for name, count in (("active", active), ("succeeded", succeeded), ("failed", failed)):
            if count:
                status[name] = count
            else:
                status.pop(name, None)
        status["ready"] = sum(pod["status"]["phase"] == "Running" for pod in self.world.children(job, POD))
        if status != job["status"]:
            self._announce(self.world.report(job, status))

    def _counted(self, pod: Object) -> Object:
        """A pod that has ended needs no longer be kept until it was counted."""
        if has_ended(pod) and "finalizers" in pod["metadata"]:
            return self.world.patch(pod, CONTROLLER_MANAGER, metadata={"finalizers": None})
        return pod

    def _announce(self, job: Object) -> None:
        if has_outcome(job, "Complete"):
            self.say(job, "Completed", "Job completed")
        elif has_outcome(job, "Failed"):
            self.say(job, *LIMIT, "Warning")


def has_outcome(job: Object, outcome: str) -> bool:
    """Whether a job has ended as `Complete` or `Failed`."""
    return find_condition(conditions_of(job), outcome) is not None


def is_finished(job: Object) -> bool:
    """Whether it ended, well or not."""
    return has_outcome(job, "Complete") or has_outcome(job, "Failed")


LIMIT = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")


def finish(status: Object, at: float, *, failed: bool) -> None:
    """What the status of a job says once it is over."""
    why = LIMIT if failed else ("CompletionsReached", "Reached expected number of succeeded pods")
    if not failed:
        status["completionTime"] = timestamp(at)
    kinds = ("FailureTarget", "Failed") if failed else ("SuccessCriteriaMet", "Complete")
    status["conditions"] = [condition(kind, True, at, *why, lastProbeTime=timestamp(at)) for kind in kinds]


_STARTING_DEADLINE = 20.0
"""Seconds after which a run that could not start in time is left out."""


class CronJobController(Controller):
    resource = CRON_JOB
    owned = JOB
    component = "cronjob-controller"
    delay = (0.1, 0.5)

    def __init__(self, world: World, recorder: Recorder, pods: PodControl, garbage: GarbageCollector) -> None:
        super().__init__(world, recorder, pods)
        self._garbage = garbage

    def listen(self) -> None:
        """Only its jobs concern it: their times come by `keep_time`."""
        self.world.on_change(JOB, self.on_owned)

    def keep_time(self, key: Key) -> Process:
        """Start a job whenever it is time, for ever."""
        while (cron := self.world.get(CRON_JOB, key)) is not None:
            now = self.world.now()
            due = next_time(cron["spec"]["schedule"], now)
            yield due - now + self.world.between(0.0, 1.5)
            cron = self.world.get(CRON_JOB, key)
            overdue = self.world.now() - due > _STARTING_DEADLINE
            if cron is not None and not cron["spec"]["suspend"] and not overdue:
                self._start(cron, due)

    def _start(self, cron: Object, due: float) -> None:
        running = any(not is_finished(job) for job in self.world.children(cron, JOB))
        if running and cron["spec"]["concurrencyPolicy"] == "Forbid":
            text = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self.say(cron, "JobAlreadyActive", text)
            return
        made = job_of(cron, due, names.uid(self.world.random))
        if self.world.get(JOB, key_of(made)) is not None:
            return
        self.world.create(made, CONTROLLER_MANAGER)
        self.say(cron, "SuccessfulCreate", f"Created job {name_of(made)}")
        self.world.patch(cron, CONTROLLER_MANAGER, status={"lastScheduleTime": timestamp(due)})

    def act(self, cron: Object) -> None:
        jobs = sorted(self.world.children(cron, JOB), key=lambda job: str(job["metadata"]["creationTimestamp"]))
        self._count(cron, jobs)
        for outcome, limit in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
            kept = [job for job in jobs if has_outcome(job, outcome)]
            for job in kept[: max(0, len(kept) - cron["spec"][limit])]:
                self.say(cron, "SuccessfulDelete", f"Deleted job {name_of(job)}")
                self._garbage.delete(job)

    def _count(self, cron: Object, jobs: list[Object]) -> None:
        active = [_reference(job) for job in jobs if not is_finished(job)]
        was_active = {each["name"] for each in cron["status"].get("active", ())}
        for job in jobs:
            if is_finished(job) and name_of(job) in was_active:
                outcome = "Complete" if has_outcome(job, "Complete") else "Failed"
                self.say(cron, "SawCompletedJob", f"Saw completed job: {name_of(job)}, condition: {outcome}")
        status = {key: value for key, value in cron["status"].items() if key != "active"}
        if active:
            status["active"] = active
        succeeded = [str(job["status"]["completionTime"]) for job in jobs if "completionTime" in job["status"]]
        if succeeded:
            status["lastSuccessfulTime"] = max([*succeeded, status.get("lastSuccessfulTime", "")])
        self.world.report(cron, status)


def _reference(job: Object) -> Object:
    whole = owner_reference(job)
    reference = {name: whole[name] for name in ("apiVersion", "kind", "name", "uid")}
    return {**reference, "namespace": namespace_of(job), "resourceVersion": job["metadata"]["resourceVersion"]}

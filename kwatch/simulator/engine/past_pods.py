"""Pods that have been running for a while, cron jobs with their last runs, and the events of the last hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from kwatch.base.timestamp import parse_timestamp, timestamp
from kwatch.simulator import names
from kwatch.simulator.engine import jobs, pod_status, shapes
from kwatch.simulator.engine.containers import Images
from kwatch.simulator.engine.kubelet import Behaviour
from kwatch.simulator.engine.objects import (
    CRON_JOB,
    JOB,
    Object,
    managed_entry,
    name_of,
    namespace_of,
    uid_of,
    with_condition,
)
from kwatch.simulator.engine.pods import CONTROLLER_MANAGER, PodControl, PodFactory
from kwatch.simulator.engine.recorder import SCHEDULER, Recorder
from kwatch.simulator.engine.world import World
from kwatch.simulator.managed_fields import BUILTIN_FIELDS
from kwatch.simulator.scenario.spec import CronWorkload, FailedProbe

_RESTARTED = 0.12
"""The share of long-running pods that were restarted at least once."""
_LEAF: dict[str, Any] = {}
_CONDITION_FIELDS: dict[str, Any] = {
    f'k:{{"type":"{kind}"}}': {
        ".": _LEAF,
        "f:lastProbeTime": _LEAF,
        "f:lastTransitionTime": _LEAF,
        "f:observedGeneration": _LEAF,
        "f:status": _LEAF,
        "f:type": _LEAF,
    }
    for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")
}
_STATUS_FIELDS: dict[str, Any] = {
    "f:conditions": _CONDITION_FIELDS,
    "f:containerStatuses": _LEAF,
    "f:hostIP": _LEAF,
    "f:observedGeneration": _LEAF,
    "f:phase": _LEAF,
    "f:podIP": _LEAF,
    "f:startTime": _LEAF,
}


class PastPods:
    """Places pods on nodes, in turn."""

    def __init__(self, world: World, pods: PodControl, images: Images, workers: list[Object]) -> None:
        self._world = world
        self._pods = pods
        self._images = images
        self._workers = workers
        self._turn = 0
        self._written: dict[str, dict[str, Any]] = {}

    def next_worker(self) -> Object:
        self._turn += 1
        return self._workers[self._turn % len(self._workers)]

    def place(
        self,
        owner: Object,
        template: Object,
        created: float,
        *,
        name: str = "",
        node: Object | None = None,
        status: Object | None = None,
        **more: Any,
    ) -> Object:
        """A pod created then; it runs, unless another status is given."""
        world = self._world
        node = node or self.next_worker()
        factory = self._pods.factory(owner, template)
        prefix = "" if name else f"{name_of(owner)}-"
        own_name = name or prefix + names.suffix(world.random)
        created = max(created, parse_timestamp(node["metadata"]["creationTimestamp"]) + 300.0)
        pod = factory.pod(own_name, owner, names.suffix(world.random), generate_name=prefix, **more)
        metadata, spec = pod["metadata"], pod["spec"]
        spec["nodeName"] = name_of(node)
        metadata["creationTimestamp"] = timestamp(created)
        metadata["generation"] = 1
        host = node["status"]["addresses"][0]["address"]
        address = host if spec.get("hostNetwork") else world.pod_address(node)
        ready = created + world.between(3.0, 9.0)
        pod["status"] = status or pod_status.running_status(
            pod, world.random, node_address=host, address=address, started=created + 1, ready=ready
        )
        if status is None and world.random.random() < _RESTARTED:
            pod["status"] = self._restarted(pod["status"], created)
        metadata["managedFields"] = [
            self._creation(owner, factory, metadata),
            _report(pod["status"], host, timestamp(ready)),
        ]
        for container in (*factory.init_containers, *factory.containers):
            self._images.add(name_of(node), container["image"])
        return world.put(pod)

    def _restarted(self, status: Object, created: float) -> Object:
        """As if the container had ended some time ago."""
        world = self._world
        age = world.now() - created
        if age < 2 * 86_400.0:
            return status
        at = world.now() - age * world.between(0.02, 0.5)
        return pod_status.restarted(status, world.random, at, world.random.choice((1, 1, 1, 2, 3)))

    def _creation(self, owner: Object, factory: PodFactory, metadata: Object) -> Object:
        fields = self._written.get(uid_of(owner))
        if fields is None:
            names_written = ("generateName", "labels", "annotations", "ownerReferences")
            authored = {name: metadata[name] for name in names_written if name in metadata}
            fields = self._written[uid_of(owner)] = {
                **BUILTIN_FIELDS.fields_of({"metadata": authored}),
                "f:spec": factory.spec_fields,
            }
        return managed_entry(CONTROLLER_MANAGER, metadata["creationTimestamp"], "v1", fields)


def _report(status: Mapping[str, Any], host: str, time: str) -> Object:
    fields = {**_STATUS_FIELDS, "f:hostIPs": _address_fields(host)}
    if "podIP" in status:
        fields["f:podIPs"] = _address_fields(status["podIP"])
    if "initContainerStatuses" in status:
        fields["f:initContainerStatuses"] = _LEAF
    return managed_entry("kubelet", time, "v1", {"f:status": fields}, subresource="status")


@lru_cache(maxsize=4096)
def _address_fields(address: str) -> dict[str, Any]:
    return {".": _LEAF, f'k:{{"ip":"{address}"}}': {".": _LEAF, "f:ip": _LEAF}}


_LONGEST_AGO = 40
_TRIES = 3
_WAITS = (10.0, 20.0)
"""Between the tries of a job that fails."""


def place_cron_job(world: World, pods: PastPods, behaviour: Behaviour, cron: CronWorkload) -> Object:
    """A cron job, its last successful jobs and its last failed one."""
    now = world.now()
    made = shapes.cron_job(cron, now - cron.age_days * 86_400.0)
    made["metadata"]["uid"] = names.uid(world.random)
    succeeded = failed = 0
    at = now - max(45.0, cron.takes[1] + 3.0)
    last = last_success = 0.0
    for _ in range(_LONGEST_AGO):
        if cron.suspended or (succeeded >= cron.keep_succeeded and failed >= min(cron.keep_failed, cron.fails_every)):
            break
        at = jobs.previous_time(cron.schedule, at)
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
    made = shapes.job(cron, at, names.uid(world.random), at + 0.4)
    made["metadata"]["generation"] = 1
    tries = _TRIES if failure else 1
    started = at + 1.0
    for index in range(tries):
        runs = world.between(*workload.takes)
        _place_ended_pod(world, pods, made, started, started + runs, code=1 if failure else 0)
        started += runs + (_WAITS[index] if index + 1 < tries else 0.0)
    ended = started + 1.0
    made["status"] = {"startTime": timestamp(at + 0.5), "terminating": 0, "uncountedTerminatedPods": {}, "ready": 0}
    made["status"]["failed" if failure else "succeeded"] = tries
    jobs.finish(made["status"], ended, failed=failure)
    world.place(made, CONTROLLER_MANAGER, status_by=CONTROLLER_MANAGER, status_at=ended)
    return ended


def _longest_failure(cron: CronWorkload) -> float:
    """What began later than that ago may not have failed yet: no pod of it is from the future."""
    return _TRIES * cron.takes[1] + sum(_WAITS) + 3.0


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


_HORIZON = 3300.0
_MOST_PODS = 40


def place_past_events(world: World, recorder: Recorder, probes: Iterable[FailedProbe]) -> None:
    now = world.now()
    pods = sorted(world.store.list("pods"), key=lambda pod: str(pod["metadata"]["creationTimestamp"]), reverse=True)
    for pod in pods[:_MOST_PODS]:
        born = parse_timestamp(pod["metadata"]["creationTimestamp"])
        if born > now - _HORIZON:
            _pod_events(recorder, pod, born)
    for cron in world.store.list(CRON_JOB):
        for job in world.children(cron, JOB):
            born = parse_timestamp(job["metadata"]["creationTimestamp"])
            if born > now - _HORIZON:
                _job_events(recorder, cron, job, born)
    for probe in probes:
        _failed_probe(world, recorder, probe)


def _pod_events(recorder: Recorder, pod: Object, born: float) -> None:
    where = pod["spec"]["nodeName"]
    message = f"Successfully assigned {namespace_of(pod)}/{name_of(pod)} to {where}"
    recorder.past(pod, "Normal", "Scheduled", message, SCHEDULER, (born, born))
    for container in pod["spec"]["containers"]:
        said = (
            ("Pulled", f'Container image "{container["image"]}" already present on machine'),
            ("Created", f"Created container: {container['name']}"),
            ("Started", f"Started container {container['name']}"),
        )
        for reason, text in said:
            recorder.past(pod, "Normal", reason, text, "kubelet", (born + 2, born + 2), container=container["name"])


def _job_events(recorder: Recorder, cron: Object, job: Object, born: float) -> None:
    text = f"Created job {name_of(job)}"
    recorder.past(cron, "Normal", "SuccessfulCreate", text, "cronjob-controller", (born, born))
    if "completionTime" in job["status"]:
        ended = parse_timestamp(job["status"]["completionTime"])
        recorder.past(job, "Normal", "Completed", "Job completed", "job-controller", (ended, ended))
        text = f"Saw completed job: {name_of(job)}, condition: Complete"
        recorder.past(cron, "Normal", "SawCompletedJob", text, "cronjob-controller", (ended, ended))
    else:
        ended = parse_timestamp(job["status"]["conditions"][-1]["lastTransitionTime"])
        recorder.past(job, "Warning", *jobs.LIMIT, "job-controller", (ended, ended))


def _failed_probe(world: World, recorder: Recorder, probe: FailedProbe) -> None:
    now = world.now()
    for pod in world.pods_of_app(probe.namespace, probe.workload)[:1]:
        text = (
            f'Readiness probe failed: Get "http://{pod["status"]["podIP"]}:8080/": context deadline exceeded '
            "(Client.Timeout exceeded while awaiting headers)"
        )
        times = (now - 1900.0, now - 240.0 * probe.count)
        recorder.past(pod, "Warning", "Unhealthy", text, "kubelet", times, probe.count, probe.workload)

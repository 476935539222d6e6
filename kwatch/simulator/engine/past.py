"""What has been running for a while: pods, workloads with everything around them, cron jobs with their last runs; and
the events of the last hour.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from kwatch.base.timestamp import parse_timestamp, timestamp
from kwatch.simulator import names
from kwatch.simulator.engine import jobs, pod_status, rollouts, services, shapes
from kwatch.simulator.engine.control_plane import ControlPlane
from kwatch.simulator.engine.controller import PodFactory
from kwatch.simulator.engine.objects import CRON_JOB, JOB, POD, Object, key_of, merge_patch, name_of, shape, uid_of
from kwatch.simulator.engine.pod_status import main_container
from kwatch.simulator.engine.sets import (
    daemon_set_status,
    pod_of_daemon_set,
    pod_of_stateful_set,
    runs_on,
    stateful_set_status,
)
from kwatch.simulator.engine.world import CONTROLLER_MANAGER, SCHEDULER, Recorder, World
from kwatch.simulator.managed_fields import BUILTIN_FIELDS, entry_of
from kwatch.simulator.scenario.spec import HELM, CronWorkload, FailedProbe, Workload

_RESTARTED = 0.12
"""The share of long-running pods that were restarted at least once."""


def _leaves(*names: str) -> dict[str, Any]:
    return {f"f:{name}": {} for name in names}


_CONDITION = {".": {}, **_leaves("lastProbeTime", "lastTransitionTime", "observedGeneration", "status", "type")}
_CONDITIONS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")
_STATUS_FIELDS: dict[str, Any] = {
    "f:conditions": {f'k:{{"type":"{kind}"}}': _CONDITION for kind in _CONDITIONS},
    **_leaves("containerStatuses", "hostIP", "observedGeneration", "phase", "podIP", "startTime"),
}
"""What a kubelet has written of every pod; shared, since there are many."""


class PastPods:
    """Places pods on nodes, in turn."""

    def __init__(self, control: ControlPlane, workers: list[Object]) -> None:
        self._world = control.world
        self._control = control
        self._workers = workers
        self._turn = 0
        self._written: dict[str, dict[str, Any]] = {}

    def next_worker(self) -> Object:
        self._turn += 1
        return self._workers[self._turn % len(self._workers)]

    def place(
        self,
        owner: Object,
        created: float,
        *,
        name: str = "",
        node: Object | None = None,
        ended: tuple[float, int] | None = None,
        **more: Any,
    ) -> Object:
        """A pod created then; it runs, unless it ended, at a time and with an exit code. `more` goes to the factory."""
        world, random = self._world, self._world.random
        node = node or self.next_worker()
        factory = self._control.pods.factory(owner, owner["spec"]["template"])
        prefix = "" if name else f"{name_of(owner)}-"
        container_id = names.container_id(random) if ended else ""
        own_name = name or prefix + names.suffix(random)
        pod = factory.pod(own_name, owner, names.suffix(random), generate_name=prefix, **more)
        born = max(created, parse_timestamp(node["metadata"]["creationTimestamp"]) + 300.0)
        pod["spec"]["nodeName"] = name_of(node)
        pod["metadata"] |= {"creationTimestamp": timestamp(born), "generation": 1}
        host = node["status"]["addresses"][0]["address"]
        where = {
            "node_address": host,
            "address": host if pod["spec"].get("hostNetwork") else world.pod_address(node),
        }
        ready = born + world.between(3.0, 9.0)
        if ended:
            main = main_container(owner["spec"]["template"])
            pod["status"] = _ended_status(pod, main, container_id, created, *ended, **where)
        else:
            status = pod_status.running_status(pod, random, started=born + 1, ready=ready, **where)
            pod["status"] = self._maybe_restarted(status, born)
        creation = self._creation(owner, factory, pod["metadata"])
        pod["metadata"]["managedFields"] = [creation, _report(pod["status"], host, timestamp(ready))]
        self._control.images.on_node[name_of(node)].update(each["image"] for each in factory.containers)
        return world.put(pod)

    def _maybe_restarted(self, status: Object, born: float) -> Object:
        """For some of those that are old enough: as if the container had ended some time ago."""
        random, now = self._world.random, self._world.now()
        if random.random() >= _RESTARTED or now - born < 2 * 86_400.0:
            return status
        at = now - (now - born) * random.uniform(0.02, 0.5)
        return pod_status.restarted(status, random, at, random.choice((1, 1, 1, 2, 3)))

    def _creation(self, owner: Object, factory: PodFactory, metadata: Object) -> Object:
        fields = self._written.get(uid_of(owner))
        if fields is None:
            authored = ("generateName", "labels", "annotations", "ownerReferences")
            written = {"metadata": {name: metadata[name] for name in authored if name in metadata}}
            fields = {**BUILTIN_FIELDS.fields_of(written), "f:spec": factory.spec_fields}
            self._written[uid_of(owner)] = fields
        return entry_of(CONTROLLER_MANAGER, metadata["creationTimestamp"], "v1", fields)


def _ended_status(
    pod: Object, main: Object, container_id: str, began: float, at: float, code: int, *, node_address: str, address: str
) -> Object:
    state = pod_status.terminated(code, "Error" if code else "Completed", began + 2, at, container_id)
    statuses = [pod_status.container_status(main, state, container_id=container_id)]
    times = {"started": began, "initialized": began, "at": at}
    return pod_status.past_status(pod, statuses, [], node_address=node_address, address=address, **times)


def _report(status: Mapping[str, Any], host: str, time: str) -> Object:
    fields = {**_STATUS_FIELDS, "f:hostIPs": _address_fields(host), "f:podIPs": _address_fields(status["podIP"])}
    if "initContainerStatuses" in status:
        fields["f:initContainerStatuses"] = {}
    return entry_of("kubelet", time, "v1", {"f:status": fields}, "status")


@lru_cache(maxsize=4096)
def _address_fields(address: str) -> dict[str, Any]:
    return {".": {}, f'k:{{"ip":"{address}"}}': {".": {}, "f:ip": {}}}


_LONGEST_AGO = 40
_TRIES = 3
_WAITS = (10.0, 20.0)
"""Between the tries of a job that fails."""


def place_cron_job(control: ControlPlane, pods: PastPods, cron: CronWorkload) -> Object:
    """A cron job, its last successful jobs and its last failed one."""
    world = control.world
    now = world.now()
    made = shapes.cron_job(cron, now - cron.age_days * 86_400.0)
    made["metadata"]["uid"] = names.uid(world.random)
    # What began later than that may not have failed yet: no pod of it is from the future.
    over = now - (_TRIES * cron.takes[1] + sum(_WAITS) + 3.0)
    succeeded = failed = 0
    at = now - max(45.0, cron.takes[1] + 3.0)
    last = last_success = 0.0
    for _ in range(_LONGEST_AGO):
        if cron.suspended or (succeeded >= cron.keep_succeeded and failed >= min(cron.keep_failed, cron.fails_every)):
            break
        at = jobs.previous_time(cron.schedule, at)
        failure = control.behaviour.fails(cron, at) and at < over
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
    waits = _WAITS if failure else ()
    started = at + 1.0
    for wait in (*waits, 0.0):
        runs = world.between(*workload.takes)
        pods.place(made, started, ended=(started + runs, 1 if failure else 0))
        started += runs + wait
    ended = started + 1.0
    made["status"] = {"startTime": timestamp(at + 0.5), "terminating": 0, "uncountedTerminatedPods": {}, "ready": 0}
    made["status"]["failed" if failure else "succeeded"] = len(waits) + 1
    jobs.finish(made["status"], ended, failed=failure)
    world.place(made, CONTROLLER_MANAGER, status_by=CONTROLLER_MANAGER, status_at=ended)
    return ended


_HORIZON = 3300.0
_MOST_PODS = 40


def place_past_events(world: World, recorder: Recorder, probes: Iterable[FailedProbe]) -> None:
    now = world.now()
    pods = sorted(world.store.list(POD), key=_created, reverse=True)
    for pod in pods[:_MOST_PODS]:
        born = parse_timestamp(_created(pod))
        if born > now - _HORIZON:
            _pod_events(recorder, pod, born)
    for cron in world.store.list(CRON_JOB):
        for job in world.children(cron, JOB):
            born = parse_timestamp(_created(job))
            if born > now - _HORIZON:
                _job_events(recorder, cron, job, born)
    for probe in probes:
        for pod in world.pods_of_app(probe.namespace, probe.workload)[:1]:
            text = (
                f'Readiness probe failed: Get "http://{pod["status"]["podIP"]}:8080/": context deadline exceeded '
                "(Client.Timeout exceeded while awaiting headers)"
            )
            times = (now - 1900.0, now - 240.0 * probe.count)
            recorder.past(pod, "Warning", "Unhealthy", text, "kubelet", times, probe.count, probe.workload)


def _created(obj: Object) -> str:
    return str(obj["metadata"]["creationTimestamp"])


def _pod_events(recorder: Recorder, pod: Object, born: float) -> None:
    namespace, name = key_of(pod)
    message = f"Successfully assigned {namespace}/{name} to {pod['spec']['nodeName']}"
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


_DAY = 86_400.0
_HOUR = 3_600.0


class PastWorkloads:
    """Places workloads, and remembers what the controllers have to watch."""

    def __init__(self, control: ControlPlane, pods: PastPods, nodes: list[Object]) -> None:
        self._world = control.world
        self._now = control.world.now()
        self._pods = pods
        self._nodes = nodes
        self._zones = {name_of(node): node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes}
        self.services: list[Object] = []
        self.budgets: list[Object] = []
        self.autoscalers: list[Object] = []

    def place(self, workload: Workload) -> None:
        world, by = self._world, workload.applied_by
        created = self._now - workload.age_days * _DAY
        deployed = self._now - workload.deployed_hours * _HOUR
        self._place_configuration(workload, created, deployed)
        place = {"StatefulSet": self._stateful_set, "DaemonSet": self._daemon_set}.get(workload.kind, self._deployment)
        made = shapes.workload_object(workload, created)
        made["metadata"]["uid"] = names.uid(world.random)
        place(workload, made, created, max(created, deployed))
        if workload.service:
            self._place_service(workload, created, deployed)
        if workload.host:
            balancer = shapes.balancer_of("ingress-nginx-controller")
            ingress = shapes.of_workload("Ingress", workload, created, balancer=balancer)
            world.place(ingress, by, status_by="nginx-ingress-controller")
            world.place(shapes.certificate(workload, self._now - 33 * _DAY), "cert-manager-certificates-issuing")
        if workload.min_available is not None:
            self.budgets.append(world.place(shapes.disruption_budget(workload, created), by))
        if workload.autoscale is not None:
            self.autoscalers.append(world.place(shapes.autoscaler(workload, created), by))

    def _place_configuration(self, workload: Workload, created: float, deployed: float) -> None:
        world, by, name, namespace = self._world, workload.applied_by, workload.name, workload.namespace
        if workload.config:
            world.place(shapes.workload_config(workload, created), by, written=max(created, deployed))
        if workload.secret:
            login = {"user": name.replace("-", "_"), "password": names.digest(f"{namespace}/{name} password")[:24]}
            world.place(shapes.secret("Credentials", name, namespace, created, **login), "sealed-secrets")
        account = workload.service_account
        if account and world.get("serviceaccounts", (namespace, account)) is None:
            world.place(shape("ServiceAccount", account, namespace, created=created), by)
        if by == HELM:
            revision = str(1 + names.stable_number(name) % 7)
            body = base64.b64encode(names.digest(f"{name} {revision}").encode() * 6).decode()
            made = shapes.secret("HelmRelease", name, namespace, created, revision=revision, release=body)
            world.place(made, "helm")

    def _settle(
        self, made: Object, by: str, status: Object, written: float, reported: float, generation: int = 1
    ) -> Object:
        """Place what a controller looks after, with the status it reported then."""
        given: dict[str, Any] = {"written": written, "status_at": reported, "generation": generation}
        return self._world.place({**made, "status": status}, by, status_by=CONTROLLER_MANAGER, **given)

    def _deployment(self, workload: Workload, made: Object, created: float, deployed: float) -> None:
        revision = len(workload.history) + 1
        notes = {rollouts.REVISION: str(revision)}
        made = merge_patch(made, {"metadata": {"annotations": notes, "generation": revision}})
        sets = [self._old_set(made, workload, tag, index, created) for index, tag in enumerate(workload.history)]
        current = rollouts.replica_set(made, made["spec"]["template"], workload.replicas, revision, deployed)
        current["metadata"] |= {"uid": names.uid(self._world.random), "generation": 1}
        for index in range(workload.replicas):
            self._pods.place(current, self._born(deployed, index))
        counts = rollouts.replica_set_status(current, self._world.children(current, POD))
        current = self._settle(current, CONTROLLER_MANAGER, counts, deployed, deployed + 30)
        status = rollouts.deployment_status(made, current, [*sets, current], created + 30)
        for each in status["conditions"]:
            if each["type"] == "Progressing":
                each["lastUpdateTime"] = timestamp(deployed + 30)
        self._settle(made, workload.applied_by, status, deployed - 1, deployed + 30, revision)

    def _born(self, deployed: float, index: int) -> float:
        """Most pods are as old as their rollout; some were moved since."""
        age, random = self._now - deployed, self._world.random
        return deployed + (random.random() * age * 0.9 if random.random() < 0.15 else min(age * 0.5, index * 4.0))

    def _old_set(self, owner: Object, workload: Workload, tag: str, index: int, created: float) -> Object:
        """A replica set of an earlier version, kept without pods."""
        older = msgspec.structs.replace(workload, image=f"{workload.image.rsplit(':', 1)[0]}:{tag}")
        span = self._now - workload.deployed_hours * _HOUR - created
        at = created + span * (index + 1) / (len(workload.history) + 2)
        made = rollouts.replica_set(owner, shapes.pod_template(older), 0, index + 1, at)
        status = {"replicas": 0, "terminatingReplicas": 0, "observedGeneration": 2}
        return self._settle(made, CONTROLLER_MANAGER, status, at, at, generation=2)

    def _stateful_set(self, workload: Workload, made: Object, created: float, deployed: float) -> None:
        update, placed = self._revision(made, created), []
        for ordinal in range(workload.replicas):
            own, node = pod_of_stateful_set(made, ordinal, update), self._pods.next_worker()
            claims = {}
            if workload.claim:
                claims["data"] = self._bound_claim(workload, own["name"], node, created + 20.0 * ordinal)
            at = deployed + 25.0 * (workload.replicas - ordinal)
            placed.append(self._pods.place(made, at, node=node, claims=claims, **own))
        self._settle(made, workload.applied_by, stateful_set_status(made, update, placed), deployed, deployed + 90)

    def _daemon_set(self, workload: Workload, made: Object, created: float, deployed: float) -> None:
        update = self._revision(made, created)
        placed = [
            self._pods.place(made, deployed, node=node, **pod_of_daemon_set(made, name_of(node), update))
            for node in self._nodes
            if runs_on(made, node)
        ]
        status = daemon_set_status(made, update, placed, len(placed))
        self._settle(made, workload.applied_by, status, deployed, deployed + 60)

    def _revision(self, made: Object, created: float) -> str:
        made["metadata"]["generation"] = 1
        self._world.place(shapes.controller_revision(made, 1, created), CONTROLLER_MANAGER)
        return shapes.revision_hash(made)

    def _bound_claim(self, workload: Workload, pod: str, node: Object, created: float) -> str:
        name, labels = f"data-{pod}", {"app": workload.name}
        made = shapes.claim(name, workload.namespace, workload.claim, workload.storage_class, labels, created)
        made["metadata"]["uid"] = names.uid(self._world.random)
        made["metadata"]["annotations"] = {**shapes.BOUND, "volume.kubernetes.io/selected-node": name_of(node)}
        reclaim = "Retain" if "retain" in workload.storage_class else "Delete"
        volume = shapes.volume(made, self._zones[name_of(node)], reclaim, created + 4)
        volume = self._world.place(volume, "csi-provisioner")
        made["spec"]["volumeName"] = name_of(volume)
        self._settle(made, CONTROLLER_MANAGER, shapes.bound_status(made, volume), created, created + 5)
        return name

    def _place_service(self, workload: Workload, created: float, changed: float) -> None:
        world = self._world
        placed = world.place(shapes.service(workload, 10 + len(self.services), created), workload.applied_by)
        self.services.append(placed)
        pods = services.reachable(world.pods_of_app(workload.namespace, workload.name))
        note = {"annotations": services.change_trigger(changed)}
        filled = {
            "endpoints": [services.slice_endpoint(pod, self._zones[pod["spec"]["nodeName"]]) for pod in pods],
            "ports": services.slice_ports(placed, pods),
        }
        made = shapes.endpoint_slice(placed, names.suffix(world.random), created, **note, **filled)
        made["metadata"]["generation"] = 1 + len(pods)
        world.place(made, CONTROLLER_MANAGER, written=changed)
        older = shapes.endpoints(placed, created, **note, subsets=services.subsets_of(placed, pods))
        world.place(older, CONTROLLER_MANAGER, written=changed)

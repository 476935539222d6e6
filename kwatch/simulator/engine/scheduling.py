"""The scheduler: a node for each pod that has none, and volumes for the claims of a pod that found one."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kwatch.simulator.engine.kubelet import Kubelet
from kwatch.simulator.engine.objects import (
    CLAIM,
    NODE,
    POD,
    Object,
    app_of,
    condition,
    conditions_of,
    is_terminating,
    is_true,
    key_of,
    name_of,
    namespace_of,
    quantity,
    requested,
    uid_of,
    with_condition,
)
from kwatch.simulator.engine.sets import pinned_node
from kwatch.simulator.engine.shapes import BOUND, PROVISIONER, bound_status, volume
from kwatch.simulator.engine.world import CONTROLLER_MANAGER, SCHEDULER, Key, Process, Recorder, World

_PROVISIONER = f"{PROVISIONER}_ebs-csi-controller-0"
_WAITING = (
    f"Waiting for a volume to be created either by the external provisioner '{PROVISIONER}' or manually by the system "
    "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly "
    "registered."
)


class VolumeBinder:
    def __init__(self, world: World, recorder: Recorder) -> None:
        self._world = world
        self._recorder = recorder

    def bind_claims(self, pod: Object, node: Object) -> Process:
        """Wait until every claim of a pod that is to run on a node has its volume."""
        for mounted in pod["spec"].get("volumes", ()):
            if "persistentVolumeClaim" in mounted:
                key = (namespace_of(pod), mounted["persistentVolumeClaim"]["claimName"])
                claim = self._world.get(CLAIM, key)
                if claim is not None and claim["status"]["phase"] == "Pending":
                    yield from self._provision(claim, node)

    def _provision(self, claim: Object, node: Object) -> Process:
        key = key_of(claim)
        notes = {
            "volume.kubernetes.io/selected-node": name_of(node),
            "volume.kubernetes.io/storage-provisioner": PROVISIONER,
        }
        claim = self._world.patch(claim, "kube-scheduler", metadata={"annotations": notes})
        self._recorder.event(claim, "Normal", "ExternalProvisioning", _WAITING, "persistentvolume-controller")
        text = f'External provisioner is provisioning volume for claim "{key[0]}/{key[1]}"'
        self._recorder.event(claim, "Normal", "Provisioning", text, _PROVISIONER)
        yield self._world.between(2.0, 5.0)
        current = self._world.get(CLAIM, key)
        if current is None or current["status"]["phase"] == "Bound":
            return
        storage_class = self._world.get("storageclasses.storage.k8s.io", ("", current["spec"]["storageClassName"]))
        reclaim = str(storage_class["reclaimPolicy"]) if storage_class else "Delete"
        zone = node["metadata"]["labels"]["topology.kubernetes.io/zone"]
        made = self._world.create(volume(current, zone, reclaim, self._world.now()), "csi-provisioner")
        text = f"Successfully provisioned volume {name_of(made)}"
        self._recorder.event(current, "Normal", "ProvisioningSucceeded", text, _PROVISIONER)
        yield self._world.between(0.1, 0.4)
        current = self._world.get(CLAIM, key)
        if current is not None:
            metadata, spec = {"annotations": BOUND}, {"volumeName": name_of(made)}
            current = self._world.patch(current, CONTROLLER_MANAGER, metadata=metadata, spec=spec)
            self._world.report(current, bound_status(current, made))


_SAMPLE = 12
"""So many nodes are looked at for a pod when there are more: enough to find a good one."""


class Scheduler:
    """Binds pods to nodes, and starts them."""

    def __init__(self, world: World, recorder: Recorder, binder: VolumeBinder, kubelet: Kubelet) -> None:
        self._world = world
        self._recorder = recorder
        self._binder = binder
        self._kubelet = kubelet
        self._at_work: set[tuple[Key, str]] = set()
        world.on_change(POD, self._on_pod)

    def _on_pod(self, pod: Object, gone: bool) -> None:
        if gone or pod["spec"].get("nodeName") or is_terminating(pod):
            return
        identity = key_of(pod), uid_of(pod)
        if identity not in self._at_work:
            self._at_work.add(identity)
            self._world.spawn(self._schedule(*identity), self._world.between(0.02, 0.15))

    def _pod(self, key: Key, uid: str) -> Object | None:
        pod = self._world.get(POD, key)
        return pod if pod is not None and uid_of(pod) == uid else None

    def _schedule(self, key: Key, uid: str) -> Process:
        wait = 2.0
        while (pod := self._pod(key, uid)) is not None and not pod["spec"].get("nodeName"):
            nodes = self._candidates(pod)
            node, refusals = self._choose(pod, nodes)
            if node is not None:
                yield from self._binder.bind_claims(pod, node)
                self._bind(key, uid, node)
                break
            self._refuse(pod, len(nodes), refusals)
            yield wait
            wait = min(20.0, wait * 1.6)
        self._at_work.discard((key, uid))

    def _candidates(self, pod: Object) -> list[Object]:
        pinned = pinned_node(pod)
        if pinned:
            node = self._world.get(NODE, ("", pinned))
            return [node] if node is not None else []
        nodes = self._world.store.list(NODE)
        return nodes if len(nodes) <= 2 * _SAMPLE else self._world.random.sample(nodes, _SAMPLE)

    def _choose(self, pod: Object, nodes: list[Object]) -> tuple[Object | None, Counter[str]]:
        """The node with the fewest pods of the same app, and then the fewest pods; or why there is none."""
        refusals: Counter[str] = Counter()
        scores: list[tuple[int, float, str]] = []
        alike = Counter(each["spec"].get("nodeName") for each in self._world.pods_of_app(*app_of(pod)))
        for node in nodes:
            why, name = self._refusal(pod, node), name_of(node)
            if why:
                refusals[why] += 1
            else:
                scores.append((alike[name], self._world.pod_count_on(name) + self._world.between(0.0, 4.0), name))
        return self._world.get(NODE, ("", min(scores)[2])) if scores else None, refusals

    def _refusal(self, pod: Object, node: Object) -> str:
        """Why a node cannot take the pod; empty if it can."""
        for taint in node["spec"].get("taints", ()):
            if taint["effect"] != "PreferNoSchedule" and not _tolerates(pod, taint):
                if taint["key"] == "node.kubernetes.io/unschedulable":
                    return "node(s) were unschedulable"
                return f"node(s) had untolerated taint(s) {{{taint['key']}: {taint.get('value', '')}}}"
        if not is_true(conditions_of(node), "Ready") and not pinned_node(pod):
            return "node(s) were not ready"
        allocatable = node["status"]["allocatable"]
        if self._world.pod_count_on(name_of(node)) >= int(allocatable["pods"]):
            return "Too many pods"
        cpu, memory = requested(pod)
        if memory > 1e9 or cpu > 0.45:
            others = [requested(each) for each in self._world.pods_on(name_of(node))]
            if sum(each[1] for each in others) + memory > quantity(allocatable["memory"]):
                return "Insufficient memory"
            if sum(each[0] for each in others) + cpu > quantity(allocatable["cpu"]):
                return "Insufficient cpu"
        return ""

    def _refuse(self, pod: Object, nodes: int, refusals: Counter[str]) -> None:
        parts = ", ".join(f"{count} {why}" for why, count in sorted(refusals.items()))
        message = (
            f"0/{nodes} nodes are available: {parts}. no new claims to deallocate, preemption: 0/{nodes} nodes are "
            f"available: {nodes} Preemption is not helpful for scheduling."
        )
        status = self._scheduled(pod, False, "Unschedulable", message, lastProbeTime=None)
        pod = self._world.patch(pod, "kube-scheduler", status=status)
        self._recorder.event(pod, "Warning", "FailedScheduling", message, SCHEDULER)

    def _bind(self, key: Key, uid: str, node: Object) -> None:
        pod = self._pod(key, uid)
        if pod is None:
            return
        generation = pod["metadata"].get("generation", 1)
        status = self._scheduled(pod, True, observedGeneration=generation, lastProbeTime=None)
        pod = self._world.patch(pod, "kube-scheduler", "binding", spec={"nodeName": name_of(node)}, status=status)
        message = f"Successfully assigned {key[0]}/{key[1]} to {name_of(node)}"
        self._recorder.event(pod, "Normal", "Scheduled", message, SCHEDULER)
        self._kubelet.start(pod)

    def _scheduled(self, pod: Object, good: bool, reason: str = "", message: str = "", **more: Any) -> Object:
        made = condition("PodScheduled", good, self._world.now(), reason, message, **more)
        return {"conditions": with_condition(conditions_of(pod), made)}


def _tolerates(pod: Object, taint: Object) -> bool:
    return any(
        toleration.get("operator") == "Exists"
        and toleration.get("key") in (None, taint["key"])
        and toleration.get("effect") in (None, taint["effect"])
        for toleration in pod["spec"].get("tolerations", ())
    )

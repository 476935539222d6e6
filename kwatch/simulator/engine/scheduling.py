"""The scheduler: a node for each pod that has none, and volumes for the claims of a pod that found one."""

from __future__ import annotations

from collections import Counter

from kwatch.simulator.engine import surroundings
from kwatch.simulator.engine.kubelet import Kubelet
from kwatch.simulator.engine.objects import (
    POD,
    Object,
    condition,
    is_terminating,
    is_true,
    name_of,
    namespace_of,
    quantity,
    requested,
    revised,
    with_condition,
)
from kwatch.simulator.engine.recorder import SCHEDULER, Recorder
from kwatch.simulator.engine.shapes import PROVISIONER
from kwatch.simulator.engine.world import APP_LABEL, Key, Process, World

CLAIMS = "persistentvolumeclaims"
_PROVISIONER = f"{PROVISIONER}_ebs-csi-controller-0"
_BINDER = "persistentvolume-controller"


class VolumeBinder:
    def __init__(self, world: World, recorder: Recorder) -> None:
        self._world = world
        self._recorder = recorder

    def bind_claims(self, pod: Object, node: Object) -> Process:
        """Wait until every claim of a pod that is to run on a node has its volume."""
        for volume in pod["spec"].get("volumes", ()):
            if "persistentVolumeClaim" in volume:
                key = (namespace_of(pod), volume["persistentVolumeClaim"]["claimName"])
                claim = self._world.get(CLAIMS, key)
                if claim is not None and claim["status"]["phase"] == "Pending":
                    yield from self._provision(claim, node)

    def _provision(self, claim: Object, node: Object) -> Process:
        key = (namespace_of(claim), name_of(claim))
        notes = {
            "volume.kubernetes.io/selected-node": name_of(node),
            "volume.kubernetes.io/storage-provisioner": PROVISIONER,
        }
        given = {**claim["metadata"].get("annotations", {}), **notes}
        claim = self._world.update(revised(claim, metadata={"annotations": given}), "kube-scheduler")
        waiting = (
            f"Waiting for a volume to be created either by the external provisioner '{PROVISIONER}' or "
            "manually by the system administrator. If volume creation is delayed, please verify that the provisioner "
            "is running and correctly registered."
        )
        self._recorder.normal(claim, "ExternalProvisioning", waiting, _BINDER)
        text = f'External provisioner is provisioning volume for claim "{key[0]}/{key[1]}"'
        self._recorder.normal(claim, "Provisioning", text, _PROVISIONER)
        yield self._world.between(2.0, 5.0)
        current = self._world.get(CLAIMS, key)
        if current is None or current["status"]["phase"] == "Bound":
            return
        zone = node["metadata"]["labels"]["topology.kubernetes.io/zone"]
        volume = surroundings.volume(current, zone, self._reclaim_policy(current), self._world.now())
        self._world.create(volume, "csi-provisioner")
        text = f"Successfully provisioned volume {name_of(volume)}"
        self._recorder.normal(current, "ProvisioningSucceeded", text, _PROVISIONER)
        yield self._world.between(0.1, 0.4)
        current = self._world.get(CLAIMS, key)
        if current is not None:
            self._bind(current, volume)

    def _reclaim_policy(self, claim: Object) -> str:
        storage_class = self._world.get("storageclasses.storage.k8s.io", ("", claim["spec"]["storageClassName"]))
        return str(storage_class["reclaimPolicy"]) if storage_class else "Delete"

    def _bind(self, claim: Object, volume: Object) -> None:
        given = {**claim["metadata"].get("annotations", {}), **surroundings.BOUND}
        bound = revised(claim, metadata={"annotations": given}, spec={"volumeName": name_of(volume)})
        claim = self._world.update(bound, "kube-controller-manager")
        status = {
            "phase": "Bound",
            "accessModes": claim["spec"]["accessModes"],
            "capacity": volume["spec"]["capacity"],
        }
        self._world.update({**claim, "status": status}, "kube-controller-manager", "status")


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
        identity = (namespace_of(pod), name_of(pod)), pod["metadata"]["uid"]
        if identity not in self._at_work:
            self._at_work.add(identity)
            self._world.spawn(self._schedule(*identity), self._world.between(0.02, 0.15))

    def _schedule(self, key: Key, uid: str) -> Process:
        wait = 2.0
        while True:
            pod = self._world.get(POD, key)
            if pod is None or pod["metadata"]["uid"] != uid or pod["spec"].get("nodeName"):
                break
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
        pinned = _pinned_node(pod)
        if pinned:
            node = self._world.get("nodes", ("", pinned))
            return [node] if node is not None else []
        nodes = self._world.store.list("nodes")
        return nodes if len(nodes) <= 2 * _SAMPLE else self._world.random.sample(nodes, _SAMPLE)

    def _choose(self, pod: Object, nodes: list[Object]) -> tuple[Object | None, dict[str, int]]:
        """The node with the fewest pods of the same app, and then the fewest pods; or why there is none."""
        refusals: dict[str, int] = {}
        best: tuple[int, float, str] | None = None
        chosen: Object | None = None
        app = pod["metadata"].get("labels", {}).get(APP_LABEL, "")
        alike = Counter(each["spec"].get("nodeName") for each in self._world.pods_of_app(namespace_of(pod), app))
        for node in nodes:
            why = self._refusal(pod, node)
            if why:
                refusals[why] = refusals.get(why, 0) + 1
                continue
            name = name_of(node)
            score = (alike[name], self._world.pod_count_on(name) + self._world.between(0.0, 4.0), name)
            if best is None or score < best:
                best, chosen = score, node
        return chosen, refusals

    def _refusal(self, pod: Object, node: Object) -> str:
        """Why a node cannot take the pod; empty if it can."""
        for taint in node["spec"].get("taints", ()):
            if taint["effect"] != "PreferNoSchedule" and not _tolerates(pod, taint):
                if taint["key"] == "node.kubernetes.io/unschedulable":
                    return "node(s) were unschedulable"
                return f"node(s) had untolerated taint(s) {{{taint['key']}: {taint.get('value', '')}}}"
        if not is_true(node["status"]["conditions"], "Ready") and not _pinned_node(pod):
            return "node(s) were not ready"
        if self._world.pod_count_on(name_of(node)) >= int(node["status"]["allocatable"]["pods"]):
            return "Too many pods"
        cpu, memory = requested(pod)
        if memory > 1e9 or cpu > 0.45:
            others = [requested(each) for each in self._world.pods_on(name_of(node))]
            if sum(each[1] for each in others) + memory > quantity(node["status"]["allocatable"]["memory"]):
                return "Insufficient memory"
            if sum(each[0] for each in others) + cpu > quantity(node["status"]["allocatable"]["cpu"]):
                return "Insufficient cpu"
        return ""

    def _refuse(self, pod: Object, nodes: int, refusals: dict[str, int]) -> None:
        parts = ", ".join(f"{count} {why}" for why, count in sorted(refusals.items(), key=lambda each: each[0]))
        message = (
            f"0/{nodes} nodes are available: {parts}. no new claims to deallocate, preemption: 0/{nodes} nodes are "
            f"available: {nodes} Preemption is not helpful for scheduling."
        )
        unschedulable = condition(
            "PodScheduled", False, self._world.now(), "Unschedulable", message, lastProbeTime=None
        )
        conditions = with_condition(pod["status"].get("conditions", ()), unschedulable)
        pod = self._world.update(revised(pod, status={"conditions": conditions}), "kube-scheduler", "status")
        self._recorder.warning(pod, "FailedScheduling", message, SCHEDULER, host="default-scheduler-cp-1")

    def _bind(self, key: Key, uid: str, node: Object) -> None:
        pod = self._world.get(POD, key)
        if pod is None or pod["metadata"]["uid"] != uid:
            return
        scheduled = condition(
            "PodScheduled",
            True,
            self._world.now(),
            observedGeneration=pod["metadata"].get("generation", 1),
            lastProbeTime=None,
        )
        conditions = with_condition(pod["status"].get("conditions", ()), scheduled)
        bound = revised(pod, spec={"nodeName": name_of(node)}, status={"conditions": conditions})
        pod = self._world.update(bound, "kube-scheduler", "binding")
        message = f"Successfully assigned {key[0]}/{key[1]} to {name_of(node)}"
        self._recorder.normal(pod, "Scheduled", message, SCHEDULER, host="default-scheduler-cp-1")
        self._kubelet.start(pod)


def _pinned_node(pod: Object) -> str:
    required = (
        pod["spec"]
        .get("affinity", {})
        .get("nodeAffinity", {})
        .get("requiredDuringSchedulingIgnoredDuringExecution", {})
        .get("nodeSelectorTerms", ())
    )
    for term in required:
        for field in term.get("matchFields", ()):
            value: str = field["values"][0]
            return value
    return ""


def _tolerates(pod: Object, taint: Object) -> bool:
    return any(
        toleration.get("operator") == "Exists"
        and toleration.get("key") in (None, taint["key"])
        and toleration.get("effect") in (None, taint["effect"])
        for toleration in pod["spec"].get("tolerations", ())
    )

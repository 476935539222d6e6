"""Nodes: cordoned, out of reach for a while, rebooted; the leases that they and leaders renew; and the scheduler, which
finds a node for each pod that has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from kwatch.base.timestamp import micro_timestamp, timestamp
from kwatch.simulator.engine.kubelet import Kubelet
from kwatch.simulator.engine.objects import (
    NODE,
    POD,
    Object,
    app_of,
    condition,
    conditions_of,
    find_condition,
    is_terminating,
    is_true,
    key_of,
    name_of,
    quantity,
    requested,
    uid_of,
    with_condition,
)
from kwatch.simulator.engine.pod_status import is_ready
from kwatch.simulator.engine.sets import VolumeBinder, pinned_node
from kwatch.simulator.engine.shapes import HEALTHY, boot_id
from kwatch.simulator.engine.world import CONTROLLER_MANAGER, SCHEDULER, Key, Process, Recorder, World

_COMPONENT = "node-controller"
_UNREACHABLE = "node.kubernetes.io/unreachable"
_MEMORY_PRESSURE = "node.kubernetes.io/memory-pressure"
_UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
State = tuple[str, str, str]
"""Status, reason and message of a condition."""


class NodeLifecycle:
    """What the node controller, the kubelet and people do to a node. A node that is not there is left alone."""

    def __init__(self, world: World, recorder: Recorder) -> None:
        self._world = world
        self._recorder = recorder

    def node(self, name: str) -> Object | None:
        """A node by name."""
        return self._world.get(NODE, ("", name))

    def cordon(self, name: str) -> None:
        """`kubectl cordon`, and the taint that follows from it."""
        node = self.node(name)
        if node is not None:
            self._say(self._world.patch(node, "kubectl", spec={"unschedulable": True}), "NodeNotSchedulable")
            self._taint(name, _UNSCHEDULABLE)

    def uncordon(self, name: str) -> None:
        """`kubectl uncordon`."""
        node = self.node(name)
        if node is not None and node["spec"].get("unschedulable"):
            self._say(self._world.patch(node, "kubectl", spec={"unschedulable": None}), "NodeSchedulable")
            self._untaint(name, _UNSCHEDULABLE)

    def lose(self, name: str) -> None:
        """The kubelet has not posted its status for too long: its state is unknown."""
        unknown = ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
        if self._report(name, "NodeNotReady", dict.fromkeys(HEALTHY, unknown), CONTROLLER_MANAGER):
            for effect in ("NoSchedule", "NoExecute"):
                self._taint(name, _UNREACHABLE, effect)
            for pod in self._world.pods_on(name):
                self._mark_unready(pod)

    def find(self, name: str) -> None:
        if self._report(name, "NodeReady", HEALTHY):
            self._untaint(name, _UNREACHABLE)

    def press(self, name: str) -> None:
        pressed = ("True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
        node = self._report(name, "NodeHasInsufficientMemory", {"MemoryPressure": pressed})
        if node is not None:
            text = "Attempting to reclaim memory"
            self._recorder.event(node, "Warning", "EvictionThresholdMet", text, "kubelet")
            self._taint(name, _MEMORY_PRESSURE)

    def relieve(self, name: str) -> None:
        if self._report(name, "NodeHasSufficientMemory", {"MemoryPressure": HEALTHY["MemoryPressure"]}):
            self._untaint(name, _MEMORY_PRESSURE)

    def reboot(self, name: str) -> bool:
        """The kubelet comes back with another boot id; False if the node is gone."""
        node = self.node(name)
        if node is None:
            return False
        info = {"bootID": boot_id(name, 1 + sum(map(ord, node["status"]["nodeInfo"]["bootID"])))}
        node = self._world.patch(node, "kubelet", status={"nodeInfo": info})
        self._recorder.event(node, "Normal", "Starting", "Starting kubelet.", "kubelet")
        text = f"Node {name} has been rebooted, boot id: {info['bootID']}"
        self._recorder.event(node, "Warning", "Rebooted", text, "kubelet")
        return True

    def heartbeat(self, name: str) -> None:
        """The kubelet posts its status, unchanged but for the time."""
        node = self.node(name)
        if node is not None:
            conditions = [
                {**each, "lastHeartbeatTime": self._now()} if each["type"] in HEALTHY else each
                for each in conditions_of(node)
            ]
            self._world.patch(node, "kubelet", status={"conditions": conditions})

    def _report(self, name: str, reason: str, states: Mapping[str, State], by: str = "kubelet") -> Object | None:
        """Write conditions and say so; only what the kubelet itself reports is a heartbeat."""
        node = self.node(name)
        if node is None:
            return None
        conditions = conditions_of(node)
        for kind, (status, why, message) in states.items():
            made = condition(kind, status, self._world.now(), why)
            old = find_condition(conditions, kind)
            made["lastHeartbeatTime"] = old["lastHeartbeatTime"] if old and by != "kubelet" else self._now()
            conditions = with_condition(conditions, {**made, "message": message})
        node = self._world.patch(node, by, status={"conditions": conditions})
        self._say(node, reason, "kubelet" if by == "kubelet" else _COMPONENT)
        return node

    def _say(self, node: Object, reason: str, component: str = "kubelet") -> None:
        text = f"Node {name_of(node)} status is now: {reason}"
        self._recorder.event(node, "Normal", reason, text, component)

    def _mark_unready(self, pod: Object) -> None:
        if not is_terminating(pod) and pod["status"]["phase"] == "Running" and is_ready(pod):
            unready = condition("Ready", False, self._world.now(), lastProbeTime=None)
            conditions = with_condition(conditions_of(pod), unready)
            pod = self._world.patch(pod, CONTROLLER_MANAGER, status={"conditions": conditions})
            self._recorder.event(pod, "Warning", "NodeNotReady", "Node is not ready", _COMPONENT)

    def _taint(self, name: str, key: str, effect: str = "NoSchedule") -> None:
        node = self.node(name)
        if node is not None:
            taint = {"key": key, "effect": effect, "timeAdded": self._now()}
            taints = [*node["spec"].get("taints", ()), taint]
            self._world.patch(node, CONTROLLER_MANAGER, spec={"taints": taints})

    def _untaint(self, name: str, key: str) -> None:
        node = self.node(name)
        given = node["spec"].get("taints", []) if node else []
        taints = [each for each in given if each["key"] != key]
        if node is not None and taints != given:
            self._world.patch(node, CONTROLLER_MANAGER, spec={"taints": taints or None})

    def _now(self) -> str:
        return timestamp(self._world.now())


def is_up(node: Object) -> bool:
    """Whether a node takes pods: ready, and not cordoned."""
    return is_true(conditions_of(node), "Ready") and not node["spec"].get("unschedulable")


LEASE = "leases.coordination.k8s.io"
NODE_LEASES = "kube-node-lease"


class Leases:
    """Renews them in turn, so that they cost a steady, bounded number of changes a second."""

    def __init__(self, world: World, kubelet: Kubelet, *, most_per_second: float) -> None:
        self._world = world
        self._kubelet = kubelet
        self._most_per_second = most_per_second
        self._turns: list[tuple[Key, str]] = []
        self._turn = 0

    def add(self, lease: Object, manager: str) -> None:
        self._turns.append((key_of(lease), manager))

    def renew_all(self) -> Process:
        """Renew one after the other, each every ten seconds if the rate allows it, for ever."""
        while self._turns:
            yield max(10.0 / len(self._turns), 1.0 / self._most_per_second)
            self.renew_next()

    def renew_next(self) -> None:
        if not self._turns:
            return
        key, manager = self._turns[self._turn % len(self._turns)]
        self._turn += 1
        if key[0] == NODE_LEASES and key[1] in self._kubelet.silent:
            return
        lease = self._world.get(LEASE, key)
        if lease is not None:
            self._world.patch(lease, manager, spec={"renewTime": micro_timestamp(self._world.now())})


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
            claims = self._binder.hindrance(pod)
            node, refusals = (None, Counter[str]()) if claims else self._choose(pod, nodes)
            if node is not None:
                yield from self._binder.bind_claims(pod, node)
                self._bind(key, uid, node)
                break
            self._refuse(pod, len(nodes), claims or ", ".join(f"{n} {why}" for why, n in sorted(refusals.items())))
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
        if not pod["spec"].get("nodeSelector", {}).items() <= node["metadata"]["labels"].items():
            return "node(s) didn't match Pod's node affinity/selector"
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

    def _refuse(self, pod: Object, nodes: int, why: str) -> None:
        message = (
            f"0/{nodes} nodes are available: {why}. no new claims to deallocate, preemption: 0/{nodes} nodes are "
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
        (toleration.get("operator") == "Exists" or toleration.get("value", "") == taint.get("value", ""))
        and toleration.get("key") in (None, taint["key"])
        and toleration.get("effect") in (None, taint["effect"])
        for toleration in pod["spec"].get("tolerations", ())
    )

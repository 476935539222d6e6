"""Nodes: cordoned and drained, out of reach for a while, rebooted; and the leases that they and leaders renew."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.engine.controller import CONTROLLER_MANAGER
from kwatch.simulator.engine.kubelet import Kubelet
from kwatch.simulator.engine.names import micro_timestamp, timestamp
from kwatch.simulator.engine.objects import Object, condition, is_terminating, revised, with_condition
from kwatch.simulator.engine.recorder import Recorder
from kwatch.simulator.engine.world import Key, Process, World

NODE = "nodes"
_COMPONENT = "node-controller"
_UNREACHABLE = "node.kubernetes.io/unreachable"
_MEMORY_PRESSURE = "node.kubernetes.io/memory-pressure"
_UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready")


class NodeLifecycle:
    """What the node controller and the people in charge do to a node."""

    def __init__(self, world: World, recorder: Recorder) -> None:
        self._world = world
        self._recorder = recorder

    def node(self, name: str) -> Object | None:
        """A node by name."""
        return self._world.get(NODE, ("", name))

    def cordon(self, name: str) -> None:
        """`kubectl cordon`, and the taint that follows from it."""
        node = self.node(name)
        if node is None:
            return
        node = self._world.update(revised(node, spec={"unschedulable": True}), "kubectl")
        self._recorder.normal(
            node, "NodeNotSchedulable", f"Node {name} status is now: NodeNotSchedulable", "kubelet", host=name
        )
        self._taint(name, {"key": _UNSCHEDULABLE, "effect": "NoSchedule", "timeAdded": self._now()})

    def uncordon(self, name: str) -> None:
        """`kubectl uncordon`."""
        node = self.node(name)
        if node is None or not node["spec"].get("unschedulable"):
            return
        node = self._world.update(revised(node, spec={"unschedulable": None}), "kubectl")
        self._recorder.normal(
            node, "NodeSchedulable", f"Node {name} status is now: NodeSchedulable", "kubelet", host=name
        )
        self._untaint(name, _UNSCHEDULABLE)

    def lose(self, name: str) -> None:
        """The kubelet has not posted its status for too long: nobody knows how the node is."""
        node = self.node(name)
        if node is None:
            return
        conditions = node["status"]["conditions"]
        for kind in _PRESSURES:
            unknown = self._condition(conditions, kind, "Unknown", "NodeStatusUnknown")
            unknown["message"] = "Kubelet stopped posting node status."
            conditions = with_condition(conditions, unknown)
        node = self._world.update(revised(node, status={"conditions": conditions}), CONTROLLER_MANAGER, "status")
        self._recorder.normal(node, "NodeNotReady", f"Node {name} status is now: NodeNotReady", _COMPONENT)
        for effect in ("NoSchedule", "NoExecute"):
            self._taint(name, {"key": _UNREACHABLE, "effect": effect, "timeAdded": self._now()})
        for pod in self._world.pods_on(name):
            self._mark_unready(pod)

    def find(self, name: str) -> None:
        """The kubelet posts again."""
        node = self.node(name)
        if node is None:
            return
        healthy = {
            "MemoryPressure": ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            "DiskPressure": ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            "PIDPressure": ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            "Ready": ("True", "KubeletReady", "kubelet is posting ready status"),
        }
        conditions = node["status"]["conditions"]
        for kind, (status, reason, message) in healthy.items():
            known = self._condition(conditions, kind, status, reason)
            known |= {"message": message, "lastHeartbeatTime": self._now()}
            conditions = with_condition(conditions, known)
        node = self._world.update(revised(node, status={"conditions": conditions}), "kubelet", "status")
        self._recorder.normal(node, "NodeReady", f"Node {name} status is now: NodeReady", "kubelet", host=name)
        self._untaint(name, _UNREACHABLE)

    def press(self, name: str) -> None:
        """The node runs out of memory."""
        node = self.node(name)
        if node is None:
            return
        pressed = self._condition(
            node["status"]["conditions"], "MemoryPressure", "True", "KubeletHasInsufficientMemory"
        )
        pressed |= {"message": "kubelet has insufficient memory available", "lastHeartbeatTime": self._now()}
        node = self._report(node, pressed)
        text = f"Node {name} status is now: NodeHasInsufficientMemory"
        self._recorder.normal(node, "NodeHasInsufficientMemory", text, "kubelet", host=name)
        self._recorder.warning(node, "EvictionThresholdMet", "Attempting to reclaim memory", "kubelet", host=name)
        self._taint(name, {"key": _MEMORY_PRESSURE, "effect": "NoSchedule", "timeAdded": self._now()})

    def relieve(self, name: str) -> None:
        """The node has memory again."""
        node = self.node(name)
        if node is None:
            return
        relieved = self._condition(
            node["status"]["conditions"], "MemoryPressure", "False", "KubeletHasSufficientMemory"
        )
        relieved |= {"message": "kubelet has sufficient memory available", "lastHeartbeatTime": self._now()}
        node = self._report(node, relieved)
        text = f"Node {name} status is now: NodeHasSufficientMemory"
        self._recorder.normal(node, "NodeHasSufficientMemory", text, "kubelet", host=name)
        self._untaint(name, _MEMORY_PRESSURE)

    def _report(self, node: Object, condition: dict[str, Any]) -> Object:
        conditions = with_condition(node["status"]["conditions"], condition)
        return self._world.update(revised(node, status={"conditions": conditions}), "kubelet", "status")

    def heartbeat(self, name: str) -> None:
        """The kubelet posts its status, unchanged but for the time."""
        node = self.node(name)
        if node is None:
            return
        conditions = [
            {**each, "lastHeartbeatTime": self._now()} if each["type"] in _PRESSURES else each
            for each in node["status"]["conditions"]
        ]
        self._world.update(revised(node, status={"conditions": conditions}), "kubelet", "status")

    def _condition(self, conditions: list[dict[str, Any]], kind: str, status: str, reason: str) -> dict[str, Any]:
        made = condition(kind, status, self._world.now(), reason)
        old = next((each for each in conditions if each["type"] == kind), None)
        made["lastHeartbeatTime"] = old["lastHeartbeatTime"] if old else self._now()
        return made

    def _mark_unready(self, pod: Object) -> None:
        if is_terminating(pod) or pod["status"]["phase"] != "Running":
            return
        old = pod["status"]["conditions"]
        if not any(each["type"] == "Ready" and each["status"] == "True" for each in old):
            return
        unready = condition("Ready", False, self._world.now(), lastProbeTime=None)
        changed = revised(pod, status={"conditions": with_condition(old, unready)})
        pod = self._world.update(changed, CONTROLLER_MANAGER, "status")
        self._recorder.warning(pod, "NodeNotReady", "Node is not ready", _COMPONENT)

    def _taint(self, name: str, taint: dict[str, Any]) -> None:
        node = self.node(name)
        if node is not None:
            taints = [*node["spec"].get("taints", ()), taint]
            self._world.update(revised(node, spec={"taints": taints}), CONTROLLER_MANAGER)

    def _untaint(self, name: str, key: str) -> None:
        node = self.node(name)
        if node is None:
            return
        taints = [each for each in node["spec"].get("taints", ()) if each["key"] != key]
        if taints != node["spec"].get("taints", []):
            self._world.update(revised(node, spec={"taints": taints or None}), CONTROLLER_MANAGER)

    def _now(self) -> str:
        return timestamp(self._world.now())


def is_up(node: Object) -> bool:
    """Whether a node takes pods: ready, and not cordoned."""
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in node["status"]["conditions"])
    return ready and not node["spec"].get("unschedulable")


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
        """Keep a lease renewed."""
        self._turns.append(((lease["metadata"]["namespace"], lease["metadata"]["name"]), manager))

    def renew_all(self) -> Process:
        """Renew one after the other, each every ten seconds if the rate allows it, for ever."""
        while self._turns:
            yield max(10.0 / len(self._turns), 1.0 / self._most_per_second)
            self.renew_next()

    def renew_next(self) -> None:
        """Renew the lease whose turn it is."""
        if not self._turns:
            return
        key, manager = self._turns[self._turn % len(self._turns)]
        self._turn += 1
        if key[0] == NODE_LEASES and key[1] in self._kubelet.silent:
            return
        lease = self._world.get(LEASE, key)
        if lease is not None:
            renewed = revised(lease, spec={"renewTime": micro_timestamp(self._world.now())})
            self._world.update(renewed, manager)

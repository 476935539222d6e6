"""Nodes: cordoned and drained, out of reach for a while, rebooted; and the leases that they and leaders renew."""

from __future__ import annotations

from collections.abc import Mapping

from kwatch.base.timestamp import micro_timestamp, timestamp
from kwatch.simulator.engine.kubelet import Kubelet
from kwatch.simulator.engine.objects import Object, condition, find_condition, is_terminating, revised, with_condition
from kwatch.simulator.engine.pods import CONTROLLER_MANAGER
from kwatch.simulator.engine.recorder import Recorder
from kwatch.simulator.engine.surroundings import HEALTHY
from kwatch.simulator.engine.world import Key, Process, World

NODE = "nodes"
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
            node = self._world.update(revised(node, spec={"unschedulable": True}), "kubectl")
            self._say(node, "NodeNotSchedulable")
            self._taint(name, _UNSCHEDULABLE)

    def uncordon(self, name: str) -> None:
        """`kubectl uncordon`."""
        node = self.node(name)
        if node is not None and node["spec"].get("unschedulable"):
            node = self._world.update(revised(node, spec={"unschedulable": None}), "kubectl")
            self._say(node, "NodeSchedulable")
            self._untaint(name, _UNSCHEDULABLE)

    def lose(self, name: str) -> None:
        """The kubelet has not posted its status for too long: its state is unknown."""
        unknown = ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
        node = self._report(name, dict.fromkeys(HEALTHY, unknown), CONTROLLER_MANAGER)
        if node is not None:
            self._say(node, "NodeNotReady", _COMPONENT)
            for effect in ("NoSchedule", "NoExecute"):
                self._taint(name, _UNREACHABLE, effect)
            for pod in self._world.pods_on(name):
                self._mark_unready(pod)

    def find(self, name: str) -> None:
        node = self._report(name, HEALTHY)
        if node is not None:
            self._say(node, "NodeReady")
            self._untaint(name, _UNREACHABLE)

    def press(self, name: str) -> None:
        pressed = ("True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
        node = self._report(name, {"MemoryPressure": pressed})
        if node is not None:
            self._say(node, "NodeHasInsufficientMemory")
            text = "Attempting to reclaim memory"
            self._recorder.warning(node, "EvictionThresholdMet", text, "kubelet", host=name)
            self._taint(name, _MEMORY_PRESSURE)

    def relieve(self, name: str) -> None:
        node = self._report(name, {"MemoryPressure": HEALTHY["MemoryPressure"]})
        if node is not None:
            self._say(node, "NodeHasSufficientMemory")
            self._untaint(name, _MEMORY_PRESSURE)

    def heartbeat(self, name: str) -> None:
        """The kubelet posts its status, unchanged but for the time."""
        node = self.node(name)
        if node is not None:
            conditions = [
                {**each, "lastHeartbeatTime": self._now()} if each["type"] in HEALTHY else each
                for each in node["status"]["conditions"]
            ]
            self._world.update(revised(node, status={"conditions": conditions}), "kubelet", "status")

    def _report(self, name: str, states: Mapping[str, State], by: str = "kubelet") -> Object | None:
        """Write conditions; only what the kubelet itself reports is a heartbeat."""
        node = self.node(name)
        if node is None:
            return None
        conditions = node["status"]["conditions"]
        for kind, (status, reason, message) in states.items():
            made = condition(kind, status, self._world.now(), reason)
            old = find_condition(conditions, kind)
            made["lastHeartbeatTime"] = old["lastHeartbeatTime"] if old and by != "kubelet" else self._now()
            conditions = with_condition(conditions, {**made, "message": message})
        return self._world.update(revised(node, status={"conditions": conditions}), by, "status")

    def _say(self, node: Object, reason: str, component: str = "kubelet") -> None:
        name = node["metadata"]["name"]
        host = name if component == "kubelet" else ""
        self._recorder.normal(node, reason, f"Node {name} status is now: {reason}", component, host=host)

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

    def _taint(self, name: str, key: str, effect: str = "NoSchedule") -> None:
        node = self.node(name)
        if node is not None:
            taint = {"key": key, "effect": effect, "timeAdded": self._now()}
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
        self._turns.append(((lease["metadata"]["namespace"], lease["metadata"]["name"]), manager))

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
            renewed = revised(lease, spec={"renewTime": micro_timestamp(self._world.now())})
            self._world.update(renewed, manager)

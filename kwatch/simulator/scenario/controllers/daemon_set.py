"""Daemon sets: a pod on every node that fits."""

from __future__ import annotations

from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER, PodControl
from kwatch.simulator.scenario.controllers.replica_set import is_active, is_ready
from kwatch.simulator.scenario.controllers.stateful_set import REVISIONS
from kwatch.simulator.scenario.objects.kube import (
    DAEMON_SET,
    POD,
    Object,
    controller_of,
    is_terminating,
    name_of,
    namespace_of,
)
from kwatch.simulator.scenario.objects.stateful_set import REVISION_HASH, controller_revision, revision_hash
from kwatch.simulator.scenario.workqueue import Workqueue
from kwatch.simulator.scenario.world import Key, World

COMPONENT = "daemonset-controller"
_BURST = 20


class DaemonSetController:
    """One pod a node; a new template reaches one node after the other."""

    def __init__(self, world: World, pods: PodControl) -> None:
        self._world = world
        self._pods = pods
        self._queue = Workqueue(world, self.reconcile, delay=(0.05, 0.3))
        world.on_change(DAEMON_SET, self._on_set)
        world.on_change(POD, self._on_pod)

    def _on_set(self, daemon_set: Object, gone: bool) -> None:
        if not gone:
            self._queue.add((namespace_of(daemon_set), name_of(daemon_set)))

    def _on_pod(self, pod: Object, gone: bool) -> None:
        owner = controller_of(pod)
        if owner is not None and owner["kind"] == "DaemonSet":
            self._queue.add((namespace_of(pod), owner["name"]))

    def reconcile(self, key: Key) -> None:
        """Make the pods that are missing; delete one that is too old if all others are ready."""
        daemon_set = self._world.get(DAEMON_SET, key)
        if daemon_set is None or is_terminating(daemon_set):
            return
        update = revision_hash(daemon_set)
        self._keep_revision(daemon_set, update)
        pods = self._world.children(daemon_set, POD)
        nodes = [name_of(node) for node in self._world.store.list("nodes") if runs_on(daemon_set, node)]
        taken = {target_node(pod) for pod in pods}
        for node in [node for node in nodes if node not in taken][:_BURST]:
            self._make(daemon_set, node, update)
        self._replace_old(daemon_set, pods, nodes, update)
        status = daemon_set_status(daemon_set, update, self._world.children(daemon_set, POD), len(nodes))
        if status != daemon_set["status"]:
            self._world.update({**daemon_set, "status": status}, CONTROLLER_MANAGER, "status")

    def _make(self, daemon_set: Object, node: str, update: str) -> None:
        labels = {REVISION_HASH: update, "pod-template-generation": str(daemon_set["metadata"]["generation"])}
        self._pods.create(daemon_set, COMPONENT, labels=labels, spec={"affinity": node_affinity(node)})

    def _replace_old(self, daemon_set: Object, pods: list[Object], nodes: list[str], update: str) -> None:
        healthy = [pod for pod in pods if is_active(pod) and is_ready(pod)]
        if len(healthy) < len(nodes):
            return
        old = [pod for pod in healthy if pod["metadata"]["labels"].get(REVISION_HASH) != update]
        if old:
            self._pods.delete(min(old, key=name_of), daemon_set, COMPONENT)

    def _keep_revision(self, daemon_set: Object, update: str) -> None:
        kept = self._world.children(daemon_set, REVISIONS)
        if any(each["metadata"]["labels"][REVISION_HASH] == update for each in kept):
            return
        number = max((each["revision"] for each in kept), default=0) + 1
        self._world.create(controller_revision(daemon_set, number), CONTROLLER_MANAGER)
        surplus = max(0, len(kept) - daemon_set["spec"]["revisionHistoryLimit"])
        for old in sorted(kept, key=lambda each: int(each["revision"]))[:surplus]:
            self._world.remove(old)


def runs_on(daemon_set: Object, node: Object) -> bool:
    """Whether a daemon set has a pod on a node."""
    tolerations = daemon_set["spec"]["template"]["spec"].get("tolerations", ())
    everywhere = any(each.get("operator") == "Exists" and "key" not in each for each in tolerations)
    return everywhere or "node-role.kubernetes.io/control-plane" not in node["metadata"]["labels"]


def node_affinity(node: str) -> Object:
    """How a pod is made for one node only."""
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}


def target_node(pod: Object) -> str:
    """The node a daemon set's pod is for, bound or not."""
    required = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    name: str = required["nodeSelectorTerms"][0]["matchFields"][0]["values"][0]
    return name


def daemon_set_status(daemon_set: Object, update: str, pods: list[Object], wanted: int) -> Object:
    """The counts."""
    active = [pod for pod in pods if is_active(pod)]
    ready = sum(is_ready(pod) for pod in active)
    updated = sum(pod["metadata"]["labels"].get(REVISION_HASH) == update for pod in active)
    status = {
        "currentNumberScheduled": len(active),
        "numberMisscheduled": 0,
        "desiredNumberScheduled": wanted,
        "numberReady": ready,
        "observedGeneration": daemon_set["metadata"]["generation"],
    }
    optional = {"updatedNumberScheduled": updated, "numberAvailable": ready, "numberUnavailable": wanted - ready}
    return status | {name: count for name, count in optional.items() if count}

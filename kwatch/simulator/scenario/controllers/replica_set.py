"""Replica sets: as many pods as wanted, no more and no fewer."""

from __future__ import annotations

from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER, PodControl
from kwatch.simulator.scenario.objects.conditions import is_true
from kwatch.simulator.scenario.objects.kube import (
    POD,
    REPLICA_SET,
    Object,
    controller_of,
    is_terminating,
    name_of,
    namespace_of,
)
from kwatch.simulator.scenario.workqueue import Workqueue
from kwatch.simulator.scenario.world import Key, World

COMPONENT = "replicaset-controller"
_BURST = 25
"""Pods made or deleted in one go; the rest follows in the next round."""


class ReplicaSetController:
    """Makes and deletes pods, and counts them."""

    def __init__(self, world: World, pods: PodControl) -> None:
        self._world = world
        self._pods = pods
        self._queue = Workqueue(world, self.reconcile, delay=(0.02, 0.2))
        world.on_change(REPLICA_SET, self._on_set)
        world.on_change(POD, self._on_pod)

    def _on_set(self, replica_set: Object, gone: bool) -> None:
        if not gone:
            self._queue.add((namespace_of(replica_set), name_of(replica_set)))

    def _on_pod(self, pod: Object, gone: bool) -> None:
        owner = controller_of(pod)
        if owner is not None and owner["kind"] == "ReplicaSet":
            self._queue.add((namespace_of(pod), owner["name"]))

    def reconcile(self, key: Key) -> None:
        """Make the pods agree with the number wanted, and the status with the pods."""
        replica_set = self._world.get(REPLICA_SET, key)
        if replica_set is None or is_terminating(replica_set):
            return
        active = [pod for pod in self._world.children(replica_set, POD) if is_active(pod)]
        missing = replica_set["spec"]["replicas"] - len(active)
        if missing > 0:
            for _ in range(min(missing, _BURST)):
                self._pods.create(replica_set, COMPONENT)
        elif missing < 0:
            for pod in sorted(active, key=_deletion_rank)[: min(-missing, _BURST)]:
                self._pods.delete(pod, replica_set, COMPONENT)
        self._report(replica_set)

    def _report(self, replica_set: Object) -> None:
        pods = self._world.children(replica_set, POD)
        status = counted(pods) | {"observedGeneration": replica_set["metadata"]["generation"]}
        if status != replica_set["status"]:
            self._world.update({**replica_set, "status": status}, CONTROLLER_MANAGER, "status")


def counted(pods: list[Object]) -> Object:
    """The numbers in a replica set's status; those that are zero are left out, as the server does."""
    active = [pod for pod in pods if is_active(pod)]
    ready = sum(is_ready(pod) for pod in active)
    status = {"replicas": len(active)}
    if active:
        status["fullyLabeledReplicas"] = len(active)
    if ready:
        status |= {"readyReplicas": ready, "availableReplicas": ready}
    status["terminatingReplicas"] = sum(is_terminating(pod) for pod in pods)
    return status


def is_active(pod: Object) -> bool:
    """Whether a pod counts for its controller."""
    return not is_terminating(pod) and pod["status"]["phase"] not in ("Succeeded", "Failed")


def is_ready(pod: Object) -> bool:
    """Whether a pod's Ready condition is true."""
    return is_true(pod["status"].get("conditions", ()), "Ready")


def _deletion_rank(pod: Object) -> tuple[bool, int, bool, int, str]:
    """Who goes first: not scheduled, pending, not ready, most restarts, youngest."""
    phases = {"Pending": 0, "Unknown": 1}
    restarts = max((each["restartCount"] for each in pod["status"].get("containerStatuses", ())), default=0)
    age = "".join(chr(255 - ord(letter)) for letter in pod["metadata"]["creationTimestamp"])
    return (
        bool(pod["spec"].get("nodeName")),
        phases.get(pod["status"]["phase"], 2),
        is_ready(pod),
        -restarts,
        age,
    )

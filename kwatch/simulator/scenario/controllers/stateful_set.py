"""Stateful sets: pods with numbers and volumes, one after the other."""

from __future__ import annotations

from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER, PodControl
from kwatch.simulator.scenario.controllers.replica_set import is_active, is_ready
from kwatch.simulator.scenario.objects import storage
from kwatch.simulator.scenario.objects.kube import (
    POD,
    STATEFUL_SET,
    Object,
    controller_of,
    is_terminating,
    name_of,
    namespace_of,
)
from kwatch.simulator.scenario.objects.stateful_set import REVISION_HASH, controller_revision, revision_hash
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.workqueue import Workqueue
from kwatch.simulator.scenario.world import Key, World

COMPONENT = "statefulset-controller"
REVISIONS = "controllerrevisions.apps"


class StatefulSetController:
    """Keeps pods 0 to n-1, updates them from the highest down, and never two at a time."""

    def __init__(self, world: World, recorder: Recorder, pods: PodControl) -> None:
        self._world = world
        self._recorder = recorder
        self._pods = pods
        self._queue = Workqueue(world, self.reconcile, delay=(0.05, 0.3))
        world.on_change(STATEFUL_SET, self._on_set)
        world.on_change(POD, self._on_pod)

    def _on_set(self, stateful_set: Object, gone: bool) -> None:
        if not gone:
            self._queue.add((namespace_of(stateful_set), name_of(stateful_set)))

    def _on_pod(self, pod: Object, gone: bool) -> None:
        owner = controller_of(pod)
        if owner is not None and owner["kind"] == "StatefulSet":
            self._queue.add((namespace_of(pod), owner["name"]))

    def reconcile(self, key: Key) -> None:
        """One step: the first pod that is missing, or the last one that is too many or too old."""
        stateful_set = self._world.get(STATEFUL_SET, key)
        if stateful_set is None or is_terminating(stateful_set):
            return
        update = revision_hash(stateful_set)
        self._keep_revision(stateful_set, update)
        pods = {_ordinal(pod): pod for pod in self._world.children(stateful_set, POD)}
        self._step(stateful_set, update, pods)
        self._report(stateful_set, update)

    def _step(self, stateful_set: Object, update: str, pods: dict[int, Object]) -> None:
        wanted = stateful_set["spec"]["replicas"]
        for ordinal in range(wanted):
            pod = pods.get(ordinal)
            if pod is None:
                self._make(stateful_set, ordinal, update)
                return
            if pod["status"]["phase"] in ("Failed", "Succeeded"):
                self._pods.delete(pod, stateful_set, COMPONENT)
                return
            if not is_active(pod) or not is_ready(pod):
                if pod["metadata"]["labels"].get(REVISION_HASH) != update and not is_terminating(pod):
                    break
                return
        surplus = [ordinal for ordinal in pods if ordinal >= wanted]
        if surplus:
            self._pods.delete(pods[max(surplus)], stateful_set, COMPONENT)
            return
        for ordinal in range(wanted - 1, -1, -1):
            pod = pods.get(ordinal)
            if pod is None or is_terminating(pod):
                return
            if pod["metadata"]["labels"].get(REVISION_HASH) != update:
                self._pods.delete(pod, stateful_set, COMPONENT)
                return
            if not is_ready(pod):
                return

    def _make(self, stateful_set: Object, ordinal: int, update: str) -> None:
        name = f"{name_of(stateful_set)}-{ordinal}"
        claims = {}
        for template in stateful_set["spec"].get("volumeClaimTemplates", ()):
            claims[template["metadata"]["name"]] = self._claim(stateful_set, template, name)
        labels = {
            "apps.kubernetes.io/pod-index": str(ordinal),
            REVISION_HASH: update,
            "statefulset.kubernetes.io/pod-name": name,
        }
        spec = {"hostname": name, "subdomain": stateful_set["spec"]["serviceName"]}
        self._pods.create(stateful_set, COMPONENT, name=name, labels=labels, claims=claims, spec=spec)

    def _claim(self, stateful_set: Object, template: Object, pod: str) -> str:
        name = f"{template['metadata']['name']}-{pod}"
        namespace = namespace_of(stateful_set)
        if self._world.get("persistentvolumeclaims", (namespace, name)) is None:
            spec = template["spec"]
            size = spec["resources"]["requests"]["storage"]
            labels = stateful_set["spec"]["selector"]["matchLabels"]
            made = storage.claim(name, namespace, size, spec["storageClassName"], labels)
            self._world.create(made, CONTROLLER_MANAGER)
            text = f"create Claim {name} Pod {pod} in StatefulSet {name_of(stateful_set)} success"
            self._recorder.normal(stateful_set, "SuccessfulCreate", text, COMPONENT)
        return name

    def _keep_revision(self, stateful_set: Object, update: str) -> None:
        kept = self._world.children(stateful_set, REVISIONS)
        if any(name_of(each) == update for each in kept):
            return
        number = max((each["revision"] for each in kept), default=0) + 1
        self._world.create(controller_revision(stateful_set, number), CONTROLLER_MANAGER)
        for old in sorted(kept, key=_revision_number)[
            : max(0, len(kept) - stateful_set["spec"]["revisionHistoryLimit"])
        ]:
            self._world.remove(old)

    def _report(self, stateful_set: Object, update: str) -> None:
        status = stateful_set_status(stateful_set, update, self._world.children(stateful_set, POD))
        if status != stateful_set["status"]:
            self._world.update({**stateful_set, "status": status}, CONTROLLER_MANAGER, "status")


def stateful_set_status(stateful_set: Object, update: str, pods: list[Object]) -> Object:
    """The counts; the update is over once every pod is of the new revision and ready."""
    active = [pod for pod in pods if is_active(pod)]
    ready = sum(is_ready(pod) for pod in active)
    updated = sum(pod["metadata"]["labels"].get(REVISION_HASH) == update for pod in active)
    wanted = stateful_set["spec"]["replicas"]
    current = update if updated == ready == wanted else stateful_set["status"].get("currentRevision", update)
    of_current = sum(pod["metadata"]["labels"].get(REVISION_HASH) == current for pod in active)
    counts = {
        "readyReplicas": ready,
        "currentReplicas": of_current,
        "updatedReplicas": updated,
        "availableReplicas": ready,
    }
    return {
        "observedGeneration": stateful_set["metadata"]["generation"],
        "replicas": len(pods),
        **{name: count for name, count in counts.items() if count or name == "availableReplicas"},
        "currentRevision": current,
        "updateRevision": update,
        "collisionCount": 0,
    }


def _ordinal(pod: Object) -> int:
    return int(name_of(pod).rsplit("-", 1)[1])


def _revision_number(revision: Object) -> int:
    number: int = revision["revision"]
    return number

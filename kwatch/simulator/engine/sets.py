"""Stateful sets, whose pods have numbers and volumes; and daemon sets, which have a pod on every node that fits."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.engine.controller import Controller
from kwatch.simulator.engine.objects import (
    DAEMON_SET,
    POD,
    STATEFUL_SET,
    Object,
    is_terminating,
    name_of,
    namespace_of,
)
from kwatch.simulator.engine.pod_status import is_active, is_ready
from kwatch.simulator.engine.pods import CONTROLLER_MANAGER
from kwatch.simulator.engine.shapes import REVISION_HASH, controller_revision, revision_hash
from kwatch.simulator.engine.surroundings import claim

_REVISIONS = "controllerrevisions.apps"
_BURST = 20


class _SetController(Controller):
    """What stateful sets and daemon sets share: the templates they had are kept as revisions."""

    def keep_revision(self, owner: Object, update: str) -> None:
        """Keep the present template, and only so many older ones."""
        kept = self.world.children(owner, _REVISIONS)
        if any(each["metadata"]["labels"][REVISION_HASH] == update for each in kept):
            return
        number = max((each["revision"] for each in kept), default=0) + 1
        self.world.create(controller_revision(owner, number), CONTROLLER_MANAGER)
        surplus = max(0, len(kept) - owner["spec"]["revisionHistoryLimit"])
        for old in sorted(kept, key=lambda each: int(each["revision"]))[:surplus]:
            self.world.remove(old)


class StatefulSetController(_SetController):
    """Keeps pods 0 to n-1, updates them from the highest down, and never two at a time."""

    resource = STATEFUL_SET
    component = "statefulset-controller"

    def act(self, stateful_set: Object) -> None:
        """One step: the first pod that is missing, or the last one that is too many or too old."""
        update = revision_hash(stateful_set)
        self.keep_revision(stateful_set, update)
        pods = {_ordinal(pod): pod for pod in self.world.children(stateful_set, POD)}
        self._step(stateful_set, update, pods)
        pods_now = self.world.children(stateful_set, POD)
        self.report(stateful_set, stateful_set_status(stateful_set, update, pods_now))

    def _step(self, stateful_set: Object, update: str, pods: dict[int, Object]) -> None:
        wanted = stateful_set["spec"]["replicas"]
        for ordinal in range(wanted):
            pod = pods.get(ordinal)
            if pod is None:
                self._make(stateful_set, ordinal, update)
                return
            if pod["status"]["phase"] in ("Failed", "Succeeded"):
                self.pods.delete(pod, stateful_set, self.component)
                return
            if not is_active(pod) or not is_ready(pod):
                if pod["metadata"]["labels"].get(REVISION_HASH) != update and not is_terminating(pod):
                    break
                return
        surplus = [ordinal for ordinal in pods if ordinal >= wanted]
        if surplus:
            self.pods.delete(pods[max(surplus)], stateful_set, self.component)
            return
        for ordinal in range(wanted - 1, -1, -1):
            pod = pods.get(ordinal)
            if pod is None or is_terminating(pod):
                return
            if pod["metadata"]["labels"].get(REVISION_HASH) != update:
                self.pods.delete(pod, stateful_set, self.component)
                return
            if not is_ready(pod):
                return

    def _make(self, stateful_set: Object, ordinal: int, update: str) -> None:
        name = f"{name_of(stateful_set)}-{ordinal}"
        claims = {}
        for template in stateful_set["spec"].get("volumeClaimTemplates", ()):
            claims[template["metadata"]["name"]] = self._claim(stateful_set, template, name)
        own = pod_of_stateful_set(stateful_set, ordinal, update)
        self.pods.create(stateful_set, self.component, claims=claims, **own)

    def _claim(self, stateful_set: Object, template: Object, pod: str) -> str:
        name = f"{template['metadata']['name']}-{pod}"
        namespace = namespace_of(stateful_set)
        if self.world.get("persistentvolumeclaims", (namespace, name)) is None:
            spec = template["spec"]
            size = spec["resources"]["requests"]["storage"]
            labels = stateful_set["spec"]["selector"]["matchLabels"]
            made = claim(name, namespace, size, spec["storageClassName"], labels)
            self.world.create(made, CONTROLLER_MANAGER)
            text = f"create Claim {name} Pod {pod} in StatefulSet {name_of(stateful_set)} success"
            self.say(stateful_set, "SuccessfulCreate", text)
        return name


def pod_of_stateful_set(stateful_set: Object, ordinal: int, update: str) -> dict[str, Any]:
    """What one of its pods has of its own, as arguments of PodFactory.pod."""
    name = f"{name_of(stateful_set)}-{ordinal}"
    labels = {
        "apps.kubernetes.io/pod-index": str(ordinal),
        REVISION_HASH: update,
        "statefulset.kubernetes.io/pod-name": name,
    }
    spec = {"hostname": name, "subdomain": stateful_set["spec"]["serviceName"]}
    return {"name": name, "labels": labels, "spec": spec}


def pod_of_daemon_set(daemon_set: Object, node: str, update: str) -> dict[str, Any]:
    """What its pod for a node has of its own, as arguments of PodFactory.pod."""
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}
    generation = str(daemon_set["metadata"].get("generation", 1))
    return {
        "labels": {REVISION_HASH: update, "pod-template-generation": generation},
        "spec": {"affinity": affinity},
    }


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


class DaemonSetController(_SetController):
    """One pod a node; a new template reaches one node after the other."""

    resource = DAEMON_SET
    component = "daemonset-controller"

    def act(self, daemon_set: Object) -> None:
        """Make the pods that are missing; delete one that is too old if all others are ready."""
        update = revision_hash(daemon_set)
        self.keep_revision(daemon_set, update)
        pods = self.world.children(daemon_set, POD)
        nodes = [name_of(node) for node in self.world.store.list("nodes") if runs_on(daemon_set, node)]
        taken = {target_node(pod) for pod in pods}
        for node in [node for node in nodes if node not in taken][:_BURST]:
            self.pods.create(daemon_set, self.component, **pod_of_daemon_set(daemon_set, node, update))
        self._replace_old(daemon_set, pods, nodes, update)
        pods_now = self.world.children(daemon_set, POD)
        self.report(daemon_set, daemon_set_status(daemon_set, update, pods_now, len(nodes)))

    def _replace_old(self, daemon_set: Object, pods: list[Object], nodes: list[str], update: str) -> None:
        healthy = [pod for pod in pods if is_active(pod) and is_ready(pod)]
        if len(healthy) < len(nodes):
            return
        old = [pod for pod in healthy if pod["metadata"]["labels"].get(REVISION_HASH) != update]
        if old:
            self.pods.delete(min(old, key=name_of), daemon_set, self.component)


def runs_on(daemon_set: Object, node: Object) -> bool:
    """Whether a daemon set has a pod on a node."""
    tolerations = daemon_set["spec"]["template"]["spec"].get("tolerations", ())
    everywhere = any(each.get("operator") == "Exists" and "key" not in each for each in tolerations)
    return everywhere or "node-role.kubernetes.io/control-plane" not in node["metadata"]["labels"]


def target_node(pod: Object) -> str:
    """The node a daemon set's pod is for, bound or not."""
    required = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    name: str = required["nodeSelectorTerms"][0]["matchFields"][0]["values"][0]
    return name


def daemon_set_status(daemon_set: Object, update: str, pods: list[Object], wanted: int) -> Object:
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

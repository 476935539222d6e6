"""Stateful sets, whose pods have numbers and volumes; how claims get their volumes; and daemon sets, which have a pod
on every node that fits.
"""

from __future__ import annotations

from collections.abc import Callable

from kwatch.simulator.engine.controller import Controller
from kwatch.simulator.engine.objects import (
    CLAIM,
    DAEMON_SET,
    NODE,
    POD,
    STATEFUL_SET,
    Object,
    is_terminating,
    key_of,
    name_of,
    namespace_of,
    part,
    uid_of,
)
from kwatch.simulator.engine.pod_status import has_ended, is_active, is_ready
from kwatch.simulator.engine.shapes import (
    BOUND,
    PROVISIONER,
    REVISION_HASH,
    bound_status,
    claim,
    controller_revision,
    revision_hash,
    volume,
)
from kwatch.simulator.engine.world import CONTROLLER_MANAGER, Process, Recorder, World

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


def _is_of(pod: Object, revision: str) -> bool:
    return bool(pod["metadata"]["labels"].get(REVISION_HASH) == revision)


def _count(pods: list[Object], holds: Callable[[Object], bool]) -> int:
    return sum(map(holds, pods))


class StatefulSetController(_SetController):
    """Keeps pods 0 to n-1, updates them from the highest down, and never two at a time."""

    resource = STATEFUL_SET
    component = "statefulset-controller"

    def act(self, stateful_set: Object) -> None:
        """One step: the first pod that is missing, or the last one that is too many or too old."""
        update = revision_hash(stateful_set)
        self.keep_revision(stateful_set, update)
        pods = {int(name_of(pod).rsplit("-", 1)[1]): pod for pod in self.world.children(stateful_set, POD)}
        surplus = self._complete(stateful_set, update, pods)
        if surplus is not None:
            self.pods.delete(surplus, stateful_set, self.component)
        pods_now = self.world.children(stateful_set, POD)
        self.world.report(stateful_set, stateful_set_status(stateful_set, update, pods_now))

    def _complete(self, stateful_set: Object, update: str, pods: dict[int, Object]) -> Object | None:
        """Make the first pod that is missing; the one to delete, if none is and there is one."""
        wanted = stateful_set["spec"]["replicas"]
        for ordinal in range(wanted):
            pod = pods.get(ordinal)
            if pod is None:
                self._make(stateful_set, ordinal, update)
                return None
            if has_ended(pod):
                return pod
            if not is_active(pod) or not is_ready(pod):
                if _is_of(pod, update) or is_terminating(pod):
                    return None
                break
        if max(pods, default=-1) >= wanted:
            return pods[max(pods)]
        for ordinal in range(wanted - 1, -1, -1):
            pod = pods.get(ordinal)
            if pod is None or is_terminating(pod):
                return None
            if not _is_of(pod, update):
                return pod
            if not is_ready(pod):
                return None
        return None

    def _make(self, stateful_set: Object, ordinal: int, update: str) -> None:
        own = pod_of_stateful_set(stateful_set, ordinal, update)
        templates = stateful_set["spec"].get("volumeClaimTemplates", ())
        claims = {each["metadata"]["name"]: self._claim(stateful_set, each, own["name"]) for each in templates}
        self.pods.create(stateful_set, self.component, claims=claims, **own)

    def _claim(self, stateful_set: Object, template: Object, pod: str) -> str:
        name, namespace = f"{template['metadata']['name']}-{pod}", namespace_of(stateful_set)
        if self.world.get(CLAIM, (namespace, name)) is None:
            size = template["spec"]["resources"]["requests"]["storage"]
            labels = stateful_set["spec"]["selector"]["matchLabels"]
            made = claim(name, namespace, size, template["spec"]["storageClassName"], labels)
            self.world.create(made, CONTROLLER_MANAGER)
            text = f"create Claim {name} Pod {pod} in StatefulSet {name_of(stateful_set)} success"
            self.say(stateful_set, "SuccessfulCreate", text)
        return name


def pod_of_stateful_set(stateful_set: Object, ordinal: int, update: str) -> Object:
    """What one of its pods has of its own, as arguments of PodFactory.pod."""
    name, service = f"{name_of(stateful_set)}-{ordinal}", stateful_set["spec"]["serviceName"]
    own: Object = part("StatefulSetPod", name=name, ordinal=str(ordinal), revision=update, service=service)
    return own


def pod_of_daemon_set(daemon_set: Object, node: str, update: str) -> Object:
    """What its pod for a node has of its own, as arguments of PodFactory.pod."""
    generation = str(daemon_set["metadata"].get("generation", 1))
    own: Object = part("DaemonSetPod", node=node, generation=generation, revision=update)
    return own


def stateful_set_status(stateful_set: Object, update: str, pods: list[Object]) -> Object:
    """The counts; the update is over once every pod is of the new revision and ready."""
    active = [pod for pod in pods if is_active(pod)]
    ready, updated = _count(active, is_ready), _count(active, lambda pod: _is_of(pod, update))
    wanted = stateful_set["spec"]["replicas"]
    current = update if updated == ready == wanted else stateful_set["status"].get("currentRevision", update)
    counts = {
        "readyReplicas": ready,
        "currentReplicas": _count(active, lambda pod: _is_of(pod, current)),
        "updatedReplicas": updated,
    }
    return {
        "observedGeneration": stateful_set["metadata"]["generation"],
        "replicas": len(pods),
        **{name: count for name, count in counts.items() if count},
        "availableReplicas": ready,
        "currentRevision": current,
        "updateRevision": update,
        "collisionCount": 0,
    }


class DaemonSetController(_SetController):
    """One pod a node; a new template reaches one node after the other."""

    resource = DAEMON_SET
    component = "daemonset-controller"

    def act(self, daemon_set: Object) -> None:
        """Make the pods that are missing; delete one that is too old if all others are ready."""
        update = revision_hash(daemon_set)
        self.keep_revision(daemon_set, update)
        pods = self.world.children(daemon_set, POD)
        nodes = [name_of(node) for node in self.world.store.list(NODE) if runs_on(daemon_set, node)]
        taken = {pinned_node(pod) for pod in pods}
        for node in [node for node in nodes if node not in taken][:_BURST]:
            self.pods.create(daemon_set, self.component, **pod_of_daemon_set(daemon_set, node, update))
        healthy = [pod for pod in pods if is_active(pod) and is_ready(pod)]
        old = [pod for pod in healthy if not _is_of(pod, update)]
        if old and len(healthy) >= len(nodes):
            self.pods.delete(min(old, key=name_of), daemon_set, self.component)
        pods_now = self.world.children(daemon_set, POD)
        self.world.report(daemon_set, daemon_set_status(daemon_set, update, pods_now, len(nodes)))


def runs_on(daemon_set: Object, node: Object) -> bool:
    """Whether a daemon set has a pod on a node."""
    tolerations = daemon_set["spec"]["template"]["spec"].get("tolerations", ())
    everywhere = any(each.get("operator") == "Exists" and "key" not in each for each in tolerations)
    return everywhere or "node-role.kubernetes.io/control-plane" not in node["metadata"]["labels"]


def pinned_node(pod: Object) -> str:
    """The node a daemon set's pod is for, bound or not; empty for other pods."""
    affinity = pod["spec"].get("affinity", {}).get("nodeAffinity", {})
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {})
    for term in required.get("nodeSelectorTerms", ()):
        for field in term.get("matchFields", ()):
            return str(field["values"][0])
    return ""


def daemon_set_status(daemon_set: Object, update: str, pods: list[Object], wanted: int) -> Object:
    active = [pod for pod in pods if is_active(pod)]
    ready, updated = _count(active, is_ready), _count(active, lambda pod: _is_of(pod, update))
    optional = {"updatedNumberScheduled": updated, "numberAvailable": ready, "numberUnavailable": wanted - ready}
    return {
        "currentNumberScheduled": len(active),
        "numberMisscheduled": 0,
        "desiredNumberScheduled": wanted,
        "numberReady": ready,
        "observedGeneration": daemon_set["metadata"]["generation"],
        **{name: count for name, count in optional.items() if count},
    }


_CLASSES = "storageclasses.storage.k8s.io"
_PROVISIONER = f"{PROVISIONER}_ebs-csi-controller-0"
_WAITING = (
    f"Waiting for a volume to be created either by the external provisioner '{PROVISIONER}' or manually by the system "
    "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly "
    "registered."
)


_SOUGHT_EVERY = 15.0


class VolumeBinder:
    def __init__(self, world: World, recorder: Recorder) -> None:
        self._world = world
        self._recorder = recorder
        self._told: set[str] = set()
        world.on_change(CLAIM, self._on_claim)

    def _on_claim(self, claim: Object, gone: bool) -> None:
        if not gone and not self._has_class(claim) and uid_of(claim) not in self._told:
            self._told.add(uid_of(claim))
            self._world.spawn(self._look_for_class(claim), self._world.between(0.1, 0.4))

    def _has_class(self, claim: Object) -> bool:
        name = claim["spec"].get("storageClassName", "")
        is_bound = claim.get("status", {}).get("phase", "Pending") != "Pending"
        return is_bound or self._world.get(_CLASSES, ("", name)) is not None

    def _look_for_class(self, claim: Object) -> Process:
        """What the volume controller says again and again of a claim whose class does not exist."""
        while (current := self._world.get(CLAIM, key_of(claim))) is not None and not self._has_class(current):
            text = f'storageclass.storage.k8s.io "{current["spec"].get("storageClassName", "")}" not found'
            self._recorder.event(current, "Warning", "ProvisioningFailed", text, "persistentvolume-controller")
            yield _SOUGHT_EVERY
        self._told.discard(uid_of(claim))

    def hindrance(self, pod: Object) -> str:
        """Why no node can take a pod, whichever it is, for its claims; empty if that is not so."""
        for mounted in pod["spec"].get("volumes", ()):
            if "persistentVolumeClaim" in mounted:
                name = mounted["persistentVolumeClaim"]["claimName"]
                claim = self._world.get(CLAIM, (namespace_of(pod), name))
                if claim is None:
                    return f'persistentvolumeclaim "{name}" not found'
                if not self._has_class(claim):
                    return "pod has unbound immediate PersistentVolumeClaims"
        return ""

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
        storage_class = self._world.get(_CLASSES, ("", current["spec"]["storageClassName"]))
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

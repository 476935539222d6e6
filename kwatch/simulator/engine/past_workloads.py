"""Workloads that were rolled out a while ago, with everything around them; and what is wrong from the start."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import msgspec

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine import pod_status, rollouts, services, shapes, surroundings
from kwatch.simulator.engine.containers import Flaw, back_off, back_off_message, in_back_off
from kwatch.simulator.engine.control_plane import ControlPlane
from kwatch.simulator.engine.objects import (
    DEPLOYMENT,
    POD,
    REPLICA_SET,
    Object,
    condition,
    name_of,
    revised,
    shape,
    with_condition,
)
from kwatch.simulator.engine.past_pods import PastPods
from kwatch.simulator.engine.pods import CONTROLLER_MANAGER
from kwatch.simulator.engine.rollouts import counted
from kwatch.simulator.engine.sets import (
    daemon_set_status,
    pod_of_daemon_set,
    pod_of_stateful_set,
    runs_on,
    stateful_set_status,
)
from kwatch.simulator.engine.shapes import controller_revision, revision_hash
from kwatch.simulator.engine.world import World
from kwatch.simulator.scenario.spec import HELM, KUBECTL, CrashLoop, Troubles, Workload

_DAY = 86_400.0
_HOUR = 3_600.0


@dataclass(slots=True)
class PastWorkloads:
    """Places workloads, and remembers what the controllers have to watch."""

    world: World
    pods: PastPods
    nodes: list[Object]
    services: list[Object]
    budgets: list[Object]
    autoscalers: list[Object]
    zones: dict[str, str]
    """Node -> where it is."""

    def place(self, workload: Workload) -> Object:
        created = self.world.now() - workload.age_days * _DAY
        self._place_configuration(workload, created)
        place = {"StatefulSet": self._stateful_set, "DaemonSet": self._daemon_set}.get(workload.kind, self._deployment)
        owner = place(workload, created)
        if workload.service:
            self._place_service(workload, created)
        if workload.host:
            self.world.place(
                shapes.ingress(workload, created), workload.applied_by, status_by="nginx-ingress-controller"
            )
            made = surroundings.certificate(
                workload.name, workload.namespace, workload.host, self.world.now() - 33 * _DAY
            )
            self.world.place(made, "cert-manager-certificates-issuing")
        if workload.min_available is not None:
            self.budgets.append(self.world.place(shapes.disruption_budget(workload, created), workload.applied_by))
        if workload.autoscale is not None:
            self.autoscalers.append(self.world.place(shapes.autoscaler(workload, created), workload.applied_by))
        return owner

    def _place_configuration(self, workload: Workload, created: float) -> None:
        by = workload.applied_by
        if workload.config:
            changed = self.world.now() - workload.deployed_hours * _HOUR
            self.world.place(surroundings.workload_config(workload, created), by, written=max(created, changed))
        if workload.secret:
            self.world.place(surroundings.credentials(workload.name, workload.namespace, created), "sealed-secrets")
        account = (workload.namespace, workload.service_account)
        if workload.service_account and self.world.get("serviceaccounts", account) is None:
            self.world.place(shape("ServiceAccount", workload.service_account, workload.namespace, created=created), by)
        if by == "helm":
            revision = 1 + names.stable_number(workload.name) % 7
            made = surroundings.helm_release(workload.name, workload.namespace, revision, created)
            self.world.place(made, "helm")

    def _deployment(self, workload: Workload, created: float) -> Object:
        world = self.world
        deployed = max(created, world.now() - workload.deployed_hours * _HOUR)
        revision = len(workload.history) + 1
        made = shapes.deployment(workload, created)
        made["metadata"].setdefault("annotations", {})
        made["metadata"]["annotations"] = {**made["metadata"]["annotations"], rollouts.REVISION: str(revision)}
        made["metadata"]["uid"] = names.uid(world.random)
        sets = [self._old_set(made, workload, tag, index, created) for index, tag in enumerate(workload.history)]
        current = self._current_set(made, workload, revision, deployed)
        made["metadata"]["generation"] = revision
        made["status"] = self._settled(made, current, [*sets, current], created, deployed)
        return world.place(
            made,
            workload.applied_by,
            written=deployed - 1,
            status_by=CONTROLLER_MANAGER,
            status_at=deployed + 30,
            generation=revision,
        )

    def _born(self, deployed: float, index: int) -> float:
        """Most pods are as old as their rollout; some were moved since."""
        age = self.world.now() - deployed
        if self.world.random.random() < 0.15:
            return deployed + self.world.random.random() * age * 0.9
        return deployed + min(age * 0.5, index * 4.0)

    def _current_set(self, owner: Object, workload: Workload, revision: int, deployed: float) -> Object:
        """The replica set of the present version, with its pods."""
        made = rollouts.replica_set(owner, owner["spec"]["template"], workload.replicas, revision, deployed)
        made["metadata"]["uid"] = names.uid(self.world.random)
        made["metadata"]["generation"] = 1
        for index in range(workload.replicas):
            self.pods.place(made, made["spec"]["template"], self._born(deployed, index))
        made["status"] = counted(self.world.children(made, POD)) | {"observedGeneration": 1}
        return self.world.place(made, CONTROLLER_MANAGER, status_by=CONTROLLER_MANAGER, status_at=deployed + 30)

    def _old_set(self, owner: Object, workload: Workload, tag: str, index: int, created: float) -> Object:
        """A replica set of an earlier version, kept without pods."""
        older = msgspec.structs.replace(workload, image=f"{workload.image.rsplit(':', 1)[0]}:{tag}")
        template = shapes.deployment(older)["spec"]["template"]
        span = self.world.now() - workload.deployed_hours * _HOUR - created
        at = created + span * (index + 1) / (len(workload.history) + 2)
        made = rollouts.replica_set(owner, template, 0, index + 1, at)
        made["status"] = {"replicas": 0, "terminatingReplicas": 0, "observedGeneration": 2}
        return self.world.place(made, CONTROLLER_MANAGER, status_by=CONTROLLER_MANAGER, generation=2)

    def _settled(self, owner: Object, new: Object, sets: list[Object], created: float, deployed: float) -> Object:
        status = rollouts.deployment_status(owner, new, sets, created + 30)
        for each in status["conditions"]:
            if each["type"] == "Progressing":
                each["lastUpdateTime"] = timestamp(deployed + 30)
        return status

    def _stateful_set(self, workload: Workload, created: float) -> Object:
        world = self.world
        deployed = max(created, world.now() - workload.deployed_hours * _HOUR)
        made = shapes.stateful_set(workload, created)
        made["metadata"]["uid"] = names.uid(world.random)
        update = revision_hash(made)
        world.place(controller_revision(made, 1, created), CONTROLLER_MANAGER)
        placed = []
        for ordinal in range(workload.replicas):
            name = f"{workload.name}-{ordinal}"
            node = self.pods.next_worker()
            claims = (
                {"data": self._bound_claim(workload, name, node, created + 20.0 * ordinal)} if workload.claim else {}
            )
            at = deployed + 25.0 * (workload.replicas - ordinal)
            own = pod_of_stateful_set(made, ordinal, update)
            placed.append(self.pods.place(made, made["spec"]["template"], at, node=node, claims=claims, **own))
        made["metadata"]["generation"] = 1
        made["status"] = stateful_set_status(made, update, placed)
        return world.place(
            made, workload.applied_by, written=deployed, status_by=CONTROLLER_MANAGER, status_at=deployed + 90
        )

    def _bound_claim(self, workload: Workload, pod: str, node: Object, created: float) -> str:
        labels = {"app": workload.name}
        made = surroundings.claim(
            f"data-{pod}", workload.namespace, workload.claim, workload.storage_class, labels, created
        )
        made["metadata"]["uid"] = names.uid(self.world.random)
        made["metadata"]["annotations"] = {
            **surroundings.BOUND,
            "volume.kubernetes.io/selected-node": name_of(node),
        }
        zone = node["metadata"]["labels"]["topology.kubernetes.io/zone"]
        reclaim = "Retain" if "retain" in workload.storage_class else "Delete"
        volume = self.world.place(surroundings.volume(made, zone, reclaim, created + 4), "csi-provisioner")
        made["spec"]["volumeName"] = name_of(volume)
        made["status"] = {
            "phase": "Bound",
            "accessModes": made["spec"]["accessModes"],
            "capacity": volume["spec"]["capacity"],
        }
        self.world.place(made, CONTROLLER_MANAGER, status_by=CONTROLLER_MANAGER, status_at=created + 5)
        return f"data-{pod}"

    def _daemon_set(self, workload: Workload, created: float) -> Object:
        world = self.world
        deployed = max(created, world.now() - workload.deployed_hours * _HOUR)
        made = shapes.daemon_set(workload, created)
        made["metadata"]["uid"] = names.uid(world.random)
        made["metadata"]["generation"] = 1
        update = revision_hash(made)
        world.place(controller_revision(made, 1, created), CONTROLLER_MANAGER)
        placed = []
        for node in self.nodes:
            if runs_on(made, node):
                own = pod_of_daemon_set(made, name_of(node), update)
                placed.append(self.pods.place(made, made["spec"]["template"], deployed, node=node, **own))
        made["status"] = daemon_set_status(made, update, placed, len(placed))
        return world.place(
            made, workload.applied_by, written=deployed, status_by=CONTROLLER_MANAGER, status_at=deployed + 60
        )

    def _place_service(self, workload: Workload, created: float) -> None:
        world = self.world
        index = 10 + len(self.services)
        placed = world.place(shapes.service(workload, index, created), workload.applied_by)
        self.services.append(placed)
        pods = services.reachable(world.pods_of_app(workload.namespace, workload.name))
        made = shapes.endpoint_slice(placed, names.suffix(world.random), created)
        made["endpoints"] = [services.slice_endpoint(pod, self.zones[pod["spec"]["nodeName"]]) for pod in pods]
        made["ports"] = services.slice_ports(placed, pods)
        changed = world.now() - workload.deployed_hours * _HOUR
        made["metadata"]["annotations"] = services.change_trigger(changed)
        made["metadata"]["generation"] = 1 + len(pods)
        world.place(made, CONTROLLER_MANAGER, written=changed)
        older = shapes.endpoints(placed, created)
        older["subsets"] = services.subsets_of(placed, pods)
        older["metadata"]["annotations"] = services.change_trigger(changed)
        world.place(older, CONTROLLER_MANAGER, written=changed)


def place_crash_loop(world: World, control: ControlPlane, past: PastPods, loop: CrashLoop) -> None:
    """A deployment whose newest version does not start; the version before it, if there is one, still serves."""
    deployment = world.get(DEPLOYMENT, (loop.namespace, loop.workload))
    if deployment is None:
        return
    image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    control.images.flaws[image] = Flaw(runs=loop.runs)
    new = next(each for each in world.children(deployment, REPLICA_SET) if each["spec"]["replicas"])
    pods = world.children(new, POD)
    older = [each for each in world.children(deployment, REPLICA_SET) if not each["spec"]["replicas"]]
    crashing = pods[:1] if older else pods
    for pod in pods[len(crashing) :]:
        world.remove(pod)
    for pod in crashing:
        _make_crashing(world, control, pod, loop)
    if older:
        _restore_old_version(world, past, max(older, key=rollouts.revision_of), len(pods))
    _conclude(world, deployment, revised(new, spec={"replicas": len(crashing)}), world.now() - loop.began)


def place_neglected(world: World, control: ControlPlane, troubles: Troubles, namespaces: Container[str]) -> None:
    """What was never cleared away: claims of a class that does not exist, services in front of nothing."""
    now = world.now()
    for lost in troubles.lost_claims:
        if lost.namespace in namespaces:
            created = now - lost.age_days * _DAY
            made = surroundings.claim(
                lost.name, lost.namespace, lost.size, lost.storage_class, {"app": lost.app}, created
            )
            made = world.place(made, KUBECTL, status_by=CONTROLLER_MANAGER)
            message = f'storageclass.storage.k8s.io "{lost.storage_class}" not found'
            times, component = (now - 3_200.0, now - 11.0), "persistentvolume-controller"
            control.recorder.past(made, "Warning", "ProvisioningFailed", message, component, times, lost.failures)
    for index, dead in enumerate(troubles.dead_services):
        if dead.namespace in namespaces:
            created = now - dead.age_days * _DAY
            old = Workload(dead.name, dead.namespace, dead.image, applied_by=HELM)
            service = world.place(shapes.service(old, 199 - index, created), HELM)
            world.place(shapes.endpoint_slice(service, "w5t9q", created), CONTROLLER_MANAGER)
            world.place(shapes.endpoints(service, created), CONTROLLER_MANAGER)
            control.endpoints.watch(service)


def _make_crashing(world: World, control: ControlPlane, pod: Object, loop: CrashLoop) -> None:
    """The pod was restarted until now, and waits in its back-off."""
    now = world.now()
    ended = now - back_off(loop.restarts) + loop.next_try
    name = pod["spec"]["containers"][0]["name"]
    last = pod_status.terminated(1, "Error", ended - 5.4, ended, names.container_id(world.random))
    statuses = [
        in_back_off(pod, {**each, "restartCount": loop.restarts}, last, back_off(loop.restarts))
        if each["name"] == name
        else each
        for each in pod["status"]["containerStatuses"]
    ]
    conditions = pod["status"]["conditions"]
    for kind in ("Ready", "ContainersReady"):
        why = ("ContainersNotReady", f"containers with unready status: [{name}]")
        unready = condition(kind, False, now - loop.began + 8, *why, observedGeneration=1, lastProbeTime=None)
        conditions = with_condition(conditions, unready)
    status = {"containerStatuses": statuses, "conditions": conditions}
    pod = world.update(revised(pod, status=status), "kubelet", "status")
    times, message = (now - loop.began + 12, now - 3.0), back_off_message(pod, name)
    control.recorder.past(pod, "Warning", "BackOff", message, "kubelet", times, 21, name)
    control.kubelet.resume_back_off(pod, loop.next_try)


def _restore_old_version(world: World, past: PastPods, old: Object, replicas: int) -> None:
    """The replica set before has not been scaled down."""
    old = world.update(revised(old, spec={"replicas": replicas}), CONTROLLER_MANAGER)
    for index in range(replicas):
        past.place(old, old["spec"]["template"], world.now() - 420_000.0 + 5 * index)
    status = counted(world.children(old, POD)) | {"observedGeneration": old["metadata"]["generation"]}
    world.update({**old, "status": status}, CONTROLLER_MANAGER, "status")


def _conclude(world: World, deployment: Object, new: Object, began: float) -> None:
    """The deployment has given up waiting for its newest version."""
    new = world.update(new, CONTROLLER_MANAGER)
    counts = counted(world.children(new, POD)) | {"observedGeneration": new["metadata"]["generation"]}
    new = world.update({**new, "status": counts}, CONTROLLER_MANAGER, "status")
    status = rollouts.deployment_status(deployment, new, world.children(deployment, REPLICA_SET), began)
    late = began + deployment["spec"]["progressDeadlineSeconds"]
    timed_out = condition(
        "Progressing",
        False,
        late,
        "ProgressDeadlineExceeded",
        f'ReplicaSet "{name_of(new)}" has timed out progressing.',
    )
    timed_out["lastUpdateTime"] = timestamp(late)
    status["conditions"] = with_condition(status["conditions"], timed_out)
    status["observedGeneration"] = deployment["metadata"]["generation"]
    world.update({**deployment, "status": status}, CONTROLLER_MANAGER, "status")

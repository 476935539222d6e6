"""Workloads that were rolled out a while ago, with everything around them."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine import rollouts, services, shapes
from kwatch.simulator.engine.control_plane import ControlPlane
from kwatch.simulator.engine.objects import POD, Object, merge_patch, name_of, shape
from kwatch.simulator.engine.past_pods import PastPods
from kwatch.simulator.engine.sets import (
    daemon_set_status,
    pod_of_daemon_set,
    pod_of_stateful_set,
    runs_on,
    stateful_set_status,
)
from kwatch.simulator.engine.world import CONTROLLER_MANAGER
from kwatch.simulator.scenario.spec import HELM, Workload

_DAY = 86_400.0
_HOUR = 3_600.0


class PastWorkloads:
    """Places workloads, and remembers what the controllers have to watch."""

    def __init__(self, control: ControlPlane, pods: PastPods, nodes: list[Object]) -> None:
        self._world = control.world
        self._now = control.world.now()
        self._pods = pods
        self._nodes = nodes
        self._zones = {name_of(node): node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes}
        self.services: list[Object] = []
        self.budgets: list[Object] = []
        self.autoscalers: list[Object] = []

    def place(self, workload: Workload) -> None:
        world, by = self._world, workload.applied_by
        created = self._now - workload.age_days * _DAY
        deployed = self._now - workload.deployed_hours * _HOUR
        self._place_configuration(workload, created, deployed)
        place = {"StatefulSet": self._stateful_set, "DaemonSet": self._daemon_set}.get(workload.kind, self._deployment)
        made = shapes.workload_object(workload, created)
        made["metadata"]["uid"] = names.uid(world.random)
        place(workload, made, created, max(created, deployed))
        if workload.service:
            self._place_service(workload, created, deployed)
        if workload.host:
            balancer = shapes.balancer_of("ingress-nginx-controller")
            ingress = shapes.of_workload("Ingress", workload, created, balancer=balancer)
            world.place(ingress, by, status_by="nginx-ingress-controller")
            world.place(shapes.certificate(workload, self._now - 33 * _DAY), "cert-manager-certificates-issuing")
        if workload.min_available is not None:
            self.budgets.append(world.place(shapes.disruption_budget(workload, created), by))
        if workload.autoscale is not None:
            self.autoscalers.append(world.place(shapes.autoscaler(workload, created), by))

    def _place_configuration(self, workload: Workload, created: float, deployed: float) -> None:
        world, by, name, namespace = self._world, workload.applied_by, workload.name, workload.namespace
        if workload.config:
            world.place(shapes.workload_config(workload, created), by, written=max(created, deployed))
        if workload.secret:
            login = {"user": name.replace("-", "_"), "password": names.digest(f"{namespace}/{name} password")[:24]}
            world.place(shapes.secret("Credentials", name, namespace, created, **login), "sealed-secrets")
        account = workload.service_account
        if account and world.get("serviceaccounts", (namespace, account)) is None:
            world.place(shape("ServiceAccount", account, namespace, created=created), by)
        if by == HELM:
            revision = str(1 + names.stable_number(name) % 7)
            body = base64.b64encode(names.digest(f"{name} {revision}").encode() * 6).decode()
            made = shapes.secret("HelmRelease", name, namespace, created, revision=revision, release=body)
            world.place(made, "helm")

    def _settle(
        self, made: Object, by: str, status: Object, written: float, reported: float, generation: int = 1
    ) -> Object:
        """Place what a controller looks after, with the status it reported then."""
        given: dict[str, Any] = {"written": written, "status_at": reported, "generation": generation}
        return self._world.place({**made, "status": status}, by, status_by=CONTROLLER_MANAGER, **given)

    def _deployment(self, workload: Workload, made: Object, created: float, deployed: float) -> None:
        revision = len(workload.history) + 1
        notes = {rollouts.REVISION: str(revision)}
        made = merge_patch(made, {"metadata": {"annotations": notes, "generation": revision}})
        sets = [self._old_set(made, workload, tag, index, created) for index, tag in enumerate(workload.history)]
        current = rollouts.replica_set(made, made["spec"]["template"], workload.replicas, revision, deployed)
        current["metadata"] |= {"uid": names.uid(self._world.random), "generation": 1}
        for index in range(workload.replicas):
            self._pods.place(current, self._born(deployed, index))
        counts = rollouts.replica_set_status(current, self._world.children(current, POD))
        current = self._settle(current, CONTROLLER_MANAGER, counts, deployed, deployed + 30)
        status = rollouts.deployment_status(made, current, [*sets, current], created + 30)
        for each in status["conditions"]:
            if each["type"] == "Progressing":
                each["lastUpdateTime"] = timestamp(deployed + 30)
        self._settle(made, workload.applied_by, status, deployed - 1, deployed + 30, revision)

    def _born(self, deployed: float, index: int) -> float:
        """Most pods are as old as their rollout; some were moved since."""
        age, random = self._now - deployed, self._world.random
        return deployed + (random.random() * age * 0.9 if random.random() < 0.15 else min(age * 0.5, index * 4.0))

    def _old_set(self, owner: Object, workload: Workload, tag: str, index: int, created: float) -> Object:
        """A replica set of an earlier version, kept without pods."""
        older = msgspec.structs.replace(workload, image=f"{workload.image.rsplit(':', 1)[0]}:{tag}")
        span = self._now - workload.deployed_hours * _HOUR - created
        at = created + span * (index + 1) / (len(workload.history) + 2)
        made = rollouts.replica_set(owner, shapes.pod_template(older), 0, index + 1, at)
        status = {"replicas": 0, "terminatingReplicas": 0, "observedGeneration": 2}
        return self._settle(made, CONTROLLER_MANAGER, status, at, at, generation=2)

    def _stateful_set(self, workload: Workload, made: Object, created: float, deployed: float) -> None:
        update, placed = self._revision(made, created), []
        for ordinal in range(workload.replicas):
            own, node = pod_of_stateful_set(made, ordinal, update), self._pods.next_worker()
            claims = {}
            if workload.claim:
                claims["data"] = self._bound_claim(workload, own["name"], node, created + 20.0 * ordinal)
            at = deployed + 25.0 * (workload.replicas - ordinal)
            placed.append(self._pods.place(made, at, node=node, claims=claims, **own))
        self._settle(made, workload.applied_by, stateful_set_status(made, update, placed), deployed, deployed + 90)

    def _daemon_set(self, workload: Workload, made: Object, created: float, deployed: float) -> None:
        update = self._revision(made, created)
        placed = [
            self._pods.place(made, deployed, node=node, **pod_of_daemon_set(made, name_of(node), update))
            for node in self._nodes
            if runs_on(made, node)
        ]
        status = daemon_set_status(made, update, placed, len(placed))
        self._settle(made, workload.applied_by, status, deployed, deployed + 60)

    def _revision(self, made: Object, created: float) -> str:
        made["metadata"]["generation"] = 1
        self._world.place(shapes.controller_revision(made, 1, created), CONTROLLER_MANAGER)
        return shapes.revision_hash(made)

    def _bound_claim(self, workload: Workload, pod: str, node: Object, created: float) -> str:
        name, labels = f"data-{pod}", {"app": workload.name}
        made = shapes.claim(name, workload.namespace, workload.claim, workload.storage_class, labels, created)
        made["metadata"]["uid"] = names.uid(self._world.random)
        made["metadata"]["annotations"] = {**shapes.BOUND, "volume.kubernetes.io/selected-node": name_of(node)}
        reclaim = "Retain" if "retain" in workload.storage_class else "Delete"
        volume = shapes.volume(made, self._zones[name_of(node)], reclaim, created + 4)
        volume = self._world.place(volume, "csi-provisioner")
        made["spec"]["volumeName"] = name_of(volume)
        self._settle(made, CONTROLLER_MANAGER, shapes.bound_status(made, volume), created, created + 5)
        return name

    def _place_service(self, workload: Workload, created: float, changed: float) -> None:
        world = self._world
        placed = world.place(shapes.service(workload, 10 + len(self.services), created), workload.applied_by)
        self.services.append(placed)
        pods = services.reachable(world.pods_of_app(workload.namespace, workload.name))
        note = {"annotations": services.change_trigger(changed)}
        filled = {
            "endpoints": [services.slice_endpoint(pod, self._zones[pod["spec"]["nodeName"]]) for pod in pods],
            "ports": services.slice_ports(placed, pods),
        }
        made = shapes.endpoint_slice(placed, names.suffix(world.random), created, **note, **filled)
        made["metadata"]["generation"] = 1 + len(pods)
        world.place(made, CONTROLLER_MANAGER, written=changed)
        older = shapes.endpoints(placed, created, **note, subsets=services.subsets_of(placed, pods))
        world.place(older, CONTROLLER_MANAGER, written=changed)

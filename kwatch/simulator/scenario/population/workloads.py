"""Workloads that were rolled out a while ago: their controllers, pods, services and everything around them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.controllers import deployment_status, endpoints
from kwatch.simulator.scenario.controllers.daemon_set import daemon_set_status, node_affinity, runs_on
from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.scenario.controllers.replica_set import counted
from kwatch.simulator.scenario.controllers.stateful_set import stateful_set_status
from kwatch.simulator.scenario.inventory.workload import Workload
from kwatch.simulator.scenario.objects import config, policy, secret, service, storage
from kwatch.simulator.scenario.objects import deployment as deployments
from kwatch.simulator.scenario.objects.access import service_account
from kwatch.simulator.scenario.objects.kube import POD, Object, name_of
from kwatch.simulator.scenario.objects.stateful_set import (
    REVISION_HASH,
    controller_revision,
    daemon_set,
    revision_hash,
    stateful_set,
)
from kwatch.simulator.scenario.population.past_pods import PastPods
from kwatch.simulator.scenario.timestamps import timestamp
from kwatch.simulator.scenario.world import World

_DAY = 86_400.0
_HOUR = 3_600.0


@dataclass(slots=True)
class PastWorkloads:
    """Places workloads, and remembers what the controllers shall watch."""

    world: World
    pods: PastPods
    nodes: list[Object]
    services: list[Object]
    budgets: list[Object]
    autoscalers: list[Object]
    zones: dict[str, str]
    """Node -> where it is."""

    def place(self, workload: Workload) -> Object:
        """Everything about one workload."""
        created = self.world.now() - workload.age_days * _DAY
        self._place_configuration(workload, created)
        place = {"StatefulSet": self._stateful_set, "DaemonSet": self._daemon_set}.get(workload.kind, self._deployment)
        owner = place(workload, created)
        if workload.service:
            self._place_service(workload, created)
        if workload.host:
            self.world.place(
                service.ingress(workload, created), workload.applied_by, status_by="nginx-ingress-controller"
            )
            made = secret.certificate(workload.name, workload.namespace, workload.host, self.world.now() - 33 * _DAY)
            self.world.place(made, "cert-manager-certificates-issuing")
        if workload.min_available is not None:
            self.budgets.append(self.world.place(policy.disruption_budget(workload, created), workload.applied_by))
        if workload.autoscale is not None:
            self.autoscalers.append(self.world.place(policy.autoscaler(workload, created), workload.applied_by))
        return owner

    def _place_configuration(self, workload: Workload, created: float) -> None:
        by = workload.applied_by
        if workload.config:
            changed = self.world.now() - workload.deployed_hours * _HOUR
            self.world.place(config.workload_config(workload, created), by, written=max(created, changed))
        if workload.secret:
            self.world.place(secret.credentials(workload.name, workload.namespace, created), "sealed-secrets")
        if workload.service_account:
            self.world.place(service_account(workload.service_account, workload.namespace, created), by)
        if by == "helm":
            revision = 1 + names.stable_number(workload.name) % 7
            made = secret.helm_release(workload.name, workload.namespace, revision, created)
            self.world.place(made, "helm")

    def _deployment(self, workload: Workload, created: float) -> Object:
        world = self.world
        deployed = max(created, world.now() - workload.deployed_hours * _HOUR)
        revision = len(workload.history) + 1
        made = deployments.deployment(workload, created)
        made["metadata"].setdefault("annotations", {})
        made["metadata"]["annotations"] = {**made["metadata"]["annotations"], deployments.REVISION: str(revision)}
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
        made = deployments.replica_set(owner, owner["spec"]["template"], workload.replicas, revision, deployed)
        made["metadata"]["uid"] = names.uid(self.world.random)
        made["metadata"]["generation"] = 1
        for index in range(workload.replicas):
            self.pods.place(made, made["spec"]["template"], self._born(deployed, index))
        made["status"] = counted(self.world.children(made, POD)) | {"observedGeneration": 1}
        return self.world.place(made, CONTROLLER_MANAGER, status_by=CONTROLLER_MANAGER, status_at=deployed + 30)

    def _old_set(self, owner: Object, workload: Workload, tag: str, index: int, created: float) -> Object:
        """A replica set of an earlier version, kept without pods."""
        older = replace(workload, image=f"{workload.image.rsplit(':', 1)[0]}:{tag}")
        template = deployments.deployment(older)["spec"]["template"]
        span = self.world.now() - workload.deployed_hours * _HOUR - created
        at = created + span * (index + 1) / (len(workload.history) + 2)
        made = deployments.replica_set(owner, template, 0, index + 1, at)
        made["status"] = {"replicas": 0, "terminatingReplicas": 0, "observedGeneration": 2}
        return self.world.place(made, CONTROLLER_MANAGER, status_by=CONTROLLER_MANAGER, generation=2)

    def _settled(self, owner: Object, new: Object, sets: list[Object], created: float, deployed: float) -> Object:
        status = deployment_status.status(owner, new, sets, created + 30)
        for each in status["conditions"]:
            if each["type"] == "Progressing":
                each["lastUpdateTime"] = timestamp(deployed + 30)
        return status

    def _stateful_set(self, workload: Workload, created: float) -> Object:
        world = self.world
        deployed = max(created, world.now() - workload.deployed_hours * _HOUR)
        made = stateful_set(workload, created)
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
            labels = {
                "apps.kubernetes.io/pod-index": str(ordinal),
                REVISION_HASH: update,
                "statefulset.kubernetes.io/pod-name": name,
            }
            spec = {"hostname": name, "subdomain": made["spec"]["serviceName"]}
            at = deployed + 25.0 * (workload.replicas - ordinal)
            template = made["spec"]["template"]
            placed.append(
                self.pods.place(made, template, at, name=name, node=node, labels=labels, claims=claims, spec=spec)
            )
        made["metadata"]["generation"] = 1
        made["status"] = stateful_set_status(made, update, placed)
        return world.place(
            made, workload.applied_by, written=deployed, status_by=CONTROLLER_MANAGER, status_at=deployed + 90
        )

    def _bound_claim(self, workload: Workload, pod: str, node: Object, created: float) -> str:
        labels = {"app": workload.name}
        made = storage.claim(f"data-{pod}", workload.namespace, workload.claim, workload.storage_class, labels, created)
        made["metadata"]["uid"] = names.uid(self.world.random)
        made["metadata"]["annotations"] = {
            **storage.bound_annotations(),
            "volume.kubernetes.io/selected-node": name_of(node),
        }
        zone = node["metadata"]["labels"]["topology.kubernetes.io/zone"]
        reclaim = "Retain" if "retain" in workload.storage_class else "Delete"
        volume = self.world.place(storage.volume(made, zone, reclaim, created + 4), "csi-provisioner")
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
        made = daemon_set(workload, created)
        made["metadata"]["uid"] = names.uid(world.random)
        made["metadata"]["generation"] = 1
        update = revision_hash(made)
        world.place(controller_revision(made, 1, created), CONTROLLER_MANAGER)
        labels = {REVISION_HASH: update, "pod-template-generation": "1"}
        placed = []
        for node in self.nodes:
            if runs_on(made, node):
                spec = {"affinity": node_affinity(name_of(node))}
                template = made["spec"]["template"]
                placed.append(self.pods.place(made, template, deployed, node=node, labels=labels, spec=spec))
        made["status"] = daemon_set_status(made, update, placed, len(placed))
        return world.place(
            made, workload.applied_by, written=deployed, status_by=CONTROLLER_MANAGER, status_at=deployed + 60
        )

    def _place_service(self, workload: Workload, created: float) -> None:
        world = self.world
        index = 10 + len(self.services)
        placed = world.place(service.service(workload, index, created), workload.applied_by)
        self.services.append(placed)
        pods = endpoints.reachable(world.pods_of_app(workload.namespace, workload.name))
        made = service.endpoint_slice(placed, names.suffix(world.random), created)
        made["endpoints"] = [service.slice_endpoint(pod, self.zones[pod["spec"]["nodeName"]]) for pod in pods]
        made["ports"] = endpoints.slice_ports(placed, pods)
        changed = world.now() - workload.deployed_hours * _HOUR
        made["metadata"]["annotations"] = service.change_trigger(changed)
        made["metadata"]["generation"] = 1 + len(pods)
        world.place(made, CONTROLLER_MANAGER, written=changed)
        older = service.endpoints(placed, created)
        older["subsets"] = endpoints.subsets_of(placed, pods)
        older["metadata"]["annotations"] = service.change_trigger(changed)
        world.place(older, CONTROLLER_MANAGER, written=changed)

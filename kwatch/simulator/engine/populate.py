"""Fills an empty store with a cluster that has been running for months, by a scenario."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kwatch.simulator.engine import past_workloads, shapes, surroundings
from kwatch.simulator.engine.containers import Images
from kwatch.simulator.engine.control_plane import ControlPlane
from kwatch.simulator.engine.names import timestamp
from kwatch.simulator.engine.objects import Object, name_of, namespace_of, revised
from kwatch.simulator.engine.past_pods import PastPods, place_cron_job, place_past_events
from kwatch.simulator.engine.past_workloads import PastWorkloads
from kwatch.simulator.engine.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.engine.services import quota_status
from kwatch.simulator.engine.world import World
from kwatch.simulator.scenario.plan import Plan
from kwatch.simulator.scenario.spec import Manifests

_DAY = 86_400.0
_AGE = 212.6 * _DAY
"""Of the whole cluster; its teams came five days later."""
_TEAM_AGE = _AGE - 5 * _DAY
_SYSTEM = ("kube-system", "kube-public", "kube-node-lease", "default")
_CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
_LEADER = "cp-1_0c7b1a52-91d4-4d0b-8f0e-5d1f7a0c2f6e"


@dataclass(frozen=True, slots=True)
class Population:
    """What was placed and goes on by itself."""

    cron_jobs: list[Object]
    databases: list[Object]
    autoscalers: list[Object]


def populate(world: World, control: ControlPlane, plan: Plan) -> Population:
    """Place everything, and tell the controllers what to watch."""
    spec = plan.spec
    _place_namespaces(world, plan)
    _place_manifests(world, spec.cluster_objects, _AGE)
    nodes = _place_nodes(world, plan)
    control_planes = [node for node in nodes if _CONTROL_PLANE in node["metadata"]["labels"]]
    workers = [node for node in nodes if node not in control_planes]
    addresses = [node["status"]["addresses"][0]["address"] for node in control_planes]
    for made in shapes.api_service(addresses, world.now() - _AGE):
        world.place(made, "kube-apiserver")
    for node in control_planes:
        for given in spec.static_pods:
            control.images.add(name_of(node), given.image)
            world.put(surroundings.static_pod(world.random, node, given, world.now() - 54 * _DAY))
    for lease, manager in _place_leases(world, nodes):
        control.leases.add(lease, manager)
    pods = PastPods(world, control.pods, control.images, workers)
    zones = {name_of(node): node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes}
    workloads = PastWorkloads(world, pods, nodes, [], [], [], zones)
    for workload in (*plan.workloads, *plan.daemons, *plan.generated):
        workloads.place(workload)
    for namespace in plan.teams:
        made = surroundings.registry_credentials(namespace, spec.registry, world.now() - _TEAM_AGE)
        world.place(made, "sealed-secrets")
    cron_jobs = [place_cron_job(world, pods, control.behaviour, cron) for cron in plan.crons]
    databases = _place_databases(world, plan)
    for loop in spec.troubles.crash_loops:
        past_workloads.place_crash_loop(world, control, pods, loop)
    past_workloads.place_neglected(world, control, plan)
    _report_images(world, control.images, nodes)
    _count(world, control, plan, workloads)
    place_past_events(world, control.recorder, spec.troubles.failed_probes)
    return Population(cron_jobs, databases, workloads.autoscalers)


def _place_namespaces(world: World, plan: Plan) -> None:
    """Every namespace, with what each of them has."""
    now = world.now()
    for name in dict.fromkeys([*_SYSTEM, *plan.namespaces]):
        created = now - (_AGE if name in _SYSTEM else _AGE - world.between(0.1, 9.0) * _DAY)
        known = plan.spec.namespaces.get(name)
        made = surroundings.namespace(name, known.labels if known else {}, created)
        world.place(made, "kube-apiserver" if name in _SYSTEM else "kubectl-create")
        world.place(surroundings.service_account("default", name, created), CONTROLLER_MANAGER)
        world.place(surroundings.root_ca(name, created), CONTROLLER_MANAGER)


def _place_manifests(world: World, groups: Iterable[Manifests], age: float, **values: Any) -> list[Object]:
    """Objects as a scenario gives them, placeholders filled in."""
    placed = []
    for group in groups:
        created = world.now() - (age if group.age_days is None else group.age_days * _DAY)
        values["created"] = timestamp(created)
        for manifest in group.objects:
            make = shapes.maker_of(manifest)
            made = make(values) if make else dict(manifest)
            made["metadata"] = {**made["metadata"], "creationTimestamp": values["created"]}
            placed.append(world.place(made, group.applied_by, status_by=group.status_by))
    return placed


def _place_nodes(world: World, plan: Plan) -> list[Object]:
    """The control planes are as old as the cluster; workers are replaced every few weeks."""
    now = world.now()
    placed = []
    for index in range(plan.control_planes + plan.workers):
        control_plane = index < plan.control_planes
        name = f"cp-{index + 1}" if control_plane else f"worker-{index + 1 - plan.control_planes}"
        age = _AGE - 400.0 * index if control_plane else world.between(11.0, 47.0) * _DAY
        posted = now - world.between(0.0, 280.0)
        made = surroundings.node(
            index, name, control_plane=control_plane, created=now - age, now=posted, version=plan.spec.version
        )
        placed.append(world.place(made, "kubelet", status_by="kubelet", status_at=now - world.between(1.0, 280.0)))
    return placed


def _place_leases(world: World, nodes: list[Object]) -> list[tuple[Object, str]]:
    """Leases of nodes and leaders, with who renews them."""
    now = world.now()
    placed = []
    for name in ("kube-controller-manager", "kube-scheduler"):
        made = surroundings.leader_lease(name, "kube-system", _LEADER, now - 13 * _DAY, now - 1.0, now - _AGE)
        placed.append((world.place(made, name), name))
    for each in nodes:
        made = surroundings.node_lease(each, now - world.between(0.0, 9.0), now - 40 * _DAY)
        made["metadata"]["creationTimestamp"] = each["metadata"]["creationTimestamp"]
        placed.append((world.place(made, "kubelet"), "kubelet"))
    return placed


def _place_databases(world: World, plan: Plan) -> list[Object]:
    """The databases of the namespaces that are there, if their kind is served."""
    if world.get("customresourcedefinitions.apiextensions.k8s.io", ("", surroundings.DATABASE)) is None:
        return []
    return [
        world.place(
            surroundings.database(given, world.now()),
            "argocd-controller",
            status_by="database-operator",
            status_at=world.now() - given.backed_up,
        )
        for given in plan.spec.databases
        if given.namespace in plan.namespaces
    ]


def _report_images(world: World, images: Images, nodes: list[Object]) -> None:
    """The nodes say which images they have, the largest fifty."""
    for each in nodes:
        found = [surroundings.image_entry(image) for image in images.on_node(name_of(each))]
        if found:
            entries = sorted(found, key=lambda entry: -entry["sizeBytes"])
            world.update(revised(each, status={"images": entries[:50]}), "kubelet", "status")


def _place_team_objects(world: World, plan: Plan) -> list[Object]:
    """Roles, quotas, limits and network policies of the teams."""
    placed = []
    for name in plan.teams:
        pods = str(plan.spec.namespaces[name].pods)
        placed += _place_manifests(world, plan.spec.team_objects, _TEAM_AGE, namespace=name, pods=pods)
    return placed


def _count(world: World, control: ControlPlane, plan: Plan, workloads: PastWorkloads) -> None:
    """What the controllers have counted until now."""
    for service in workloads.services:
        control.endpoints.watch(service)
    for budget in workloads.budgets:
        control.disruption.watch(budget)
        control.disruption.reconcile((namespace_of(budget), name_of(budget)))
    for quota in _place_team_objects(world, plan):
        if quota["kind"] == "ResourceQuota":
            pods = world.store.list("pods", namespace_of(quota))
            world.update({**quota, "status": quota_status(quota, pods)}, CONTROLLER_MANAGER, "status")
            control.quotas.watch(quota)
    for scaler in workloads.autoscalers:
        key = (namespace_of(scaler), name_of(scaler))
        control.usage.set_baseline(*key, scaler["status"]["currentReplicas"])
        control.autoscalers.measure(key)

"""How much of a scenario is built, and an empty store filled with it, as if it had been running for months."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec

from kwatch.base.timestamp import timestamp
from kwatch.simulator.engine import past_workloads, shapes, surroundings
from kwatch.simulator.engine.containers import Images
from kwatch.simulator.engine.control_plane import ControlPlane
from kwatch.simulator.engine.objects import DATABASE, Object, filled_manifest, name_of, namespace_of, revised, shape
from kwatch.simulator.engine.past_pods import PastPods, place_cron_job, place_past_events
from kwatch.simulator.engine.past_workloads import PastWorkloads
from kwatch.simulator.engine.pods import CONTROLLER_MANAGER
from kwatch.simulator.engine.services import quota_status
from kwatch.simulator.engine.world import World
from kwatch.simulator.scenario.spec import CronWorkload, Manifests, ScenarioSpec, Workload

_PODS_A_NODE = 45
_NODES = 8
_SMALL = 60
"""With fewer pods than this, the cluster has three nodes and no daemons."""


class Plan(msgspec.Struct, frozen=True):
    spec: ScenarioSpec
    control_planes: int
    workers: int
    workloads: tuple[Workload, ...]
    daemons: tuple[Workload, ...]
    crons: tuple[CronWorkload, ...]
    generated: tuple[Workload, ...]

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Every namespace that something is in, the scenario's own first."""
        workloads = [each.namespace for each in (*self.workloads, *self.daemons, *self.generated)]
        crons = [each.namespace for each in self.crons]
        return tuple(dict.fromkeys([self.spec.namespace, "default", *workloads, *crons]))

    @property
    def teams(self) -> tuple[str, ...]:
        return tuple(name for name, each in self.spec.namespaces.items() if each.team and name in self.namespaces)


def plan(spec: ScenarioSpec, objects: int, random: Random) -> Plan:
    """A cluster of about so many pods; 0 is what the scenario itself says, or what its workloads have."""
    full = _infrastructure_count(spec) + sum(each.replicas for each in spec.workloads)
    objects = objects or spec.pods or full
    if objects < min(_SMALL, full):
        crons = spec.cron_jobs[:2] if objects >= _SMALL // 4 else ()
        others = len(spec.static_pods) + sum(each.keep_succeeded + 1 for each in crons)
        return Plan(spec, 1, 2, _first(spec, max(1, objects - others)), (), crons, ())
    workers = 5 + max(0, -(-(objects - full) // _PODS_A_NODE))
    remaining = objects - full - (workers - 5) * len(spec.daemons)
    if remaining < 0:
        workloads = _first(spec, objects - _infrastructure_count(spec))
        return Plan(spec, 3, 5, workloads, spec.daemons, spec.cron_jobs, ())
    generated = generated_workloads(spec, remaining, random)
    return Plan(spec, 3, workers, spec.workloads, spec.daemons, spec.cron_jobs, generated)


def _infrastructure_count(spec: ScenarioSpec) -> int:
    daemons = sum(_NODES if each.nodes == "all" else _NODES - 3 for each in spec.daemons)
    finished = sum(each.keep_succeeded for each in spec.cron_jobs if not each.suspended)
    return daemons + 3 * len(spec.static_pods) + finished


def _first(spec: ScenarioSpec, pods: int) -> tuple[Workload, ...]:
    """The most important workloads that have so many pods together; the last one with fewer replicas if need be."""
    chosen = []
    for each in spec.workloads:
        if pods <= 0:
            break
        chosen.append(each if each.replicas <= pods else msgspec.structs.replace(each, replicas=pods))
        pods -= each.replicas
    return tuple(chosen)


def generated_workloads(spec: ScenarioSpec, pods: int, random: Random) -> tuple[Workload, ...]:
    """Deployments that have exactly so many pods together."""
    scale = 1 if pods <= 2_000 else (2 if pods <= 20_000 else 5)
    made: list[Workload] = []
    while pods > 0:
        replicas = min(pods, scale * random.choice(spec.generated.replicas))
        made.append(_generated(spec, len(made), replicas, random))
        pods -= replicas
    return tuple(made)


def _generated(spec: ScenarioSpec, index: int, replicas: int, random: Random) -> Workload:
    """PRODUCT-ROLE in PRODUCT-STAGE; once all combinations are used, in PRODUCT-2-STAGE and so on."""
    parts = spec.generated
    group, role = divmod(index, len(parts.roles))
    round_, place = divmod(group, len(parts.products) * len(parts.stages))
    stage, product = divmod(place, len(parts.products))
    team = parts.products[product] + (f"-{round_ + 1}" if round_ else "")
    tag = f"{random.randrange(1, 9)}.{random.randrange(30)}.{random.randrange(12)}"
    return Workload(
        f"{parts.products[product]}-{parts.roles[role]}",
        f"{team}-{parts.stages[stage]}",
        f"{spec.registry}/{parts.products[product]}/{parts.roles[role]}:{tag}",
        replicas=replicas,
        language=random.choice(parts.languages),
        cpu="50m",
        memory="96Mi",
        memory_limit="192Mi",
        environment={"STAGE": parts.stages[stage], "LOG_LEVEL": "info"},
        service="ClusterIP" if role % 3 else "",
        age_days=random.uniform(5, 200),
        deployed_hours=random.uniform(0.5, 400),
        labels={"team": team, "stage": parts.stages[stage]},
    )


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
    past_workloads.place_neglected(world, control, spec.troubles, plan.namespaces)
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
        made = shape("Namespace", name, labels=known.labels if known else {}, created=created)
        world.place(made, "kube-apiserver" if name in _SYSTEM else "kubectl-create")
        world.place(shape("ServiceAccount", "default", name, created=created), CONTROLLER_MANAGER)
        world.place(surroundings.root_ca(name, created), CONTROLLER_MANAGER)


def _place_manifests(world: World, groups: Iterable[Manifests], age: float, **values: Any) -> list[Object]:
    """Objects as a scenario gives them, placeholders filled in."""
    placed = []
    for group in groups:
        created = world.now() - (age if group.age_days is None else group.age_days * _DAY)
        values["created"] = timestamp(created)
        for manifest in group.objects:
            made = filled_manifest(manifest, values)
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
        made = surroundings.leader_lease(name, _LEADER, now - 13 * _DAY, now - 1.0, now - _AGE)
        placed.append((world.place(made, name), name))
    for each in nodes:
        made = surroundings.node_lease(each, now - world.between(0.0, 9.0))
        placed.append((world.place(made, "kubelet"), "kubelet"))
    return placed


def _place_databases(world: World, plan: Plan) -> list[Object]:
    """The databases of the namespaces that are there, if their kind is served."""
    if world.get("customresourcedefinitions.apiextensions.k8s.io", ("", DATABASE)) is None:
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

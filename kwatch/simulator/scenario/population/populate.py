"""Fills an empty store with a cluster that has been running for months."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.simulator.scenario.control_plane import ControlPlane
from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.scenario.controllers.quota import quota_status
from kwatch.simulator.scenario.objects import secret
from kwatch.simulator.scenario.objects.kube import Object, name_of, namespace_of
from kwatch.simulator.scenario.population import machines, troubles
from kwatch.simulator.scenario.population.past_events import place_past_events
from kwatch.simulator.scenario.population.past_jobs import place_cron_job
from kwatch.simulator.scenario.population.past_pods import PastPods
from kwatch.simulator.scenario.population.plan import Plan
from kwatch.simulator.scenario.population.workloads import PastWorkloads
from kwatch.simulator.scenario.world import World


@dataclass(frozen=True, slots=True)
class Population:
    """What was placed and goes on by itself."""

    cron_jobs: list[Object]
    databases: list[Object]
    autoscalers: list[Object]


def populate(world: World, control: ControlPlane, plan: Plan) -> Population:
    """Place everything, and tell the controllers what to watch."""
    machines.place_namespaces(world, plan)
    machines.place_cluster_objects(world)
    nodes = machines.place_nodes(world, plan)
    machines.place_api_service(world, nodes)
    machines.place_static_pods(world, nodes, control.images)
    for lease, manager in machines.place_leases(world, nodes):
        control.leases.add(lease, manager)
    workers = [node for node in nodes if "node-role.kubernetes.io/worker" in node["metadata"]["labels"]]
    pods = PastPods(world, control.pods, control.images, workers)
    zones = {name_of(node): node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes}
    workloads = PastWorkloads(world, pods, nodes, [], [], [], zones)
    for workload in (*plan.workloads, *plan.daemons, *plan.generated):
        workloads.place(workload)
    for namespace in ("shop", "payments"):
        if namespace in plan.namespaces:
            created = world.now() - machines.AGE + 5 * machines.DAY
            world.place(secret.registry_credentials(namespace, created), "sealed-secrets")
    cron_jobs = [place_cron_job(world, pods, control.behaviour, cron) for cron in plan.crons]
    databases = machines.place_databases(world, plan)
    troubles.place_crash_loop(world, control, pods)
    troubles.place_neglected(world, control, plan)
    machines.report_images(world, control.images, nodes)
    _count(world, control, plan, workloads)
    place_past_events(world, control.recorder, nodes)
    return Population(cron_jobs, databases, workloads.autoscalers)


def _count(world: World, control: ControlPlane, plan: Plan, workloads: PastWorkloads) -> None:
    """What the controllers have counted until now."""
    for service in workloads.services:
        control.endpoints.watch(service)
    for budget in workloads.budgets:
        control.disruption.watch(budget)
        control.disruption.reconcile((namespace_of(budget), name_of(budget)))
    for quota in machines.place_policies(world, plan):
        pods = world.store.list("pods", namespace_of(quota))
        world.update({**quota, "status": quota_status(quota, pods)}, CONTROLLER_MANAGER, "status")
        control.quotas.watch(quota)
    for scaler in workloads.autoscalers:
        key = (namespace_of(scaler), name_of(scaler))
        control.usage.set_baseline(*key, scaler["status"]["currentReplicas"])
        control.autoscalers.measure(key)

"""How many of what: the team's own workloads first, and generated ones when more pods are asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from kwatch.simulator.scenario.inventory import kube_system, payments, platform, shop
from kwatch.simulator.scenario.inventory.workload import CronWorkload, Workload
from kwatch.simulator.scenario.population.generated import generated_workloads

_OWN = (*shop.WORKLOADS, *kube_system.WORKLOADS, *payments.WORKLOADS, *platform.WORKLOADS)
_CRONS = (*shop.CRON_JOBS, *payments.CRON_JOBS, *platform.CRON_JOBS)
_PODS_A_NODE = 45
_SMALL = 60
"""With fewer pods than this, the cluster has three nodes and no daemons."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build."""

    control_planes: int
    workers: int
    workloads: tuple[Workload, ...]
    daemons: tuple[Workload, ...]
    crons: tuple[CronWorkload, ...]
    generated: tuple[Workload, ...]

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Every namespace that something is in, the shop's first."""
        workloads = [each.namespace for each in (*self.workloads, *self.daemons, *self.generated)]
        return tuple(dict.fromkeys(["shop", "default", *workloads, *(each.namespace for each in self.crons)]))


def plan(objects: int, random: Random) -> Plan:
    """A cluster of about so many pods."""
    if objects < _SMALL:
        crons = shop.CRON_JOBS[:2] if objects >= _SMALL // 4 else ()
        others = len(kube_system.STATIC_PODS) + sum(each.keep_succeeded + 1 for each in crons)
        return Plan(1, 2, _first(max(1, objects - others)), (), crons, ())
    full = _full_count(8)
    workers = 5 + max(0, -(-(objects - full) // _PODS_A_NODE))
    remaining = objects - full - (workers - 5) * len(kube_system.DAEMONS)
    if remaining < 0:
        infrastructure = _infrastructure_count(8)
        return Plan(3, 5, _first(objects - infrastructure), kube_system.DAEMONS, _CRONS, ())
    generated = generated_workloads(remaining, random)
    return Plan(3, workers, _OWN, kube_system.DAEMONS, _CRONS, generated)


def _infrastructure_count(nodes: int) -> int:
    daemons = sum(nodes if each.nodes == "all" else nodes - 3 for each in kube_system.DAEMONS)
    finished = sum(each.keep_succeeded for each in _CRONS if not each.suspended)
    return daemons + 3 * len(kube_system.STATIC_PODS) + finished


def _full_count(nodes: int) -> int:
    return _infrastructure_count(nodes) + sum(each.replicas for each in _OWN)


def _first(pods: int) -> tuple[Workload, ...]:
    """The most important workloads that have so many pods together; the last one with fewer replicas if need be."""
    chosen = []
    for each in _OWN:
        if pods <= 0:
            break
        chosen.append(each if each.replicas <= pods else replace(each, replicas=pods))
        pods -= each.replicas
    return tuple(chosen)

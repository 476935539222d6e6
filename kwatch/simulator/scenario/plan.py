"""How much of a scenario is built: which of its workloads, and others to fill a larger cluster; and how pods behave."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import msgspec

from kwatch.simulator.engine.objects import Object, app_of
from kwatch.simulator.scenario.spec import CronWorkload, ScenarioSpec, Workload

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


_UNKNOWN = Workload("", "", "", language="kube", ready_after=(1.0, 3.0), stops_in=(0.5, 2.0))


class Behaviour:
    """How the pods of a scenario behave: knows every workload by namespace and app."""

    def __init__(self, workloads: Iterable[Workload], crons: Iterable[CronWorkload]) -> None:
        self._workloads = {(each.namespace, each.name): each for each in workloads}
        self._crons = {(each.namespace, each.name): each for each in crons}

    def of(self, pod: Object) -> Workload:
        return self._workloads.get(app_of(pod), _UNKNOWN)

    def workload(self, pod: Object) -> Workload | CronWorkload | None:
        """What the scenario says of what a pod runs; None if it says nothing."""
        key = app_of(pod)
        return self._workloads.get(key) or self._crons.get(key)

    def language(self, pod: Object) -> str:
        cron = self._crons.get(app_of(pod))
        return cron.language if cron else self.of(pod).language

    def run_time(self, pod: Object) -> tuple[float, float]:
        """Seconds a job's pod runs."""
        found = self._crons.get(app_of(pod))
        return found.takes if found else (5.0, 15.0)

    def exit_code(self, pod: Object) -> int:
        """How a job's pod ends; every n-th run of some fails, with all its retries."""
        found = self._crons.get(app_of(pod))
        minute = pod["metadata"]["labels"].get("job-name", "").rsplit("-", 1)[-1]
        return 1 if found and minute.isdigit() and self.fails(found, int(minute) * 60.0) else 0

    def fails(self, cron: CronWorkload, scheduled: float) -> bool:
        """Whether the run of a scheduled time fails."""
        if not cron.fails_every:
            return False
        minute = cron.schedule.split()[0]
        period = int(minute[2:]) if minute.startswith("*/") else 1
        return int(scheduled // 60) // period % cron.fails_every == cron.fails_every - 1

"""How much CPU and memory everything uses: what metrics.k8s.io serves and the autoscalers go by."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.controllers.replica_set import is_ready
from kwatch.simulator.scenario.objects.kube import Object, name_of, namespace_of
from kwatch.simulator.scenario.objects.quantity import cores, in_bytes
from kwatch.simulator.scenario.world import APP_LABEL, World

_WAVE = 240.0
"""Seconds from one crest of the everyday load to the next."""


@dataclass(frozen=True, slots=True)
class Amount:
    """CPU in cores, memory in bytes."""

    cpu: float
    memory: float


@dataclass(frozen=True, slots=True)
class Utilization:
    """The CPU that pods use: as a share of what they ask for, and in cores a pod."""

    share: float
    cores: float


class Usage:
    """A load for every app, which its ready pods share."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._demand: dict[tuple[str, str], float] = {}
        self._baseline: dict[tuple[str, str], int] = {}

    def set_baseline(self, namespace: str, app: str, replicas: int) -> None:
        """The number of pods that carries an app's everyday load well."""
        self._baseline[namespace, app] = replicas

    def set_demand(self, namespace: str, app: str, factor: float) -> None:
        """The load of an app, in multiples of the everyday one."""
        self._demand[namespace, app] = factor

    def utilization(self, namespace: str, app: str) -> Utilization | None:
        """How busy the ready pods of an app are; None without such pods."""
        pods = [pod for pod in self._world.pods_of_app(namespace, app) if is_ready(pod)]
        asked = sum(_request(container, "cpu") for pod in pods for container in pod["spec"]["containers"])
        used = sum(amount.cpu for pod in pods for amount in self.of_pod(pod).values())
        return Utilization(used / asked, used / len(pods)) if asked else None

    def of_pod(self, pod: Object) -> dict[str, Amount]:
        """What each running container of a pod uses now, by name."""
        statuses = pod["status"].get("containerStatuses", ())
        running = {each["name"] for each in statuses if "running" in each["state"]}
        return {
            each["name"]: self._of_container(pod, each) for each in pod["spec"]["containers"] if each["name"] in running
        }

    def of_node(self, node: Object) -> Amount:
        """What a node's pods use together, and the system beside them."""
        cpu, memory = 0.11, 0.9 * 1024**3
        for pod in self._world.pods_on(name_of(node)):
            for amount in self.of_pod(pod).values():
                cpu += amount.cpu
                memory += amount.memory
        capacity = node["status"]["allocatable"]
        return Amount(min(cpu, cores(capacity["cpu"])), min(memory, in_bytes(capacity["memory"])))

    def _of_container(self, pod: Object, container: Object) -> Amount:
        now = self._world.now()
        identity = names.stable_fraction(pod["metadata"]["uid"] + container["name"])
        namespace, app = namespace_of(pod), pod["metadata"].get("labels", {}).get(APP_LABEL, "")
        wave = 1.0 + 0.1 * math.sin(2 * math.pi * (now / _WAVE + names.stable_fraction(app)))
        noise = 1.0 + 0.08 * math.sin(now / 7.0 + 40 * identity)
        share = 0.52 * wave * noise * self._demand.get((namespace, app), 1.0)
        share *= self._carried(namespace, app)
        cpu = _request(container, "cpu") * share
        limit = container.get("resources", {}).get("limits", {}).get("cpu")
        if limit:
            cpu = min(cpu, cores(limit))
        memory = _request(container, "memory") * (0.55 + 0.35 * identity + 0.06 * math.sin(now / 31.0 + 9 * identity))
        return Amount(cpu, memory)

    def _carried(self, namespace: str, app: str) -> float:
        """How many pods' everyday load one pod carries now: less, the more share it."""
        baseline = self._baseline.get((namespace, app))
        if baseline is None:
            return 1.0
        ready = sum(is_ready(pod) for pod in self._world.pods_of_app(namespace, app))
        return baseline / max(1, ready)


def _request(container: Object, what: str) -> float:
    text = container.get("resources", {}).get("requests", {}).get(what)
    if text is None:
        return 0.05 if what == "cpu" else 64.0 * 1024**2
    return cores(text) if what == "cpu" else in_bytes(text)

"""How much CPU and memory everything uses, and the horizontal pod autoscalers that act on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.objects import (
    DEPLOYMENT,
    Object,
    condition,
    name_of,
    namespace_of,
    quantity,
    revised,
    with_condition,
)
from kwatch.simulator.engine.pod_status import is_ready
from kwatch.simulator.engine.pods import CONTROLLER_MANAGER
from kwatch.simulator.engine.recorder import Recorder
from kwatch.simulator.engine.world import APP_LABEL, Key, Process, World

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
        return Amount(min(cpu, quantity(capacity["cpu"])), min(memory, quantity(capacity["memory"])))

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
            cpu = min(cpu, quantity(limit))
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
    return quantity(text)


AUTOSCALER = "horizontalpodautoscalers.autoscaling"
_PERIOD = 15.0
_TOLERANCE = 0.1
_STABILIZATION = 60.0
"""Seconds for which fewer pods must have been enough before any goes."""


class AutoscalerController:
    """Looks at the load every fifteen seconds."""

    def __init__(self, world: World, recorder: Recorder, usage: Usage) -> None:
        self._world = world
        self._recorder = recorder
        self._usage = usage
        self._wishes: dict[Key, list[tuple[float, int]]] = {}

    def keep(self, key: Key, period: float = _PERIOD) -> Process:
        """Look at one autoscaler again and again, for ever."""
        while True:
            yield max(_PERIOD, period) + self._world.between(-0.5, 0.5)
            self.reconcile(key)

    def measure(self, key: Key) -> None:
        """Report the load without acting on it."""
        scaler = self._world.get(AUTOSCALER, key)
        utilization = self._usage.utilization(key[0], scaler["spec"]["scaleTargetRef"]["name"]) if scaler else None
        if scaler is not None and utilization is not None:
            current = scaler["status"]["currentReplicas"]
            self._wishes[key] = [(self._world.now(), current)]
            status = autoscaler_status(scaler, current, current, utilization, self._world.now())
            self._world.update({**scaler, "status": status}, CONTROLLER_MANAGER, "status")

    def reconcile(self, key: Key) -> None:
        """Measure, decide, scale, report."""
        scaler = self._world.get(AUTOSCALER, key)
        if scaler is None:
            return
        target_key = (key[0], scaler["spec"]["scaleTargetRef"]["name"])
        target = self._world.get(DEPLOYMENT, target_key)
        utilization = self._usage.utilization(*target_key)
        if target is None or utilization is None:
            return
        current = target["spec"]["replicas"]
        desired = self._stabilized(key, current, self._wished(scaler, current, round(utilization.share * 100)))
        if desired != current:
            self._scale(scaler, target, desired)
        status = autoscaler_status(scaler, current, desired, utilization, self._world.now())
        if desired != current:
            status["lastScaleTime"] = timestamp(self._world.now())
        if status != scaler["status"]:
            self._world.update({**scaler, "status": status}, CONTROLLER_MANAGER, "status")

    def _scale(self, scaler: Object, target: Object, desired: int) -> None:
        way = "above" if desired > target["spec"]["replicas"] else "below"
        self._world.update(revised(target, spec={"replicas": desired}), CONTROLLER_MANAGER, "scale")
        text = f"New size: {desired}; reason: cpu resource utilization (percentage of request) {way} target"
        self._recorder.normal(scaler, "SuccessfulRescale", text, "horizontal-pod-autoscaler")

    def _wished(self, scaler: Object, current: int, percent: int) -> int:
        spec = scaler["spec"]
        goal = spec["metrics"][0]["resource"]["target"]["averageUtilization"]
        ratio = percent / goal
        wished = current if abs(ratio - 1) <= _TOLERANCE else math.ceil(current * ratio)
        wished = min(wished, max(2 * current, current + 4))
        return int(max(spec["minReplicas"], min(spec["maxReplicas"], wished)))

    def _stabilized(self, key: Key, current: int, wished: int) -> int:
        """More at once; fewer only if nothing more was wished for a while."""
        now = self._world.now()
        recent = [(at, count) for at, count in self._wishes.get(key, ()) if at > now - _STABILIZATION]
        recent.append((now, wished))
        self._wishes[key] = recent
        if wished >= current:
            return wished
        return min(current, max(count for _, count in recent))


_ACTIVE = (
    "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)"
)


def autoscaler_status(
    scaler: Object, current: int, desired: int, utilization: Utilization, now: float
) -> dict[str, Any]:
    least, most = scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]
    value = f"{round(utilization.cores * 1000)}m"
    conditions = scaler["status"].get("conditions", ())
    able = ("ReadyForNewScale", "recommended size matches current size")
    limited, why = False, ("DesiredWithinRange", "the desired count is within the acceptable range")
    if desired != current:
        able = ("SucceededRescale", f"the HPA controller was able to update the target scale to {desired}")
        if desired == most:
            limited, why = True, ("TooManyReplicas", "the desired replica count is more than the maximum replica count")
        elif desired == least:
            limited, why = True, ("TooFewReplicas", "the desired replica count is less than the minimum replica count")
    for made in (
        condition("AbleToScale", True, now, *able),
        condition("ScalingActive", True, now, "ValidMetricFound", _ACTIVE),
        condition("ScalingLimited", limited, now, *why),
    ):
        conditions = with_condition(conditions, made)
    metric = {"name": "cpu", "current": {"averageUtilization": round(utilization.share * 100), "averageValue": value}}
    status = {**scaler["status"], "currentReplicas": current, "desiredReplicas": desired}
    return status | {"currentMetrics": [{"type": "Resource", "resource": metric}], "conditions": list(conditions)}

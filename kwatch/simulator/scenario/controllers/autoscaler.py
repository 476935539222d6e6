"""Horizontal pod autoscalers: more pods when they are busy, fewer when they are not."""

from __future__ import annotations

import math
from typing import Any

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.scenario.objects.conditions import condition, with_condition
from kwatch.simulator.scenario.objects.kube import DEPLOYMENT, Object, revised
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.timestamps import timestamp
from kwatch.simulator.scenario.usage import Usage, Utilization
from kwatch.simulator.scenario.world import Key, World

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


def autoscaler_status(
    scaler: Object, current: int, desired: int, utilization: Utilization, now: float
) -> dict[str, Any]:
    """What an autoscaler says of itself."""
    least, most = scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]
    value = f"{round(utilization.cores * 1000)}m"
    conditions = scaler["status"].get("conditions", ())
    if desired != current:
        able = condition(
            "AbleToScale",
            True,
            now,
            "SucceededRescale",
            f"the HPA controller was able to update the target scale to {desired}",
        )
    else:
        able = condition("AbleToScale", True, now, "ReadyForNewScale", "recommended size matches current size")
    active = condition(
        "ScalingActive",
        True,
        now,
        "ValidMetricFound",
        "the HPA was able to successfully calculate a replica count from cpu resource utilization "
        "(percentage of request)",
    )
    if desired in (least, most) and desired != current:
        which, word = ("TooManyReplicas", "more") if desired == most else ("TooFewReplicas", "less")
        bound = "maximum" if desired == most else "minimum"
        limited = condition(
            "ScalingLimited", True, now, which, f"the desired replica count is {word} than the {bound} replica count"
        )
    else:
        text = "the desired count is within the acceptable range"
        limited = condition("ScalingLimited", False, now, "DesiredWithinRange", text)
    for made in (able, active, limited):
        conditions = with_condition(conditions, made)
    metric = {"name": "cpu", "current": {"averageUtilization": round(utilization.share * 100), "averageValue": value}}
    status = {**scaler["status"], "currentReplicas": current, "desiredReplicas": desired}
    return status | {"currentMetrics": [{"type": "Resource", "resource": metric}], "conditions": list(conditions)}

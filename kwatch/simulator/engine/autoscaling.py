"""How much CPU and memory everything uses, and the horizontal pod autoscalers that act on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.objects import (
    DEPLOYMENT,
    STATEFUL_SET,
    Object,
    app_of,
    condition,
    conditions_of,
    key_of,
    name_of,
    namespace_of,
    quantity,
    with_condition,
)
from kwatch.simulator.engine.pod_status import is_ready
from kwatch.simulator.engine.world import CONTROLLER_MANAGER, Key, Process, Recorder, World

_WAVE = 240.0
"""Seconds from one crest of the everyday load to the next."""


class Amount(NamedTuple):
    """CPU in cores, memory in bytes."""

    cpu: float
    memory: float


class Utilization(NamedTuple):
    """The CPU that pods use: as a share of what they ask for, and in cores a pod."""

    share: float
    cores: float


class Usage:
    """A load for every app, which its ready pods share."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.demand: dict[Key, float] = {}
        """The load of an app, in multiples of the everyday one."""
        self.baseline: dict[Key, int] = {}
        """How many pods carry the everyday load of an app."""

    def utilization(self, key: Key) -> Utilization | None:
        """How busy the ready pods of an app are; None without such pods."""
        pods = [pod for pod in self._world.pods_of_app(*key) if is_ready(pod)]
        asked = sum(_request(container).cpu for pod in pods for container in pod["spec"]["containers"])
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
        amounts = [each for pod in self._world.pods_on(name_of(node)) for each in self.of_pod(pod).values()]
        cpu, memory = 0.11, 0.9 * 1024**3
        for amount in amounts:
            cpu += amount.cpu
            memory += amount.memory
        capacity = node["status"]["allocatable"]
        return Amount(min(cpu, quantity(capacity["cpu"])), min(memory, quantity(capacity["memory"])))

    def _of_container(self, pod: Object, container: Object) -> Amount:
        now = self._world.now()
        identity = names.stable_fraction(pod["metadata"]["uid"] + container["name"])
        app = app_of(pod)
        wave = 1.0 + 0.1 * math.sin(2 * math.pi * (now / _WAVE + names.stable_fraction(app[1])))
        noise = 1.0 + 0.08 * math.sin(now / 7.0 + 40 * identity)
        share = 0.52 * wave * noise * self.demand.get(app, 1.0)
        if app in self.baseline:  # a pod carries less, the more share the load
            share *= self.baseline[app] / max(1, sum(is_ready(each) for each in self._world.pods_of_app(*app)))
        request = _request(container)
        cpu = request.cpu * share
        limit = container.get("resources", {}).get("limits", {}).get("cpu")
        if limit:
            cpu = min(cpu, quantity(limit))
        return Amount(cpu, request.memory * (0.55 + 0.35 * identity + 0.06 * math.sin(now / 31.0 + 9 * identity)))


def _request(container: Object) -> Amount:
    requests = container.get("resources", {}).get("requests", {})
    return Amount(quantity(requests.get("cpu", "50m")), quantity(requests.get("memory", "64Mi")))


AUTOSCALER = "horizontalpodautoscalers.autoscaling"
_COMPONENT = "horizontal-pod-autoscaler"
_PERIOD = 15.0
_FILLED_AFTER = 40.0
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
        self._gone: dict[Key, float] = {}
        """Since when an autoscaler's measurements are missing."""

    def keep(self, key: Key, period: float = _PERIOD) -> Process:
        """Look at one autoscaler again and again, for ever."""
        while True:
            yield max(_PERIOD, period) + self._world.between(-0.5, 0.5)
            self.reconcile(key)

    def measure(self, key: Key) -> None:
        """Report the load without acting on it."""
        scaler = self._world.get(AUTOSCALER, key)
        utilization = self._usage.utilization(_target_of(scaler)) if scaler else None
        if scaler is not None and utilization is not None:
            current = scaler["status"]["currentReplicas"]
            self._wishes[key] = [(self._world.now(), current)]
            self._world.report(scaler, autoscaler_status(scaler, current, current, utilization, self._world.now()))

    def reconcile(self, key: Key) -> None:
        """Measure, decide, scale, report."""
        scaler = self._world.get(AUTOSCALER, key)
        target = self._world.get(DEPLOYMENT, _target_of(scaler)) if scaler else None
        if scaler is None or target is None:
            return
        current = target["spec"]["replicas"]
        metric = scaler["spec"]["metrics"][0]
        if why := self._unmeasured(scaler, metric):
            self._complain(scaler, metric, why, current)
            return
        utilization, wished = None, 0
        if metric["type"] == "Resource":
            utilization = self._usage.utilization(_target_of(scaler))
            if utilization is None:
                return
            wished = _wished(scaler, current, round(utilization.share * 100))
        else:
            wished = _within(scaler, self._waiting_for(scaler))
        desired = self._stabilized(key, current, wished)
        status = autoscaler_status(scaler, current, desired, utilization, self._world.now())
        if desired != current:
            self._world.patch(target, CONTROLLER_MANAGER, "scale", spec={"replicas": desired})
            way = "above" if desired > current else "below"
            reason = f"cpu resource utilization (percentage of request) {way} target"
            if utilization is None:
                reason = f"external metric {metric['external']['metric']['name']}(nil) {way} target"
            text = f"New size: {desired}; reason: {reason}"
            self._recorder.event(scaler, "Normal", "SuccessfulRescale", text, _COMPONENT)
            status["lastScaleTime"] = timestamp(self._world.now())
        self._world.report(scaler, status)

    def _source(self, metric: Mapping[str, Any]) -> tuple[str, Key]:
        if metric["type"] == "Resource":
            return DEPLOYMENT, ("kube-system", "metrics-server")
        return STATEFUL_SET, ("monitoring", "prometheus")

    def _unmeasured(self, scaler: Object, metric: Mapping[str, Any]) -> str:
        """Why there is no measurement: what measures has no ready pod. What is measured outside is then missing for a
        while, and from then on zero, since queries fill gaps with zero.
        """
        resource, source = self._source(metric)
        if self._world.get(resource, source) is None or any(map(is_ready, self._world.pods_of_app(*source))):
            self._gone.pop(key_of(scaler), None)
            return ""
        gone = self._gone.setdefault(key_of(scaler), self._world.now())
        if metric["type"] == "Resource":
            name = metric["resource"]["name"]
            api = "the server is currently unable to handle the request (get pods.metrics.k8s.io)"
            return (
                f"failed to get {name} utilization: unable to get metrics for resource {name}: unable to fetch metrics "
                f"from resource metrics API: {api}"
            )
        if self._world.now() - gone > _FILLED_AFTER:
            return ""
        name = f"{namespace_of(scaler)}/{metric['external']['metric']['name']}/nil"
        return f"unable to get external metric {name}: no metrics returned from external metrics API"

    def _complain(self, scaler: Object, metric: Mapping[str, Any], why: str, current: int) -> None:
        reason = f"FailedGet{metric['type']}Metric"
        self._recorder.event(scaler, "Warning", reason, why, _COMPONENT)
        text = f"invalid metrics (1 invalid out of 1), first error is: {why}"
        self._recorder.event(scaler, "Warning", "FailedComputeMetricsReplicas", text, _COMPONENT)
        able = "the HPA controller was able to get the target's current scale"
        now, conditions = self._world.now(), conditions_of(scaler)
        for made in (
            condition("AbleToScale", True, now, "SucceededGetScale", able),
            condition("ScalingActive", False, now, reason, f"the HPA was unable to compute the replica count: {why}"),
        ):
            conditions = with_condition(conditions, made)
        self._world.report(scaler, {**scaler["status"], "currentReplicas": current, "conditions": [*conditions]})

    def _waiting_for(self, scaler: Object) -> int:
        """How many replicas the work that waits asks for: as many as there always were, times the demand."""
        key = _target_of(scaler)
        if key_of(scaler) in self._gone:
            return 0
        baseline = self._usage.baseline.setdefault(key, scaler["status"].get("currentReplicas") or 1)
        return math.ceil(baseline * self._usage.demand.get(key, 1.0))

    def _stabilized(self, key: Key, current: int, wished: int) -> int:
        """More at once; fewer only if nothing more was wished for a while."""
        now = self._world.now()
        recent = [(at, count) for at, count in self._wishes.get(key, ()) if at > now - _STABILIZATION]
        recent.append((now, wished))
        self._wishes[key] = recent
        return wished if wished >= current else min(current, max(count for _, count in recent))


def _target_of(scaler: Object) -> Key:
    return scaler["metadata"]["namespace"], scaler["spec"]["scaleTargetRef"]["name"]


def _wished(scaler: Object, current: int, percent: int) -> int:
    spec = scaler["spec"]
    ratio = percent / spec["metrics"][0]["resource"]["target"]["averageUtilization"]
    wished = current if abs(ratio - 1) <= _TOLERANCE else math.ceil(current * ratio)
    wished = min(wished, max(2 * current, current + 4))
    return _within(scaler, wished)


def _within(scaler: Object, wished: int) -> int:
    return int(max(scaler["spec"]["minReplicas"], min(scaler["spec"]["maxReplicas"], wished)))


def autoscaler_status(
    scaler: Object, current: int, desired: int, utilization: Utilization | None, now: float
) -> Object:
    able = ("ReadyForNewScale", "recommended size matches current size")
    limited, why = False, ("DesiredWithinRange", "the desired count is within the acceptable range")
    if desired != current:
        able = ("SucceededRescale", f"the HPA controller was able to update the target scale to {desired}")
        if desired == scaler["spec"]["maxReplicas"]:
            limited, why = True, ("TooManyReplicas", "the desired replica count is more than the maximum replica count")
        elif desired == scaler["spec"]["minReplicas"]:
            limited, why = True, ("TooFewReplicas", "the desired replica count is less than the minimum replica count")
    source = "cpu resource utilization (percentage of request)"
    if utilization is None:
        source = f"external metric {scaler['spec']['metrics'][0]['external']['metric']['name']}(nil)"
    active = f"the HPA was able to successfully calculate a replica count from {source}"
    conditions = conditions_of(scaler)
    for made in (
        condition("AbleToScale", True, now, *able),
        condition("ScalingActive", True, now, "ValidMetricFound", active),
        condition("ScalingLimited", limited, now, *why),
    ):
        conditions = with_condition(conditions, made)
    status = {**scaler["status"], "currentReplicas": current, "desiredReplicas": desired, "conditions": [*conditions]}
    if utilization is None:
        return status
    value = f"{round(utilization.cores * 1000)}m"
    metric = {"name": "cpu", "current": {"averageUtilization": round(utilization.share * 100), "averageValue": value}}
    return status | {"currentMetrics": [{"type": "Resource", "resource": metric}]}

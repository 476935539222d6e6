"""Objects in another version of their group than the one they are stored in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from kwatch.simulator.api_types import APIType
from kwatch.simulator.record import Record

Tree = dict[str, Any]


def in_version(record: Record, api_type: APIType) -> Record:
    """The record as the version asked for shows it; itself, if that is the stored one."""
    if record.api_type is api_type or record.api_type.api_version == api_type.api_version:
        return record
    tree = record.tree()
    convert = _CONVERSIONS.get((api_type.api_version, api_type.kind))
    if convert is not None:
        tree = convert(tree)
    tree["apiVersion"] = api_type.api_version
    if api_type.custom:
        return replace(record, api_type=api_type, raw=msgspec.json.encode(tree, order="sorted"))
    rest = {name: value for name, value in tree.items() if name not in ("kind", "apiVersion")}
    return replace(record, api_type=api_type, raw=msgspec.json.encode(rest))


def _new_event(tree: Tree) -> Tree:
    """An Event of events.k8s.io from one of the core group."""
    renamed = {
        "involvedObject": "regarding",
        "message": "note",
        "source": "deprecatedSource",
        "firstTimestamp": "deprecatedFirstTimestamp",
        "lastTimestamp": "deprecatedLastTimestamp",
        "count": "deprecatedCount",
        "reportingComponent": "reportingController",
    }
    return {renamed.get(name, name): value for name, value in tree.items()}


def _old_autoscaler(tree: Tree) -> Tree:
    """An autoscaler of autoscaling/v1, which knows no metric but CPU."""
    spec = dict(tree.get("spec", {}))
    status = dict(tree.get("status", {}))
    target = _cpu(spec.pop("metrics", None), "target")
    current = _cpu(status.pop("currentMetrics", None), "current")
    spec.pop("behavior", None)
    status.pop("conditions", None)
    if target is not None:
        spec["targetCPUUtilizationPercentage"] = target
    if current is not None:
        status["currentCPUUtilizationPercentage"] = current
    return {**tree, "spec": spec, "status": status}


def _cpu(metrics: list[Tree] | None, part: str) -> int | None:
    for metric in metrics or ():
        resource = metric.get("resource", {})
        if resource.get("name") == "cpu":
            value: int | None = resource.get(part, {}).get("averageUtilization")
            return value
    return None


_CONVERSIONS: dict[tuple[str, str], Callable[[Tree], Tree]] = {
    ("events.k8s.io/v1", "Event"): _new_event,
    ("autoscaling/v1", "HorizontalPodAutoscaler"): _old_autoscaler,
}

"""Nodes: silence, pressure, and being closed to new pods."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.column import Level
from kwatch.catalog.health.assessment import Finding, sentence
from kwatch.catalog.health.shapes import Conditions, Judged, find
from kwatch.catalog.shapes import Shape


class Spec(Shape, frozen=True):
    """What is read of the spec."""

    unschedulable: bool = False


class Status(Shape, frozen=True):
    """What is read of the status."""

    conditions: Conditions = None


class Node(Judged, frozen=True):
    """What is read of a node."""

    spec: Spec = Spec()
    status: Status = Status()


_PRESSURES = {
    "MemoryPressure": "memory pressure",
    "DiskPressure": "disk pressure",
    "PIDPressure": "too many processes",
    "NetworkUnavailable": "network unavailable",
}


def find_problems(node: Node) -> Iterator[Finding]:
    """Everything that is wrong."""
    ready = find(node.status.conditions, "Ready")
    if ready is None:
        yield Finding("never reported to be ready")
    elif ready.status == "Unknown":
        yield Finding(sentence("does not answer", ready.message))
    elif ready.status != "True":
        yield Finding(sentence("not ready", ready.message))
    for condition in node.status.conditions or ():
        if condition.status == "True" and condition.type in _PRESSURES:
            yield Finding(sentence(_PRESSURES[condition.type], condition.message))
    if node.spec.unschedulable:
        yield Finding("cordoned: no new pods are scheduled on it", Level.WARNING)

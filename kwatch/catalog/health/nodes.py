"""Nodes: silence, pressure, and cordons that were forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import Level
from kwatch.catalog.health.assessment import Problem, sentence
from kwatch.catalog.health.shapes import Conditions, Judged, find
from kwatch.catalog.shapes import Shape

CORDONED_AFTER = 3600.0
_CORDON = "node.kubernetes.io/unschedulable"


class Taint(Shape, frozen=True):
    """What keeps pods away."""

    key: str = ""
    time_added: str | None = None


class Spec(Shape, frozen=True):
    """What is read of the spec."""

    unschedulable: bool = False
    taints: tuple[Taint, ...] | None = None


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


def find_problems(node: Node) -> Iterator[Problem]:
    """Everything that is wrong."""
    ready = find(node.status.conditions, "Ready")
    if ready is None:
        yield Problem("never reported to be ready")
    elif ready.status == "Unknown":
        yield Problem(sentence("does not answer", ready.message))
    elif ready.status != "True":
        yield Problem(sentence("not ready", ready.message))
    for condition in node.status.conditions or ():
        if condition.status == "True" and condition.type in _PRESSURES:
            yield Problem(sentence(_PRESSURES[condition.type], condition.message))
    if node.spec.unschedulable:
        yield from _forgotten_cordon(node)


def _forgotten_cordon(node: Node) -> Iterator[Problem]:
    """Nodes are cordoned on purpose, for a while: only one that lasts is worth a word."""
    for taint in node.spec.taints or ():
        cordoned = parse_time(taint.time_added)
        if taint.key == _CORDON and cordoned is not None:
            reason = "cordoned for more than an hour: no new pods are scheduled on it"
            yield Problem(reason, Level.WARNING, since=cordoned + CORDONED_AFTER)

"""What a pod takes of its node: containers side by side, init containers one after the other, sidecars beside all."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kwatch.base.quantity import quantity_order
from kwatch.catalog.shapes import Shape, read_tolerantly
from kwatch.informer.kube_object import KubeObject

Quantities = Mapping[str, float]


class Resources(Shape, frozen=True):
    requests: dict[str, str | int] | None = None
    limits: dict[str, str | int] | None = None


class Container(Shape, frozen=True):
    resources: Resources = Resources()
    restart_policy: str | None = None


class PodSpec(Shape, frozen=True):
    containers: tuple[Container, ...] | None = None
    init_containers: tuple[Container, ...] | None = None
    overhead: dict[str, str | int] | None = None
    resources: Resources = Resources()


class PodStatus(Shape, frozen=True):
    phase: str = ""


class Pod(Shape, frozen=True):
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


def read_pod(obj: KubeObject) -> Pod:
    """The pod, as far as it can be read."""
    try:
        return obj.read(Pod)
    except (msgspec.DecodeError, RecursionError):
        return read_tolerantly(obj, Pod)


def phase(obj: KubeObject) -> str:
    """Where a pod is in its life; empty where that cannot be read."""
    try:
        return f"{read_pod(obj).status.phase}"
    except TypeError:
        return ""


def requested(pod: Pod) -> Quantities:
    """What the scheduler reserves, by resource, in its unit (cores, bytes, pieces)."""
    return _taken(pod, "requests")


def limited(pod: Pod) -> Quantities:
    """What it may use at most; containers without a limit are left out."""
    return _taken(pod, "limits")


def _taken(pod: Pod, which: str) -> Quantities:
    spec = pod.spec
    try:
        beside = _plus(*[_amounts(each, which) for each in spec.containers or ()])
        before: dict[str, float] = {}
        sidecars: dict[str, float] = {}
        for container in spec.init_containers or ():
            meanwhile = _plus(sidecars, _amounts(container, which))
            before = _most(before, meanwhile)
            if container.restart_policy == "Always":
                sidecars = meanwhile
        taken = _most(_plus(beside, sidecars), before) | _numbers(getattr(spec.resources, which))
        overhead = _numbers(spec.overhead)
    except TypeError:
        # A field of another type than expected.
        return {}
    # What nothing limits, its overhead does not limit either.
    return _plus(taken, {name: overhead[name] for name in overhead if which == "requests" or name in taken})


def _amounts(container: Container, which: str) -> dict[str, float]:
    return _numbers(getattr(container.resources, which))


def _numbers(quantities: Mapping[str, str | int] | None) -> dict[str, float]:
    return {name: quantity_order(str(quantity)) or 0.0 for name, quantity in (quantities or {}).items()}


def _plus(*parts: Quantities) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total.get(name, 0.0) + amount
    return total


def _most(ours: Quantities, theirs: Quantities) -> dict[str, float]:
    return {name: max(ours.get(name, 0.0), theirs.get(name, 0.0)) for name in {**ours, **theirs}}

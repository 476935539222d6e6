"""What a pod takes of its node: containers side by side, init containers one after the other, sidecars beside all."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kwatch.base.quantity import quantity_order
from kwatch.catalog.shapes import Shape, read_tolerantly
from kwatch.informer.kube_object import KubeObject

Quantities = Mapping[str, float]


class _Resources(Shape, frozen=True):
    requests: dict[str, str | int] | None = None
    limits: dict[str, str | int] | None = None


class _Container(Shape, frozen=True):
    resources: _Resources = _Resources()
    restart_policy: str | None = None


class _Spec(Shape, frozen=True):
    """`resources` are the pod's own and go before its containers'."""

    containers: tuple[_Container, ...] | None = None
    init_containers: tuple[_Container, ...] | None = None
    overhead: dict[str, str | int] | None = None
    resources: _Resources = _Resources()


class _Status(Shape, frozen=True):
    phase: str = ""


class PodResources(Shape, frozen=True):
    """A pod, of which its phase and what decides over its resources are read."""

    spec: _Spec = _Spec()
    status: _Status = _Status()


def read_pod(obj: KubeObject) -> PodResources:
    try:
        return obj.read(PodResources)
    except (msgspec.DecodeError, RecursionError):
        return read_tolerantly(obj, PodResources)


def phase(obj: KubeObject) -> str:
    """Where a pod is in its life; empty where that cannot be read."""
    try:
        return f"{read_pod(obj).status.phase}"
    except TypeError:
        return ""


def requested(pod: PodResources) -> Quantities:
    """What the scheduler reserves, by resource, in its unit (cores, bytes, pieces)."""
    return _taken(pod, "requests")


def limited(pod: PodResources) -> Quantities:
    """What it may use at most; containers without a limit are left out."""
    return _taken(pod, "limits")


def _taken(pod: PodResources, which: str) -> Quantities:
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


def _amounts(container: _Container, which: str) -> dict[str, float]:
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

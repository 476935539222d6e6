"""Which built-in resource is declared where. A family's file is imported when one of its kinds is first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from kwatch.catalog.declaration import age, declare, name
from kwatch.catalog.kind import Kind
from kwatch.catalog.shapes import Nothing
from kwatch.informer.resource import Resource

_DECLARED: dict[tuple[str, str], dict[str, str]] = {
    ("", "v1"): {
        "events": "events.EVENTS",
        "nodes": "nodes.NODES",
        "pods": "pods.PODS",
        "replicationcontrollers": "deployments.REPLICATION_CONTROLLERS",
        "services": "services.SERVICES",
    },
    ("apps", "v1"): {
        "deployments": "deployments.DEPLOYMENTS",
        "replicasets": "deployments.REPLICA_SETS",
        "statefulsets": "deployments.STATEFUL_SETS",
    },
    ("events.k8s.io", "v1"): {"events": "events.NEW_EVENTS"},
}


def kind_for(resource: Resource) -> Kind | None:
    """How a built-in resource looks; None where the columns must be learnt from the server."""
    place = _DECLARED.get((resource.group, resource.version), {}).get(resource.name)
    return _load(place) if place is not None else None


def generic_kind(resource: Resource) -> Kind:
    """Name and age, which everything has."""
    return declare(resource.kind, Nothing, name(), age())


@cache
def _load(place: str) -> Kind:
    module, constant = place.split(".")
    kind: Kind = getattr(import_module(f"kwatch.catalog.kinds.{module}"), constant)
    return kind

"""What a real API server printed: objects beside their cells, and the columns of every resource."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource

WIRE = Path(__file__).parents[1] / "wire"


class PrintedObject(NamedTuple):
    """An object, what the server printed for it, and about when."""

    resource: Resource
    object: dict[str, Any]
    cells: list[Any]
    recorded_at: float


@cache
def columns_by_resource(minor: int = 36) -> dict[str, dict[str, Any]]:
    """`apps/v1/deployments` -> what a server of version 1.`minor` says of it, with its columns."""
    folder = WIRE if minor == 36 else WIRE / f"1.{minor}"
    recording = json.loads((folder / "table-columns.json").read_text())
    resources: dict[str, dict[str, Any]] = recording["exchanges"][0]["resources"]
    return resources


def resource_of(path: str, minor: int = 36) -> Resource:
    """The resource that `apps/v1/deployments` names."""
    api_version, _, name = path.rpartition("/")
    group, _, version = api_version.rpartition("/")
    described = columns_by_resource(minor)[path]
    return Resource(
        GroupVersionResource(group, version, name),
        described["kind"],
        described["namespaced"],
        singular=described["singularName"],
        short_names=tuple(described["shortNames"]),
        categories=tuple(described["categories"]),
    )


def named(name: str) -> Resource:
    """The first resource of that plural name."""
    return next(resource_of(path) for path in columns_by_resource() if path.rpartition("/")[2] == name)


def printed_objects() -> Iterator[PrintedObject]:
    """Every recorded object."""
    rows = json.loads((WIRE / "printed-rows.json").read_text())["exchanges"][0]
    states = json.loads((WIRE / "printed-states.json").read_text())
    for recording in (rows, states):
        recorded_at = datetime.fromisoformat(recording["recorded_at"]).timestamp()
        for name, printed in recording["resources"].items():
            for item in printed["items"]:
                yield PrintedObject(named(name), item["object"], item["cells"], recorded_at)


def example(name: str, object_name: str) -> KubeObject:
    """One recorded object."""
    for printed in printed_objects():
        if printed.resource.name == name and printed.object["metadata"]["name"] == object_name:
            return KubeObject.of(printed.object)
    raise KeyError(f"{name}/{object_name}")

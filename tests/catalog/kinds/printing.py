"""Printing made-up objects: what tests of kinds have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import kind_for
from kwatch.informer.kube_object import KubeObject
from tests.catalog.recorded import named, resource_of

NOW = 1_800_000_000.0


def ago(seconds: float) -> str:
    """The moment so many seconds before NOW, as the API writes it."""
    return datetime.fromtimestamp(NOW - seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def kind_of(name: str) -> Kind:
    """The kind of a plural name, or of a path such as `events.k8s.io/v1/events`."""
    kind = kind_for(resource_of(name) if "/" in name else named(name))
    assert kind is not None
    return kind


def cells(name: str, obj: dict[str, Any]) -> list[Any]:
    """All cells but the name's, of an object 90 seconds old."""
    metadata = {"name": "x", "creationTimestamp": ago(90)} | obj.get("metadata", {})
    kind = kind_of(name)
    printed = kind.table_cells(kind.read(KubeObject.of(obj | {"metadata": metadata})), NOW)
    return [cell for column, cell in zip(kind.columns, printed, strict=True) if column.title != "Name"]


def cell(name: str, title: str, obj: dict[str, Any]) -> Any:
    """One cell."""
    metadata = {"name": "x", "creationTimestamp": ago(90)} | obj.get("metadata", {})
    kind = kind_of(name)
    printed = kind.table_cells(kind.read(KubeObject.of(obj | {"metadata": metadata})), NOW)
    return printed[kind.column_index(title)]

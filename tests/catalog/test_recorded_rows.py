"""The catalogue prints what a real API server printed."""

from __future__ import annotations

import json

import pytest

from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import kind_for
from kwatch.catalog.server_columns import PrinterColumn, kind_from_printer_columns
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from tests.catalog.recorded import WIRE, PrintedObject, columns_by_resource, named, printed_objects, resource_of

BUILT_IN = [
    (minor, path) for minor in (36, 37) for path in columns_by_resource(minor) if not path.startswith("example.com/")
]
PRINTED = list(printed_objects())

WIDGET_COLUMNS = (
    PrinterColumn("Size", "integer", ".spec.size"),
    PrinterColumn("Phase", "string", ".status.phase"),
    PrinterColumn("Owner", "string", ".spec.owner", 1),
    PrinterColumn("Age", "date", ".metadata.creationTimestamp"),
)


def _kind(resource: Resource, minor: int = 36) -> Kind:
    kind = kind_for(resource, minor)
    if kind is None and resource.name == "widgets":
        kind = kind_from_printer_columns(resource, WIDGET_COLUMNS)
    assert kind is not None, f"{resource} is not declared"
    return kind


@pytest.mark.parametrize(("minor", "path"), BUILT_IN)
def test_the_columns_are_the_servers(minor: int, path: str) -> None:
    expected = columns_by_resource(minor)[path]
    kind = _kind(resource_of(path, minor), minor)
    assert kind.name == expected["kind"]
    assert [(each.title, each.type, each.format, each.priority) for each in kind.columns] == [
        (each["name"], each["type"], each["format"], each["priority"]) for each in expected["columns"]
    ]


@pytest.mark.parametrize(
    "printed", PRINTED, ids=lambda printed: f"{printed.resource}/{printed.object['metadata']['name']}"
)
def test_the_cells_are_the_servers(printed: PrintedObject) -> None:
    kind = _kind(printed.resource)
    values = kind.read(KubeObject.of(printed.object))
    # The recording was stamped up to two seconds after the server had printed; all cells of a row agree on one moment.
    moments = [printed.recorded_at - late for late in (0, 1, 2)]
    assert printed.cells in [kind.table_cells(values, moment) for moment in moments]


def test_the_cells_of_definitions_are_those_of_the_next_version() -> None:
    printed = json.loads((WIRE / "1.37" / "printed-crds.json").read_text())["exchanges"][0]
    kind = _kind(named("customresourcedefinitions"), 37)
    for item in printed["resources"]["customresourcedefinitions"]["items"]:
        assert kind.table_cells(kind.read(KubeObject.of(item["object"])), 0.0) == item["cells"]


def test_the_recordings_are_not_empty() -> None:
    assert len(PRINTED) > 100
    assert len(BUILT_IN) > 50

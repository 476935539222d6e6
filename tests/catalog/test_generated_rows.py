"""The catalogue prints what kube-apiserver 1.36.2's own printers print for random objects.

`generated-rows.json` holds, by resource, the columns (title, type, format, priority) and rows: objects made at random
and reduced to the fields that matter to their cells, the cells those printers gave for them, and the moment of
printing. The objects are odd on purpose: they reach the branches that recordings of a living cluster do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kwatch.catalog.registry import kind_for
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource


class Generated(NamedTuple):
    """An object and its cells at a moment."""

    resource: Resource
    object: dict[str, Any]
    cells: list[Any]
    now: float


RECORDING: dict[str, Any] = json.loads((Path(__file__).parent / "generated-rows.json").read_text())


def _resource(path: str) -> Resource:
    api_version, _, name = path.rpartition("/")
    group, _, version = api_version.rpartition("/")
    kind = RECORDING[path]["rows"][0]["object"]["kind"]
    return Resource(GroupVersionResource(group, version, name), kind, True)


def _generated() -> Iterator[Generated]:
    for path, recorded in RECORDING.items():
        for row in recorded["rows"]:
            yield Generated(_resource(path), row["object"], row["cells"], row["now"])


GENERATED = list(_generated())


@pytest.mark.parametrize("path", RECORDING)
def test_the_columns_are_the_printers(path: str) -> None:
    kind = kind_for(_resource(path))
    assert kind is not None
    columns = [[each.title, each.type, each.format, each.priority] for each in kind.columns]
    assert columns == RECORDING[path]["columns"]


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("networking.k8s.io/v1/ipaddresses", "v1beta1"),
        ("networking.k8s.io/v1/servicecidrs", "v1beta1"),
        ("resource.k8s.io/v1/resourceclaims", "v1beta2"),
        ("admissionregistration.k8s.io/v1/mutatingadmissionpolicies", "v1beta1"),
        ("storage.k8s.io/v1/volumeattributesclasses", "v1beta1"),
    ],
)
def test_earlier_versions_that_are_the_same_look_the_same(path: str, version: str) -> None:
    resource = _resource(path)
    earlier = replace(resource, gvr=GroupVersionResource(resource.group, version, resource.name))
    assert kind_for(earlier) is kind_for(resource)
    assert kind_for(replace(earlier, gvr=GroupVersionResource(resource.group, "v0", resource.name))) is None


@pytest.mark.parametrize("row", GENERATED, ids=[f"{row.resource}-{place}" for place, row in enumerate(GENERATED)])
def test_the_cells_are_the_printers(row: Generated) -> None:
    kind = kind_for(row.resource)
    assert kind is not None
    values = kind.read(KubeObject.of(row.object))
    # A server may send more cells than columns (it does for IP addresses); kubectl shows none without a column.
    expected = row.cells[: len(kind.columns)]
    assert kind.table_cells(values, row.now) == expected
    assert [type(cell) for cell in kind.table_cells(values, row.now)] == [type(cell) for cell in expected]


def test_every_kind_with_a_printer_is_there() -> None:
    assert len(GENERATED) > 350
    assert len({row.resource for row in GENERATED}) == 63

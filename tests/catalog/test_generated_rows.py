"""The catalogue prints what kube-apiserver 1.36.2's own printers print for random objects.

`generated-rows.json` holds, by resource, objects made at random and reduced to the fields that matter to their cells,
the cells those printers gave for them, and the moment of printing. The objects are odd on purpose: they reach the
branches that recordings of a living cluster do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
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


def _generated() -> Iterator[Generated]:
    rows = json.loads((Path(__file__).parent / "generated-rows.json").read_text())
    for path, items in rows.items():
        api_version, _, name = path.rpartition("/")
        group, _, version = api_version.rpartition("/")
        for item in items:
            kind = item["object"]["kind"]
            resource = Resource(GroupVersionResource(group, version, name), kind, True)
            yield Generated(resource, item["object"], item["cells"], item["now"])


GENERATED = list(_generated())


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

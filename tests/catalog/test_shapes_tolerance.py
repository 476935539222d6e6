"""Objects with missing or wrongly typed fields lose cells, never rows, and never raise."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.catalog.column import UNREADABLE
from kwatch.catalog.kind import Kind, Values
from kwatch.catalog.registry import kind_for
from kwatch.informer.kube_object import KubeObject
from tests.catalog.recorded import PrintedObject, columns_by_resource, named, printed_objects, resource_of

NOW = 1_800_000_000.0
WRONG: tuple[Any, ...] = (None, "text", 7, -1, 2.5, True, [], {}, [None], [[1]], {"a": 1}, "2026-13-45T99:00:00Z", "")
BUILT_IN = [path for path in columns_by_resource() if not path.startswith("example.com/")]


def _one_of_each() -> Iterator[PrintedObject]:
    seen: dict[str, int] = {}
    for printed in printed_objects():
        count = seen[printed.resource.name] = seen.get(printed.resource.name, 0) + 1
        if kind_for(printed.resource) is not None and count <= 4:
            yield printed


def _show(kind: Kind, values: Values) -> None:
    """Everything a screen asks of values."""
    assert len(values) == len(kind.columns)
    for column, value in zip(kind.columns, values, strict=True):
        assert isinstance(column.text(value, NOW), str)
        column.order(value)
        column.level(value)


def _paths(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from _paths(value, (*path, key))


def _replaced(tree: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(tree)
    place: Any = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


@pytest.mark.parametrize("printed", list(_one_of_each()), ids=lambda p: f"{p.resource}/{p.object['metadata']['name']}")
def test_any_wrong_field_costs_cells_but_not_the_row(printed: PrintedObject) -> None:
    kind = kind_for(printed.resource)
    assert kind is not None
    chance = random.Random(printed.object["metadata"]["name"])
    tree = dict(printed.object)
    tree["metadata"] = {key: value for key, value in tree["metadata"].items() if key != "managedFields"}
    identity = [("metadata", "name"), ("metadata", "namespace"), ("metadata",)]
    for path in _paths(tree):
        if path in identity:
            continue
        for wrong in chance.sample(WRONG, 3):
            values = kind.read(KubeObject.of(_replaced(tree, path, wrong)))
            _show(kind, values)
            named_column = kind.column_index("Name")
            assert str(values[named_column]).startswith(tree["metadata"]["name"])


@pytest.mark.parametrize("path", BUILT_IN)
def test_an_object_of_nothing_but_a_name_has_a_row(path: str) -> None:
    kind = kind_for(resource_of(path))
    assert kind is not None
    values = kind.read(KubeObject.of({"metadata": {"name": "bare"}}))
    _show(kind, values)
    assert values[kind.column_index("Name")] == "bare"


@pytest.mark.parametrize("path", BUILT_IN)
def test_unreadable_values_have_a_text_an_order_and_a_level(path: str) -> None:
    kind = kind_for(resource_of(path))
    assert kind is not None
    for column in kind.columns:
        assert column.text(UNREADABLE, NOW) == "?"
        assert column.order(UNREADABLE) is None
        column.level(UNREADABLE)


def test_only_the_cells_that_need_the_broken_field_are_unreadable() -> None:
    kind = kind_for(named("pods"))
    assert kind is not None
    pod = {
        "metadata": {"name": "odd", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"containers": [{"name": "a"}], "nodeName": "n1"},
        "status": {
            "phase": "Running",
            "podIPs": "none",
            "containerStatuses": [{"name": "a", "ready": True, "restartCount": "many", "state": {"running": {}}}],
        },
    }
    cells = dict(zip((column.title for column in kind.columns), kind.read(KubeObject.of(pod)), strict=True))
    assert cells["Restarts"] is UNREADABLE
    assert cells["IP"] is UNREADABLE
    assert cells["Ready"] == "1/1"
    assert cells["Status"] == "Running"
    assert cells["Node"] == "n1"


def test_null_is_the_same_as_absent() -> None:
    kind = kind_for(named("pods"))
    assert kind is not None
    bare = kind.read(KubeObject.of({"metadata": {"name": "p"}, "spec": {}, "status": {}}))
    nulls = {"containers": None, "initContainers": None, "readinessGates": None, "nodeName": None}
    status = {"phase": None, "conditions": None, "containerStatuses": None, "podIPs": None, "reason": None}
    assert kind.read(KubeObject.of({"metadata": {"name": "p"}, "spec": nulls, "status": status})) == bare

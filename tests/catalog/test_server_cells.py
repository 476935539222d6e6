"""Kinds that only the server can print."""

from __future__ import annotations

from typing import Any

from kwatch.catalog.column import UNREADABLE
from kwatch.catalog.server_cells import kind_from_server_cells
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.informer.server_column import ServerColumn

GADGETS = Resource(GroupVersionResource("example.com", "v1", "gadgets"), "Gadget", True)
COLUMNS = (
    ServerColumn("Name", "string", "name"),
    ServerColumn("Count", "integer", "", 0, "how many"),
    ServerColumn("Note", "string", "", 1),
)


def _gadget(*cells: Any) -> KubeObject:
    obj = KubeObject.of({"metadata": {"name": "one"}})
    obj.cells = cells or None
    return obj


def test_the_cells_are_the_values() -> None:
    kind = kind_from_server_cells(GADGETS, COLUMNS)
    assert kind.name == "Gadget"
    assert [(each.title, each.type, each.priority) for each in kind.columns] == [
        ("Name", "string", 0),
        ("Count", "integer", 0),
        ("Note", "string", 1),
    ]
    assert kind.read(_gadget("one", 3, "x")) == ("one", 3, "x")


def test_too_few_too_many_and_odd_cells_are_no_trouble() -> None:
    kind = kind_from_server_cells(GADGETS, COLUMNS)
    assert kind.read(_gadget("one")) == ("one", None, None)
    assert kind.read(_gadget("one", 1, "x", "beyond")) == ("one", 1, "x")
    assert kind.read(_gadget("one", {"a": 1}, None)) == ("one", UNREADABLE, None)


def test_an_object_without_cells_keeps_its_name() -> None:
    assert kind_from_server_cells(GADGETS, COLUMNS).read(_gadget()) == ("one", None, None)


def test_numbers_and_words_in_one_column_can_be_ordered() -> None:
    note = kind_from_server_cells(GADGETS, COLUMNS).columns[2]
    assert sorted(["b", 2, "a", 10, 1.5], key=note.order) == [1.5, 2, 10, "a", "b"]
    count = kind_from_server_cells(GADGETS, COLUMNS).columns[1]
    assert count.order("<none>") is None
    assert (count.compare, count.right) == ("number", True)

"""Kinds that only the server can print."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kwatch.catalog.column import UNREADABLE, Column
from kwatch.catalog.kind import Kind, age_column
from kwatch.catalog.server_columns import kind_as_served, kind_from_server_cells
from kwatch.informer.kube_object import KubeObject, ServerColumn
from kwatch.informer.resource import GroupVersionResource, Resource

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


def _kind() -> Kind:
    """Of three columns, of which the last one tells a time."""
    columns = (Column("Name", format="name"), Column("Size", type="integer"), age_column("Age"))
    return Kind("Thing", columns, lambda obj: (obj.name, len(obj.name), 100.0))


NAME, SIZE, AGE = ServerColumn("Name", "string", "name"), ServerColumn("Size", "integer"), ServerColumn("Age", "string")
NEW = ServerColumn("New", "string")


def _as_served(*columns: ServerColumn, sample: KubeObject | None = None) -> tuple[Kind, bool]:
    served = kind_as_served(_kind(), columns, sample)
    return served.kind, served.cells


def test_the_servers_columns_are_the_catalogues() -> None:
    kind = _kind()
    for columns in ((NAME, SIZE, AGE), ()):
        served = kind_as_served(kind, columns)
        assert (served.kind is kind, served.cells) == (True, False)


def test_what_is_known_is_computed_in_the_servers_order() -> None:
    kind, cells = _as_served(AGE, replace(NAME, name="Called"), replace(SIZE, priority=1))
    assert not cells
    assert [(each.title, each.priority) for each in kind.columns] == [("Age", 0), ("Called", 0), ("Size", 1)]
    assert kind.read(_gadget()) == (100.0, "one", 3)
    assert kind.columns[0].depends_on_time


def test_what_is_unknown_is_the_servers_cell() -> None:
    kind, cells = _as_served(NAME, NEW, SIZE)
    assert cells
    assert kind.read(_gadget("one", "cell", 7)) == ("one", "cell", 3), "what is known is computed, whatever came"
    assert kind.read(_gadget("one")) == ("one", None, 3), "before the cells have come"
    assert kind.read(_gadget()) == ("one", None, 3)


@pytest.mark.parametrize("changed", [replace(SIZE, type="string"), replace(SIZE, format="int64"), SIZE])
def test_another_type_or_format_or_a_second_one_of_a_name_is_another_column(changed: ServerColumn) -> None:
    kind, cells = _as_served(NAME, SIZE, changed) if changed is SIZE else _as_served(NAME, AGE, changed)
    assert cells
    assert kind.read(_gadget("one", 0, "theirs"))[2] == "theirs"


def test_a_column_that_means_something_else_is_found_out_by_an_object() -> None:
    columns = (NAME, SIZE, AGE)
    assert not _as_served(*columns, sample=_gadget("one", 3, "any age"))[1]
    kind, cells = _as_served(*columns, sample=_gadget("one", 4, "any age"))
    assert cells
    assert kind.read(_gadget("one", 4, "")) == ("one", 4, 100.0)
    assert not _as_served(*columns, sample=_gadget())[1], "an object without cells tells nothing"


def test_ten_thousand_columns() -> None:
    kind, cells = _as_served(NAME, *[replace(NEW, name=f"C{number}") for number in range(10_000)])
    assert cells
    assert kind.read(_gadget("one", *range(10_000)))[-1] == 9_999

"""Custom resources show the columns their definition asks for."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.column import UNREADABLE
from kwatch.catalog.kind import Kind
from kwatch.catalog.server_columns import PrinterColumn, kind_from_printer_columns, printer_columns_from_server
from kwatch.informer.kube_object import KubeObject, ServerColumn
from kwatch.informer.resource import GroupVersionResource, Resource

WIDGETS = Resource(GroupVersionResource("example.com", "v1", "widgets"), "Widget", True)
NOW = 1_800_000_000.0
CREATED = "2027-01-15T07:59:00Z"
"""A minute before NOW."""


def _kind(*columns: PrinterColumn) -> Kind:
    return kind_from_printer_columns(WIDGETS, columns)


def _widget(**spec: Any) -> KubeObject:
    return KubeObject.of({"metadata": {"name": "one", "creationTimestamp": CREATED}, "spec": spec})


@pytest.mark.parametrize(
    ("type_", "value", "cell"),
    [
        ("string", "big", "big"),
        ("string", "", ""),
        ("string", 3, "3"),
        ("string", True, "true"),
        ("string", 2.5, "2.5"),
        ("string", 1e16, "10000000000000000"),
        ("string", [1, "a"], '[1,"a"]'),
        ("string", {"b": 1, "a": "<x>"}, '{"a":"\\u003cx\\u003e","b":1}'),
        ("integer", 3, 3),
        ("integer", 3.9, 3),
        ("integer", "3", None),
        ("integer", True, None),
        ("number", 2.5, 2.5),
        ("number", 3, 3),
        ("number", "x", None),
        ("boolean", False, False),
        ("boolean", "yes", None),
        ("date", CREATED, "60s"),
        ("date", "", "<unknown>"),
        ("date", "yesterday", "<invalid>"),
        ("date", "null", "<unknown>"),
        ("date", "2027-01-15", "<invalid>"),
        ("date", "2027-01-15T07:59:00+0000", "<invalid>"),
        ("date", "2027-01-15T08:59:00.5+01:00", "59s"),
        ("date", "2027-13-15T07:59:00Z", "<invalid>"),
        ("integer", 1e20, -(2**63)),
        ("integer", 10**20, -(2**63)),
        ("number", 2**53 + 1, 2**53),
        ("string", 12345678.9, "1.23456789e+07"),
        ("date", 5, None),
        ("colour", "red", None),
    ],
)
def test_values_become_cells_as_on_the_server(type_: str, value: Any, cell: Any) -> None:
    kind = _kind(PrinterColumn("It", type_, ".spec.it"))
    assert kind.table_cells(kind.read(_widget(it=value)), NOW) == ["one", cell]


def test_the_first_result_is_shown_and_missing_ones_are_blank() -> None:
    kind = _kind(PrinterColumn("All", "integer", ".spec.list[*]"), PrinterColumn("None", "date", ".status.at"))
    assert kind.table_cells(kind.read(_widget(list=[7, 8])), NOW) == ["one", 7, None]


def test_a_broken_path_is_a_question_mark_with_a_reason_in_its_own_column() -> None:
    kind = _kind(PrinterColumn("Bad", "string", ".spec[", description="size"), PrinterColumn("A", "string", ".spec.a"))
    values = kind.read(_widget(a="x"))
    assert values == ("one", UNREADABLE, "x")
    assert kind.columns[1].text(values[1], NOW) == "?"
    assert "unclosed bracket" in kind.columns[1].description


def test_columns_keep_type_format_and_priority() -> None:
    kind = _kind(PrinterColumn("Owner", "string", ".spec.owner", 1, "who", "byte"))
    assert [(each.title, each.type, each.format, each.priority) for each in kind.columns] == [
        ("Name", "string", "name", 0),
        ("Owner", "string", "byte", 1),
    ]


def test_ages_sort_youngest_first_and_words_last() -> None:
    column = _kind(PrinterColumn("Age", "date", ".x")).columns[1]
    assert column.compare == "duration"
    assert sorted([5.0, 9.0, 1.0], key=column.order) == [9.0, 5.0, 1.0]
    assert column.order("<invalid>") is None


def test_the_servers_descriptions_tell_the_paths() -> None:
    columns = (
        ServerColumn("Name", "string", "name", 0, "Name must be unique"),
        ServerColumn("Size", "integer", "", 0, "Custom resource definition column (in JSONPath format): .spec.size"),
        ServerColumn("Age", "date", "", 0, "CreationTimestamp is a timestamp representing the server time when..."),
    )
    assert printer_columns_from_server(columns) == (
        PrinterColumn("Size", "integer", ".spec.size", 0, columns[1].description),
        PrinterColumn("Age", "date", ".metadata.creationTimestamp", 0, columns[2].description),
    )


def test_a_description_of_their_own_hides_the_path() -> None:
    columns = (ServerColumn("Name", "string", "name"), ServerColumn("Size", "integer", "", 0, "How big it is"))
    assert printer_columns_from_server(columns) is None
    assert printer_columns_from_server(()) is None


@pytest.mark.parametrize(
    ("path", "cell"),
    [
        # A key in brackets needs its dots escaped too; what is beyond the end, or no list, empties the cell.
        (".metadata.labels['app.kubernetes.io/name']", None),
        (r".metadata.labels['app\.kubernetes\.io/name']", "cart"),
        (r".metadata.labels.app\.kubernetes\.io/name", "cart"),
        (".spec.list[*]", "10"),
        (".spec.list[1:2]", "20"),
        (".spec.list[0:5]", None),
        (".spec.list[0,1]", "10"),
        (".spec.list[0,2]", None),
        (".spec.list", "[10,20]"),
        (".spec.list.deeper", None),
        (".spec.none", "<no value>"),
    ],
)
def test_paths_select_what_they_select_on_the_server(path: str, cell: str | None) -> None:
    labels = {"app.kubernetes.io/name": "cart"}
    obj = KubeObject.of({"metadata": {"name": "one", "labels": labels}, "spec": {"list": [10, 20], "none": None}})
    kind = _kind(PrinterColumn("It", "string", path))
    assert kind.table_cells(kind.read(obj), NOW) == ["one", cell]


def test_large_numbers_are_shown_as_kubectl_shows_them() -> None:
    kind = _kind(PrinterColumn("It", "number", ".spec.it"))
    values = kind.read(_widget(it=12345678.9))
    assert kind.texts(values, NOW) == ("one", "1.23456789e+07")
    assert kind.table_cells(values, NOW) == ["one", 12345678.9]

"""Kinds: their columns by name, their values as text and as a Table's cells."""

from __future__ import annotations

import pytest

from kwatch.catalog.column import UNREADABLE, Column
from kwatch.catalog.kind import Kind, age_column
from kwatch.informer.kube_object import KubeObject
from tests.catalog.kinds.printing import NOW, ago, kind_of

KIND = Kind(
    "Thing",
    (Column("Name"), Column("Up-to-date"), Column("Nominated Node"), age_column("Age"), Column("At", type="date")),
    lambda obj: (obj.name,),
)


@pytest.mark.parametrize(
    ("title", "place"),
    [("name", 0), ("UP-TO-DATE", 1), ("up to date", 1), ("nominated-node", 2), ("Nominated Node", 2)],
)
def test_columns_are_found_by_title_however_it_is_written(title: str, place: int) -> None:
    assert KIND.column_index(title) == place


def test_an_unknown_title_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        KIND.column_index("colour")


def test_values_are_texts_for_people_and_cells_for_clients() -> None:
    values = ("x", 3, True, NOW - 90, None)
    assert KIND.texts(values, NOW) == ("x", "3", "true", "90s", "")
    assert KIND.table_cells(values, NOW) == ["x", 3, True, "90s", None]
    odd = (UNREADABLE, None, 2.5, None, "2026-01-01T00:00:00Z")
    assert KIND.texts(odd, NOW) == ("?", "", "2.5", "<unknown>", "2026-01-01T00:00:00Z")
    assert KIND.table_cells(odd, NOW) == ["?", None, 2.5, "<unknown>", "2026-01-01T00:00:00Z"]


def test_values_do_not_depend_on_the_time_and_repeated_texts_are_kept_once() -> None:
    kind = kind_of("pods")
    metadata = {"creationTimestamp": ago(90)}
    first, second = (
        KubeObject.of(
            {"metadata": metadata | {"name": name}, "spec": {"nodeName": "node-7"}, "status": {"phase": "Running"}}
        )
        for name in ("a", "b")
    )
    ours, theirs = kind.read(first), kind.read(second)
    assert ours == kind.read(first)
    assert ours[0] is first.name
    for title in ("Status", "Node", "Ready"):
        assert ours[kind.column_index(title)] is theirs[kind.column_index(title)], title

"""Columns of the user's own."""

from __future__ import annotations

import pytest

from kwatch.catalog.jsonpath import JSONPathError
from kwatch.informer.kube_object import KubeObject
from kwatch.output.formats import CustomColumnsPrinter
from kwatch.output.printer import Masking
from tests.output.changes import change, pod


def test_missing_values_and_later_rows() -> None:
    printer = CustomColumnsPrinter("NAME:.metadata.name,GONE:.status.gone,PHASE:.status.phase", Masking())
    assert [line.split() for line in printer.initial([change(pod("a"))], final=False).splitlines()] == [
        ["NAME", "GONE", "PHASE"],
        ["a", "<none>", "Running"],
    ]
    assert printer.change(change(pod("b"))).split() == ["b", "<none>", "Running"]


def test_commas_inside_brackets_do_not_split() -> None:
    printer = CustomColumnsPrinter("BOTH:.metadata['name','namespace'],P:.status.phase", Masking(), headers=False)
    assert printer.change(change(pod("a"))).split() == ["a,shop", "Running"]


def test_lists_and_objects_are_printed_as_kubectl_prints_them() -> None:
    printer = CustomColumnsPrinter("C:.metadata.labels,N:.status.none", Masking(), headers=False)
    tree = pod("a").tree() | {"status": {"none": None}}
    tree["metadata"]["labels"] = {"b": "2", "a": "1"}
    assert printer.change(change(KubeObject.of(tree))).split() == ["map[a:1", "b:2]", "<nil>"]


@pytest.mark.parametrize("text", ["NAME", "NAME:", ":.a", "A:.b,,C:.d", "A:.b[", ""])
def test_broken_columns_are_told(text: str) -> None:
    with pytest.raises(JSONPathError):
        CustomColumnsPrinter(text, Masking())

"""Paths find in the part that is read what they find in the whole."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.jsonpath import parse_json_path
from kwatch.catalog.tree import partial_tree_reader
from kwatch.informer.kube_object import KubeObject

TREE: dict[str, Any] = {
    "apiVersion": "example.com/v1",
    "kind": "Widget",
    "metadata": {
        "name": "one",
        "labels": {"a": "b"},
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "managedFields": [{"manager": "kubectl"}],
        "unheardOf": 1,
    },
    "spec": {"size": 3, "nothing": None},
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    "odd-field": {"x": 1},
}
WIDGET = KubeObject.of(TREE)


@pytest.mark.parametrize(
    "path",
    [
        ".spec.size",
        ".spec.nothing",
        "{.spec}",
        ".status.conditions[?(@.type=='Ready')].status",
        ".metadata.name",
        ".metadata.labels.a",
        "$.metadata.creationTimestamp",
        ".metadata.managedFields[0].manager",
        ".metadata.unheardOf",
        ".metadata",
        ".metadata.*",
        ".metadata['unheardOf']",
        "['spec'].size",
        "..size",
        ".odd-field.x",
        ".*",
        "$",
        ".missing.deep",
        ".kind",
    ],
)
def test_nothing_a_path_finds_is_left_out(path: str) -> None:
    compiled = parse_json_path(path)
    assert compiled.find(partial_tree_reader([compiled])(WIDGET)) == compiled.find(WIDGET.tree())


def test_only_what_is_asked_for_is_read() -> None:
    paths = [parse_json_path(".spec.size"), parse_json_path(".metadata.labels.a")]
    assert partial_tree_reader(paths)(WIDGET) == {
        "metadata": {"name": "one", "labels": {"a": "b"}, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"size": 3, "nothing": None},
    }


def test_metadata_of_another_type_is_read_all_the_same() -> None:
    odd = KubeObject(b'{"metadata":{"name":"one","labels":"none"},"spec":{"text":"x"}}')
    paths = [parse_json_path(".metadata.labels"), parse_json_path(".spec.text")]
    tree = partial_tree_reader(paths)(odd)
    assert [value for path in paths for value in path.find(tree)] == ["none", "x"]

from __future__ import annotations

import copy
from typing import Any

import pytest

from kwatch.simulator.engine.objects import merge_patch, strategic_merge_patch

POD: dict[str, Any] = {
    "metadata": {"labels": {"a": "1"}},
    "spec": {
        "containers": [{"name": "web", "image": "web:1", "env": [{"name": "X", "value": "1"}]}, {"name": "log"}],
        "tolerations": [{"key": "a"}],
    },
}


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": None}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": [1]}, {"a": [2, 3]}, {"a": [2, 3]}),
        ({"a": 1}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}),
        ({}, {"a": None}, {}),
    ],
)
def test_merge_patch(target: Any, patch: Any, result: Any) -> None:
    before = copy.deepcopy((target, patch))
    assert merge_patch(target, patch) == result
    assert (target, patch) == before


def test_strategic_patches_merge_items_by_their_key() -> None:
    before = copy.deepcopy(POD)
    containers = [{"name": "web", "image": "web:2", "env": [{"name": "Y", "value": "2"}]}]
    patched = strategic_merge_patch(POD, {"spec": {"$setElementOrder/containers": [], "containers": containers}})
    web, log = patched["spec"]["containers"]
    assert web == {
        "name": "web",
        "image": "web:2",
        "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}],
    }
    assert log == {"name": "log"}
    assert before == POD


def test_strategic_patches_remove_and_replace() -> None:
    removed = strategic_merge_patch(POD, {"spec": {"containers": [{"name": "log", "$patch": "delete"}]}})
    assert [each["name"] for each in removed["spec"]["containers"]] == ["web"]
    replaced = strategic_merge_patch(POD, {"metadata": {"$patch": "replace", "x": 1}})
    assert replaced["metadata"] == {"x": 1}
    assert strategic_merge_patch(POD, {"metadata": {"labels": {"a": None}}})["metadata"]["labels"] == {}


def test_lists_without_a_key_are_replaced() -> None:
    assert strategic_merge_patch(POD, {"spec": {"tolerations": []}})["spec"]["tolerations"] == []
    assert strategic_merge_patch({}, {"containers": [{"name": "a"}]}) == {"containers": [{"name": "a"}]}

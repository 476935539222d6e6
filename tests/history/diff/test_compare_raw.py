from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given

from kwatch.history.diff.change import Change
from kwatch.history.diff.compare import Split, diff
from tests.history.diff.test_compare import objects


def diff_raw(old: bytes, new: bytes) -> tuple[Change, ...]:
    return Split(old).diff(Split(new))


def _json(tree: Any) -> bytes:
    return json.dumps(tree).encode()


def _as_a_server_has_it(value: Any, name: str = "") -> Any:
    """Items of a list with merge keys (containers, env) have a name each; of other lists, whatever they have."""
    if isinstance(value, dict):
        return {key: _as_a_server_has_it(each, key) for key, each in value.items()}
    if not isinstance(value, list):
        return value
    items = [_as_a_server_has_it(each, name) for each in value]
    if name not in ("containers", "env"):
        return items
    return [
        {**each, "name": f"n{number}"} if isinstance(each, dict) else {"name": f"n{number}"}
        for number, each in enumerate(items)
    ]


def _labelled(tree: dict[str, Any]) -> dict[str, Any]:
    """Only fields that metadata can have are compared."""
    return {**tree, "metadata": {"labels": tree["metadata"]}} if "metadata" in tree else tree


@given(objects, objects)
def test_it_finds_what_the_comparison_of_trees_finds(old: dict[str, Any], new: dict[str, Any]) -> None:
    old, new = _as_a_server_has_it(_labelled(old)), _as_a_server_has_it(_labelled(new))
    assert {change.path for change in diff_raw(_json(old), _json(new))} == {change.path for change in diff(old, new)}


def test_large_parts_are_compared_without_parsing_what_is_the_same() -> None:
    def obj(phase: str, image: str) -> dict[str, Any]:
        containers = [{"name": f"c{number}", "image": "web:1", "pad": "x" * 100} for number in range(5)]
        containers[3]["image"] = image
        metadata = {"name": "web", "labels": {"app": "web", "pad": "y" * 300}, "resourceVersion": phase}
        return {"metadata": metadata, "spec": {"containers": containers}, "status": {"phase": phase, "pad": "z" * 300}}

    old, new = obj("Pending", "web:1"), obj("Running", "web:2")
    new["metadata"]["labels"]["app"] = "shop"
    assert diff_raw(_json(old), _json(new)) == diff(old, new)
    assert len(diff(old, new)) == 3


def test_fields_beside_spec_and_status_count() -> None:
    old = {"kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"}}
    new = {"metadata": {"name": "c"}, "data": {"a": "2"}, "immutable": True}
    assert diff_raw(_json(old), _json(new)) == diff(old, new)


def test_items_are_named_by_what_identifies_all_of_them() -> None:
    old = {"spec": {"steps": [{"name": "a", "pad": "x" * 300}, {"pad": "y"}]}}
    new = {"spec": {"steps": [{"name": "a", "pad": "z" * 300}, {"pad": "y"}]}}
    assert [change.path for change in diff_raw(_json(old), _json(new))] == ["spec.steps[0].pad"]
    assert diff_raw(_json(old), _json(new)) == diff(old, new)


@pytest.mark.parametrize("broken", [b"[]", b'{"metadata":', b"null"])
def test_what_is_no_object_raises(broken: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        diff_raw(broken, b'{"metadata": {}}')

from __future__ import annotations

from typing import Any

import pytest

from kwatch.history.diff.compare import diff
from kwatch.history.diff.path import general_path


def paths(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    return {general_path(change.steps) for change in diff(old, new)}


def containers(*named: tuple[str, str]) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": name, "image": image} for name, image in named]}}


def test_the_names_of_items_and_positions_are_left_out() -> None:
    old, new = containers(("web", "1"), ("log", "1")), containers(("web", "2"), ("log", "2"))
    assert paths(old, new) == {"spec.containers[].image"}
    assert paths({"args": [1, 2]}, {"args": [1, 3]}) == {"args[]"}


@pytest.mark.parametrize(("name", "key"), [("conditions", "type"), ("env", "name")])
def test_names_that_are_the_same_everywhere_stay(name: str, key: str) -> None:
    old = {name: [{key: "Ready", "value": "1"}, {key: "Other", "value": "1"}]}
    new = {name: [{key: "Ready", "value": "2"}, {key: "Other", "value": "1"}]}
    assert paths(old, new) == {f"{name}[Ready].value"}


def test_fields_with_odd_names_stay_in_brackets() -> None:
    assert paths({"data": {"a.b": "1"}}, {"data": {"a.b": "2"}}) == {"data[a.b]"}


def test_the_object_itself_has_no_path() -> None:
    assert general_path(()) == ""

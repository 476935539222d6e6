"""What changed, told by path."""

from __future__ import annotations

from typing import Any

import msgspec

from kwatch.output.diff import Difference, differences, path_groups, path_json, path_text


def deployment(image: str, uid: str = "1", **containers: str) -> dict[str, Any]:
    images = containers or {"web": image}
    return {
        "metadata": {"uid": uid},
        "spec": {"containers": [{"name": name, "image": each} for name, each in images.items()]},
    }


OLD = {
    ("deployments.apps", "shop/a"): deployment("a:1"),
    ("deployments.apps", "shop/b"): deployment("b:1"),
    ("pods", "shop/gone"): deployment("c:1"),
    ("pods", "shop/replaced"): deployment("d:1"),
}


def found(second: str) -> list[Difference]:
    new = {
        ("deployments.apps", "shop/a"): deployment("a:2"),
        ("deployments.apps", "shop/b"): deployment(second),
        ("pods", "shop/new"): deployment("c:1"),
        ("pods", "shop/replaced"): deployment("d:1", uid="2"),
    }
    return list(differences(OLD, new))


def lines(second: str) -> list[str]:
    return [line for group in path_groups(found(second)) for line in path_text(group)]


def test_the_most_frequent_first_with_the_value_where_it_is_the_same() -> None:
    assert lines("b:2") == [
        "    2  created",
        "         + pods shop/new",
        "         + pods shop/replaced",
        "    2  deleted",
        "         - pods shop/gone",
        "         - pods shop/replaced",
        "    2  spec.containers[].image  1 -> 2 [web]",
        "         ~ deployments.apps shop/a",
        "         ~ deployments.apps shop/b",
    ]


def test_values_that_differ_stand_beside_the_objects() -> None:
    assert lines("b:3")[-3:] == [
        "    2  spec.containers[].image",
        "         ~ deployments.apps shop/a  1 -> 2 [web]",
        "         ~ deployments.apps shop/b  1 -> 3 [web]",
    ]


def test_equal_paths_of_one_object_count_once() -> None:
    old = {("pods", "shop/a"): deployment("", web="w:1", log="l:1")}
    new = {("pods", "shop/a"): deployment("", web="w:2", log="l:2")}
    (group,) = path_groups(differences(old, new))
    assert next(iter(path_text(group))) == "    1  spec.containers[].image  1 -> 2 [web], 1 -> 2 [log]"


def test_as_json() -> None:
    *_, group = path_groups(found("b:2"))
    (line,) = path_json(group)
    assert msgspec.json.decode(line) == {
        "path": "spec.containers[].image",
        "count": 2,
        "objects": [
            {"type": "MODIFIED", "resource": "deployments.apps", "key": f"shop/{name}", "words": "1 -> 2 [web]"}
            for name in "ab"
        ],
    }


def test_nothing_is_no_line() -> None:
    assert list(path_groups(differences(OLD, OLD))) == []

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.catalog.jsonpath import JSONPathError, parse_json_path

TREE: dict[str, Any] = {
    "metadata": {"labels": {"app.kubernetes.io/name": "cart", "a b": "c"}},
    "spec": {"size": 3, "list": [10, 20, 30, 40], "null": None, "sub": {"b": 2, "a": 1}},
    "status": {
        "conditions": [
            {"type": "Synced", "status": "False", "weight": 1},
            {"type": "Ready", "status": "True", "weight": 5, "message": "it's"},
            {"type": "Odd", "reason": "x"},
        ]
    },
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.size", [3]),
        ("spec.size", [3]),
        ("$.spec.size", [3]),
        ("{.spec.size}", [3]),
        (" .spec.size ", [3]),
        (".spec['size']", [3]),
        ('.spec["size"]', [3]),
        ("['spec']['size']", [3]),
        (".spec.['size']", [3]),
        (".spec['size','null']", [3, None]),
        (r".metadata.labels.app\.kubernetes\.io/name", ["cart"]),
        (".metadata.labels['app.kubernetes.io/name']", ["cart"]),
        (r".metadata.labels['app\.kubernetes\.io/name']", ["cart"]),
        (".metadata.labels['a b']", ["c"]),
        (".spec.list[0]", [10]),
        (".spec.list[-1]", [40]),
        (".spec.list[9]", []),
        (".spec.list[1:3]", [20, 30]),
        (".spec.list[:2]", [10, 20]),
        (".spec.list[::2]", [10, 30]),
        (".spec.list[-2:]", [30, 40]),
        (".spec.list[0,2]", [10, 30]),
        (".spec.list[*]", [10, 20, 30, 40]),
        (".spec.sub.*", [1, 2]),
        (".spec.sub[*]", [1, 2]),
        ("..size", [3]),
        ("..['size']", [3]),
        (".spec.null", [None]),
        (".spec.null.deeper", []),
        (".spec.size.deeper", []),
        (".spec.missing", []),
        (".missing.size", []),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        (".status.conditions[?(@.type == 'Ready')].status", ["True"]),
        ("""{.status.conditions[?(@['type']=="Ready")].status}""", ["True"]),
        (".status.conditions[?(@.weight>1)].type", ["Ready"]),
        (".status.conditions[?(@.weight>=1)].type", ["Synced", "Ready"]),
        (".status.conditions[?(@.weight<5)].type", ["Synced"]),
        (".status.conditions[?(@.weight!=5)].type", ["Synced"]),
        (".status.conditions[?(@.reason)].type", ["Odd"]),
        (""".status.conditions[?(@.message=="it's")].type""", ["Ready"]),
        (".status.conditions[?(@.type=='None')].status", []),
        (".spec.sub[?(@.a==1)]", []),
        (".status.conditions[?(@.status>3)].type", []),
        ("$", [TREE]),
    ],
)
def test_paths_select(path: str, found: list[Any]) -> None:
    assert parse_json_path(path).find(TREE) == found


@pytest.mark.parametrize(
    ("path", "found", "as_server"),
    [
        (".spec.list[1:3]", [20, 30], [20, 30]),
        (".spec.list[4:4]", [], []),
        (".spec.list[-1:]", [40], [40]),
        # Beyond the end, on what is no list, or comparing what cannot be compared: the server gives up.
        (".spec.list[2:9]", [30, 40], []),
        (".spec.list[-9:2]", [10, 20], []),
        (".spec.list[::-1]", [40, 30, 20, 10], []),
        (".spec.list[0,9]", [10], []),
        (".spec[*]", [[10, 20, 30, 40], None, 3, {"b": 2, "a": 1}], []),
        (".spec.*[0]", [10], []),
        (".spec.null[0]", [], []),
        ('.status.conditions[?(@.weight=="x")].type', [], []),
        ('.status.conditions[?(@.type=="Ready")].weight', [5], [5]),
        (".status.conditions[?(@.type>1)].type", [], []),
        (".spec.sub[?(@.a==1)]", [], []),
        (".mixed[?(@.n==1)].n", [1], []),
        (".mixed[?(@.b<true)]", [], []),
        (".mixed[?(@.n!=$.m)].n", [1], []),
        (".spec..", [TREE["spec"], [10, 20, 30, 40], 10, 20, 30, 40, None, 3, {"b": 2, "a": 1}, 1, 2], None),
    ],
)
def test_what_does_not_fit_is_left_out_or_ends_all_as_on_the_server(
    path: str, found: list[Any], as_server: list[Any] | None
) -> None:
    tree = TREE | {"mixed": [{"n": 1, "b": True, "m": 2}, {"n": True, "m": 2}]}
    assert parse_json_path(path).find(tree) == found
    assert parse_json_path(path).find_as_server(tree) == (found if as_server is None else as_server)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "{}",
        ".spec[",
        ".spec['size'",
        ".spec[?(@.a==b)]",
        ".spec[?(size)]",
        ".a b",
        ".spec[::0]",
        ".spec]",
        "{.a}{.b}",
    ],
)
def test_broken_paths_say_so(path: str) -> None:
    with pytest.raises(JSONPathError):
        parse_json_path(path)


@given(st.text(alphabet="abc.[]*'\"?(@)=<>!0:,-\\{}$ ", max_size=40))
@settings(max_examples=500)
def test_any_text_is_a_path_or_refused(text: str) -> None:
    try:
        path = parse_json_path(text)
    except JSONPathError:
        return
    path.find(TREE)


@pytest.mark.parametrize("part", ["[?(@", "[?( ", "['a'", ".a", "..", "[*]", "[?(@==", " ", "\\", "[", "'a',"])
def test_long_paths_take_no_time(part: str) -> None:
    try:
        path = parse_json_path(part * 5000)
    except JSONPathError:
        return
    path.find({"a": 1})


def test_filters_nest_but_not_without_end() -> None:
    tree: dict[str, Any] = {"a": [{"a": [{"a": []}]}]}
    assert parse_json_path(".a[?(@.a[?(@.a)])]").find(tree) == [tree["a"][0]]
    with pytest.raises(JSONPathError, match="more than 50 filters"):
        parse_json_path(".a[?(@" * 400 + ")]" * 400)
    assert parse_json_path(".a[?(@" * 50 + ".a" + ")]" * 50).find(tree) == []


def test_descents_do_not_multiply_without_end() -> None:
    tree = {"a": [{"b": list(range(200))} for _ in range(200)]}
    assert len(parse_json_path("..*..*..*").find(tree)) <= 100_000

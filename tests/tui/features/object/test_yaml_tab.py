"""Objects as YAML: what is written reads back as the object."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.tui.features.object.yaml_tab import decoded, without_managed_fields, yaml_lines

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=30).filter(
    lambda text: all(each == " " or unicodedata.category(each) != "Zs" for each in text)
)
"""Without the spaces that a screen shows as plain ones."""
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS)
TREES = st.dictionaries(
    TEXTS,
    st.recursive(
        SCALARS,
        lambda children: st.one_of(
            st.lists(children, max_size=4),
            st.dictionaries(TEXTS, children, max_size=4),
        ),
        max_leaves=12,
    ),
    min_size=1,
    max_size=4,
)


def written(tree: dict[str, Any]) -> str:
    return "\n".join(line.text for line in yaml_lines(tree)) + "\n"


@settings(max_examples=500)
@given(TREES)
def test_it_reads_back_as_the_object(tree: dict[str, Any]) -> None:
    assert yaml.load(written(tree), Loader=yaml.CSafeLoader) == tree


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12", 'k: "12"'),
        ("true", 'k: "true"'),
        ("no", 'k: "no"'),
        ("2026-11-23T04:00:00Z", 'k: "2026-11-23T04:00:00Z"'),
        ("nginx:1.25", "k: nginx:1.25"),
        ("a: b", "k: 'a: b'"),
        ("--port=80", "k: --port=80"),
        ("", 'k: ""'),
        ("\n", "k: |2+\n"),
        ("a\n\n", "k: |+\n  a\n"),
        ("y", 'k: "y"'),
        ("1e3", 'k: "1e3"'),
        ("12345e7", 'k: "12345e7"'),
        ([], "k: []"),
        ({}, "k: {}"),
        ("a\nb\n", "k: |\n  a\n  b"),
        ([{"a": 1, "b": [2]}], "k:\n- a: 1\n  b:\n  - 2"),
    ],
)
def test_it_is_written_as_kubectl_writes_it(value: Any, text: str) -> None:
    assert written({"k": value}) == text + "\n"


def test_control_characters_are_made_visible() -> None:
    text = written({"k": "a\x1b[31mb", "l": "x\x07\ny"})
    assert text == 'k: "a\\e[31mb"\nl: "x\\a\\ny"\n'


def test_managed_fields_are_left_out_and_nothing_else() -> None:
    tree: dict[str, Any] = {"metadata": {"name": "a", "managedFields": [1]}, "spec": {"managedFields": 1}}
    assert without_managed_fields(tree) == {"metadata": {"name": "a"}, "spec": {"managedFields": 1}}
    assert "managedFields" in tree["metadata"]


def test_what_is_text_is_decoded_and_nothing_else() -> None:
    tree = {"kind": "Secret", "data": {"a": "aHVudGVyMg==", "b": "//4=", "c": "no base64!", "d": 5}}
    assert decoded(tree)["data"] == {
        "a": "hunter2",
        "b": "(2 bytes that are not text)",
        "c": "no base64!",
        "d": 5,
    }
    assert decoded({"kind": "Secret"}) == {"kind": "Secret"}
    assert decoded({"data": ["x"]}) == {"data": ["x"]}
    assert tree["data"] != decoded(tree)["data"], "the tree itself stays as it is"

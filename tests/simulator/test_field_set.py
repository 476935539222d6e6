from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.simulator.managed_fields import BUILTIN_FIELDS, CUSTOM_FIELDS, FieldSet, subtract, union


def test_keyed_lists_sets_and_atoms() -> None:
    spec = {
        "ports": [{"port": 80, "protocol": "TCP"}],
        "selector": {"app": "web"},
        "finalizers": ["a/b"],
        "externalIPs": ["1.2.3.4"],
        "tolerations": [{"key": "x"}],
    }
    assert BUILTIN_FIELDS.fields_of(spec, "spec") == {
        "f:ports": {".": {}, 'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}, "f:protocol": {}}},
        "f:selector": {},
        "f:finalizers": {".": {}, 'v:"a/b"': {}},
        "f:externalIPs": {},
        "f:tolerations": {},
    }


def test_custom_objects_own_their_spec_and_whole_lists() -> None:
    assert CUSTOM_FIELDS.fields_of({"spec": {"ports": [{"port": 1}]}}) == {"f:spec": {".": {}, "f:ports": {}}}


@pytest.mark.parametrize(
    ("one", "other", "both", "rest"),
    [
        ({"a": {}}, {"b": {}}, {"a": {}, "b": {}}, {"a": {}}),
        ({"a": {"x": {}, "y": {}}}, {"a": {"x": {}}}, {"a": {"x": {}, "y": {}}}, {"a": {"y": {}}}),
        ({"a": {"x": {}}}, {"a": {"x": {}}}, {"a": {"x": {}}}, {}),
        ({"a": {"x": {}}}, {"a": {}}, {"a": {"x": {}}}, {}),
    ],
)
def test_union_and_subtract(one: FieldSet, other: FieldSet, both: FieldSet, rest: FieldSet) -> None:
    assert union(one, other) == both
    assert subtract(one, other) == rest


trees = st.recursive(
    st.integers(0, 2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from("abc"), trees, min_size=1, max_size=3)


@given(objects, objects)
def test_what_an_update_leaves_and_brings_is_what_there_is(old: FieldSet, new: FieldSet) -> None:
    changed, removed = BUILTIN_FIELDS.compare(old, new)
    kept = subtract(subtract(BUILTIN_FIELDS.fields_of(old), removed), changed)
    assert union(kept, changed) == BUILTIN_FIELDS.fields_of(new)

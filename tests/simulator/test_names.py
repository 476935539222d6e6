from __future__ import annotations

import re
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.simulator import names


@given(st.integers())
def test_uids_are_random_uuids(seed: int) -> None:
    made = UUID(names.uid(Random(seed)))
    assert made.version == 4
    assert str(made) == names.uid(Random(seed))


@given(st.integers(), st.integers(1, 12))
def test_suffixes_use_the_alphabet_of_generated_names(seed: int, length: int) -> None:
    assert re.fullmatch(f"[bcdfghjklmnpqrstvwxz2456789]{{{length}}}", names.suffix(Random(seed), length))


@pytest.mark.parametrize(("number", "text"), [(0, "4"), (1, "5"), (6789, "bcdf"), (3012345678, "7456789bcd")])
def test_hashes_are_encoded_as_kubernetes_does(number: int, text: str) -> None:
    assert names.safe_encode(number) == text


def test_a_template_hash_depends_on_content_and_not_on_order() -> None:
    assert names.template_hash({"a": 1, "b": 2}) == names.template_hash({"b": 2, "a": 1})
    assert names.template_hash({"a": 1}) != names.template_hash({"a": 2})


@given(st.integers(0, 4000))
def test_pod_networks_of_nodes_do_not_overlap(index: int) -> None:
    here, there = (names.pod_ip(each, 0).rsplit(".", 1)[0] for each in (index, index + 1))
    assert here != there
    assert all(0 <= int(part) <= 255 for part in names.pod_ip(index, 249).split("."))
    assert all(0 <= int(part) <= 255 for part in names.node_ip(index).split("."))

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.simulator.engine.control_plane import next_version


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers())
def test_versions_only_grow(major: int, minor: int, patch: int, seed: int) -> None:
    tag = next_version(f"registry.example:5000/a/b:{major}.{minor}.{patch}", Random(seed)).rsplit(":", 1)[1]
    assert tuple(map(int, tag.split("."))) > (major, minor, patch)


@pytest.mark.parametrize(
    ("image", "following"),
    [
        ("shop/recommender:0.9.0-rc2", "shop/recommender:0.9.0-rc3"),
        ("redis:8.2-alpine", "redis:8.3-alpine"),
        ("agent:v1.19", "agent:v1.20"),
        ("tool:latest", "tool:latest"),
        ("tool", "tool"),
        ("registry.example:5000/tool", "registry.example:5000/tool"),
    ],
)
def test_odd_tags_have_a_successor_too(image: str, following: str) -> None:
    assert next_version(image, Random(1)) == following

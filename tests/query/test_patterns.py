from __future__ import annotations

import re
from fnmatch import translate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.query.patterns import glob


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("shop", "shop", True),
        ("shop", "shops", False),
        ("nginx*", "nginx:1.27", True),
        ("*nginx", "x/nginx", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "acb", False),
        ("a*a", "a", False),
        ("node-?", "node-7", True),
        ("node-?", "node-", False),
        ("running", "Running", True),
        ("Running", "running", False),
        ("*", "", True),
        ("", "", True),
        ("", "x", False),
    ],
)
def test_stars_and_question_marks(pattern: str, value: str, expected: bool) -> None:
    assert glob(pattern)(value) is expected


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_it_agrees_with_the_shell(pattern: str, value: str) -> None:
    assert glob(pattern)(value) is (re.match(translate(pattern), value) is not None)


def test_many_stars_are_quick() -> None:
    assert not glob("*a" * 200 + "b")("a" * 20_000)

"""Expressions that could take for ever are refused; what the others find is what Python's engine finds."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.base.finding import BROKEN, BoundedRegex, UnsafePattern, longest_text


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "(a*)*b",
        "(a|a)*b",
        "(a|ab)*c",
        "([a-z]+)*7",
        "(?:a{1,30}){1,30}b",
        "((a*)b)*c",
        "(a?){50}a{50}",
        r"(a)\1+",
        "(?=(a+)+b)",
        ".*.*.*.*.*.*.*x",
        "x" * 2000,
    ],
)
def test_patterns_that_could_take_for_ever_are_refused(pattern: str) -> None:
    with pytest.raises(UnsafePattern):
        longest_text(pattern)
    with pytest.raises(UnsafePattern):
        BoundedRegex(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "^web-.*7$",
        "a|b|c+",
        "(web|cart)-[0-9a-f]{5,10}-.{5}",
        r"^\w+-\d+$",
        "(abc)?x",
        "a{2}b{2,3}",
        "[^,]+,",
        r"\d+\.\d+\.\d+\.\d+:\d+",
        "^(?!.*healthz)",
        "(?<!a)b",
    ],
)
def test_ordinary_patterns_search_usual_lines_whole(pattern: str) -> None:
    assert longest_text(pattern) >= 300


def test_what_has_anything_between_is_found_however_long_the_text() -> None:
    far = f"GET /{'a' * 5000} and {'b' * 5000} timeout {'c' * 5000} end"
    assert BoundedRegex("GET.*and.*timeout.*end$").finds(far)
    assert not BoundedRegex("timeout.*and").finds(far)
    assert not BoundedRegex("end.+").finds(far)


_PIECES = (
    "a",
    "b",
    "[ab]",
    "a|b",
    "(a|bb)",
    "a+",
    ".*",
    ".+",
    ".*?",
    "^",
    "$",
    r"\.",
    "b{2}",
    "(?:ba)",
    r"\b",
    "(?!a)",
)


@given(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6), st.text("ab. ", max_size=9))
def test_it_finds_what_the_engine_finds(pieces: list[str], text: str) -> None:
    try:
        regex = BoundedRegex("".join(pieces))
    except (UnsafePattern, *BROKEN):
        return
    assert regex.finds(text) is (re.search(regex.pattern, text) is not None)


@pytest.mark.parametrize(
    ("pattern", "piece"),
    [
        ("a*a*a*b", "a"),
        (".*.*x", "a"),
        (r"\d+\.\d+\.\d+x", "1.1"),
        (r"\w+\s+\w+\s+\w+,", "aa "),
        (r"[^,]+,[^,]+x", "a,"),
        ("(?!.*x)q", "a"),
        (r"\S+\d+x", "1"),
        ("(GET|POST) .*a.*b", "GET a"),
    ],
)
def test_the_worst_text_is_quickly_searched(pattern: str, piece: str) -> None:
    regex, hostile = BoundedRegex(pattern, re.IGNORECASE), piece * 50_000
    began = time.thread_time()
    assert not regex.finds(hostile)
    regex.places(hostile)
    assert time.thread_time() - began < 60  # of the processor; else hours

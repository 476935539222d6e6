"""A text, or an expression between slashes: found, and where."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.base.finding import ALLOWED, Finder


@pytest.mark.parametrize(
    ("wanted", "text", "places"),
    [
        ("error", "Error, error", [(0, 5), (7, 12)]),
        ("Error", "Error, error", [(0, 5)]),
        ("a.b", "a.b axb", [(0, 3)]),
        ("/a.b/", "a.b axb", [(0, 3), (4, 7)]),
        ("/GET|POST/", "POST get GET", [(0, 4), (9, 12)]),
        (r"/\Wget/", " GET", [(0, 4)]),
        ("/x*/", "axxb", [(1, 3)]),
        ("//", "http://x", [(5, 7)]),
        ("/healthz", "GET /healthz", [(4, 12)]),
        ("", "anything", []),
    ],
)
def test_where_it_stands(wanted: str, text: str, places: list[tuple[int, int]]) -> None:
    finder = Finder(wanted)
    assert finder.places(text) == places
    assert finder.finds(text) is bool(places)


@pytest.mark.parametrize("wanted", ["/(/", "/a{99999999999}/", "/[/", "/" + "(" * 5000 + "/"])
def test_what_is_no_expression_says_so(wanted: str) -> None:
    with pytest.raises(ValueError, match="not a regular expression"):
        Finder(wanted)


@given(st.text(st.characters(codec="ascii")), st.text(st.characters(codec="ascii")))
def test_a_text_is_found_where_it_is_marked(wanted: str, text: str) -> None:
    try:
        finder = Finder(wanted)
    except ValueError:
        return
    if finder.places(text):
        assert finder.finds(text)
    elif not wanted.startswith("/"):
        assert not finder.finds(text)


@pytest.mark.parametrize("wanted", ["/(a+)+b/", "/(x*)*y/"])
def test_what_could_take_for_ever_is_refused(wanted: str) -> None:
    with pytest.raises(ValueError, match="could take for ever"):
        Finder(wanted)


def test_what_takes_too_long_finds_nothing_more_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0, ALLOWED / 3)
    monkeypatch.setattr("time.thread_time", lambda: next(clock))
    finder = Finder("/a|b/")
    assert [finder.finds("a") for _ in range(5)] == [True, True, True, True, False]
    assert "too slow" in finder.trouble and finder.places("a") == []
    with pytest.raises(ValueError, match="too slow"):
        finder.check()
    usual = Finder("/a|b/")
    assert all(usual.finds("a" * 10_000_000) for _ in range(5))  # as much is allowed as there is to look at
    usual.check()


def test_where_it_is_looked_for_is_said_unless_it_is_everywhere() -> None:
    assert Finder("error").within == Finder("/GET .*error/").within == ""
    assert Finder(r"/\S+x\S+y\S+z/").within == ", in the first 124 characters of each"

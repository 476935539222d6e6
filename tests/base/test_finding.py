"""A text, or an expression between slashes: found, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.base.finding import Finder


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
    with pytest.raises(ValueError, match="no regular expression"):
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

"""Matches are found where they stand, and gone through round and round."""

from __future__ import annotations

from kwatch.tui.kit.text.document import Document, Search
from kwatch.tui.kit.text.line import Line, Span


def searching(*texts: str) -> tuple[Document, Search]:
    document = Document()
    document.set_lines([Line((Span(text),)) for text in texts])
    return document, Search(document)


def test_it_begins_at_the_first_match_from_where_one_is_and_goes_round() -> None:
    _, search = searching("web", "cart", "web-2", "db", "Web web")
    search.begin("web", 1)
    assert search.rows == [0, 2, 4]
    assert (search.number, search.row) == (2, 2)
    search.go(1)
    search.go(1)
    assert (search.number, search.row) == (1, 0)
    assert search.places(4) == [(0, 3), (4, 7)]
    assert search.places(1) == []


def test_other_content_is_searched_again() -> None:
    document, search = searching("web", "web", "web")
    search.begin("web", 2)
    assert search.number == 3
    document.set_lines([Line((Span("cart"),)), Line((Span("web"),))])
    search.renew()
    assert (search.number, search.row) == (1, 1)
    document.set_lines([Line((Span("cart"),))])
    search.renew()
    assert (search.number, search.row) == (0, None)


def test_capitals_that_are_typed_count() -> None:
    _, search = searching("Web web")
    search.begin("Web", 0)
    assert search.places(0) == [(0, 3)]

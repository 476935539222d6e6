from __future__ import annotations

import re
import time

import pytest

from kwatch.query import QuerySyntaxError, parse
from kwatch.query.query import explanation
from kwatch.query.row import Row, RowReader
from kwatch.query.terms.regex import RegexMatcher
from tests.query.cluster import context, indexer, pod
from tests.view.world import KIND, thing


def test_patterns_that_could_take_for_ever_are_refused() -> None:
    with pytest.raises(QuerySyntaxError, match="repeats a repeat"):
        parse("/(a+)+b/")


def test_what_is_searched_is_bounded_so_that_the_worst_case_is_quick() -> None:
    pattern = "a*a*a*a*b"
    hostile = thing("a/" + "a" * 200, status="a" * 5000)
    matcher = RegexMatcher(pattern)
    row = Row("a/" + "a" * 200, hostile, RowReader(KIND))
    began = time.thread_time()
    assert not matcher.matches(row, 0)
    assert time.thread_time() - began < 2


def test_a_class_does_not_match_across_cells() -> None:
    reader = RowReader(KIND)
    row = Row("a/web", thing("a/web", status="Running"), reader)
    assert re.search("web[^,]Run", row.text)
    assert not RegexMatcher("web[^,]Run").matches(row, 0)
    assert RegexMatcher("^Run[^,]*$").matches(row, 0)
    assert RegexMatcher("^run").matches(row, 0)
    assert not RegexMatcher("^rUn").matches(row, 0)
    rows = [row, Row("a/x", thing("a/x", status="Failed"), reader)]
    assert RegexMatcher("^run").select(rows, 0) == [row]
    assert RegexMatcher("web[^,]run").select(rows, 0) == []


def test_without_slashes_it_is_said_how_it_was_read() -> None:
    cache = indexer([pod("a/web-1"), pod("a/cart-1"), pod("a/db-1")])
    compiled = parse("^web|cart !db$").compile(context(cache))
    matching = [key for key in cache.list_keys() if compiled.matches(key, cache.get_by_key(key) or {})]
    assert sorted(matching) == ["a/cart-1", "a/web-1"]
    compiled.candidates()
    said = explanation(compiled.explain)
    assert "^web|cart (a regular expression)" in said and "!db$ (a regular expression)" in said


@pytest.mark.parametrize(("typed", "at"), [("a|(b", 2), ("app=x ^(b", 7)])
def test_a_broken_one_is_marked_and_told_how_a_text_is_typed(typed: str, at: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(typed)
    assert caught.value.start == at
    assert "(a text stands in quotes)" in caught.value.message

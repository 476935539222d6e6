"""What a filter depends on, as the compiled query says it."""

from __future__ import annotations

import pytest

from kwatch.query.parser import parse
from kwatch.query.query import CompiledQuery
from tests.query.cluster import context, indexer


def compiled(text: str) -> CompiledQuery:
    return parse(text).compile(context(indexer([])))


@pytest.mark.parametrize(("text", "asks"), [("marked", True), ("!marked web", True), ("web-marked-1", False)])
def test_it_says_whether_marks_matter(text: str, asks: bool) -> None:
    assert compiled(text).asks_for_marks is asks


def test_it_says_which_columns_are_compared() -> None:
    assert compiled("restarts>5 !status=Running web").columns == {"Restarts", "Status"}
    assert not compiled("churn").columns

from __future__ import annotations

import pytest

from kwatch.query import QuerySyntaxError, parse


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cart",
        "!cart",
        "'a b'",
        "app=cart",
        "tier!=data",
        "env in (a, b)",
        "!env notin (a)",
        "-l app,!b",
        "app=",
        "a=b,c",
    ],
)
def test_writing_and_reading_again_gives_the_same(text: str) -> None:
    query = parse(text)
    assert parse(str(query)) == query


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [('cart "open', 5, 10), ("a ! b", 2, 3), ("env in (a", 7, 9), ("app=a,", 6, 6)],
)
def test_an_error_points_at_the_place(text: str, start: int, end: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert (caught.value.start, caught.value.end) == (start, end)
    assert caught.value.message.endswith(".")

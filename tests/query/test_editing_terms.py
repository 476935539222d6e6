from __future__ import annotations

import pytest

from kwatch.query.editing import toggled
from kwatch.query.parser import parse


def has_term(text: str, term: str) -> bool:
    return set(parse(term).terms) <= set(parse(text).terms)


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("", "ns:shop", "ns:shop"),
        ("cart ", "ns:shop", "cart ns:shop"),
        ("cart ns:shop  x", "ns:shop", "cart x"),
        ("ns:shop", "namespace:shop", ""),
        ("!ns:shop", "ns:shop", "!ns:shop ns:shop"),
        ('app="cart" x', "app=cart", "x"),
    ],
)
def test_a_term_is_added_or_taken_out(text: str, term: str, expected: str) -> None:
    assert toggled(text, term) == expected
    assert has_term(toggled(text, term), term) is not has_term(text, term)

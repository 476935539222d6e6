from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.base.printable import printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web-1", "web-1"),
        ("naïve 日本 🎉", "naïve 日本 🎉"),
        ("a\nb\tc", "a␊b␉c"),
        ("\x1b[31mred", "␛[31mred"),
        ("a\x7f", "a␡"),
        ("a\x9bb", "a�b"),
        ("a\u202eb", "a�b"),
        ("a\u200bb", "a�b"),
        ("a\u2028b", "a�b"),
        ("a\u00a0b", "a b"),
        ("a\ud800b", "a�b"),
        ("", ""),
    ],
)
def test_what_a_terminal_would_obey_is_made_visible(text: str, expected: str) -> None:
    assert printable(text) == expected


@given(st.text())
def test_the_result_is_one_harmless_line(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert len(shown) == len(text)
    assert all(character.isprintable() or character >= "\ue000" for character in shown)
    assert printable(shown) == shown

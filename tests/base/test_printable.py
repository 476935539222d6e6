from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.base.printable import is_url, printable, urls_in


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.com/a?b=c#d, or http://x.", ["https://example.com/a?b=c#d", "http://x"]),
        ("(https://en.wikipedia.org/wiki/A_(b))", ["https://en.wikipedia.org/wiki/A_(b)"]),
        ("[https://a.example]", ["https://a.example"]),
        ("ftp://x javascript://y file:///etc HTTPS://Z https:// ://", []),
        ('https://a.example/"><b', ["https://a.example/"]),
        ("https://a.example/\x1b]8;;http://evil\x07", ["https://a.example/", "http://evil"]),
        ("https://\u202eevil https://ex\u00e4mple.com", ["https://ex"]),
        ("https://" + "a" * 5000, ["https://" + "a" * 2000]),
    ],
)
def test_addresses_of_pages_in_a_text(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in urls_in(text)] == found
    assert all(map(is_url, found))


def test_there_are_so_many_links_and_no_more() -> None:
    assert len([*urls_in("https://a.example " * 500)]) == 20

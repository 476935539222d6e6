"""`kwatch serve`: its words, and what it says of them."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.cli.arguments import UsageError
from kwatch.cli.parser import parse
from kwatch.cli.serve import ServeArguments


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("", {}),
        ("--listen 8080", {"port": 8080}),
        ("--listen 0.0.0.0:8080", {"address": "0.0.0.0", "port": 8080}),
        ("--listen [::1]:8080", {"address": "::1", "port": 8080}),
        ("pods", {"words": ("pods",)}),
        (
            "--max-sessions 2 -- pods -A --context prod",
            {"words": ("pods", "-A", "--context", "prod"), "most_sessions": 2},
        ),
        ("-- demo --objects 5", {"words": ("demo", "--objects", "5")}),
        ("--tls-certificate a --tls-key b", {"certificate": "a", "key": "b"}),
        ("--public-url https://kwatch.example.com/", {"public_url": "https://kwatch.example.com"}),
    ],
)
def test_what_words_mean(words: str, meant: dict[str, Any]) -> None:
    found = parse(["serve", *words.split()])
    assert isinstance(found, ServeArguments)
    assert found == ServeArguments(found.log, **meant)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--listen here", "names no port"),
        ("--listen 99999", "names no port"),
        ("--max-sessions 0", "no number of sessions"),
        ("--tls-key b", "--tls-key needs --tls-certificate"),
        ("--public-url kwatch.example.com", "no address of a page"),
        ("-- logs deploy/cart", "kwatch logs has no screen to serve"),
        ("-- serve", "kwatch serve has no screen to serve"),
        ("-- man", "kwatch man has no screen to serve"),
        ("-- config path", "kwatch config has no screen to serve"),
        ("-- pods --nonsense", "unrecognized arguments: --nonsense"),
        ("-- pods --help", "have no screen to serve"),
    ],
)
def test_what_cannot_be_served_is_a_sentence(words: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse(["serve", *words.split()])

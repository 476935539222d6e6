from __future__ import annotations

from kwatch.query.explanation import explanation
from kwatch.query.matcher import Answer


def test_indices_are_named_with_what_they_gave_and_how_fast() -> None:
    answers = (Answer("app=cart", "label index", 1500, 0.0004), Answer("cart", "scan", None, 0.0))
    assert explanation(answers) == "label index 1,500, scan for cart; 400 us"
    assert explanation((Answer("ns:a", "ns index", 3, 0.0021),)) == "ns index 3; 2.1 ms"
    assert explanation((Answer("x", "scan", None, 0.0), Answer("!y", "scan", None, 0.0))) == "scan for x !y"
    assert explanation(()) == ""

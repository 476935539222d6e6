from __future__ import annotations

from kwatch.query.query import explanation
from kwatch.query.term import Answer


def test_indices_are_named_with_what_they_gave_and_how_fast() -> None:
    answers = (Answer("app=cart", "label index", 1500, 0.0004), Answer("cart", "scan", None, 0.0))
    assert explanation(answers) == "label index 1,500, scan for cart; 400 us"
    assert explanation((Answer("ns:a", "ns index", 3, 0.0021),)) == "ns index 3; 2.1 ms"
    assert explanation((Answer("x", "scan", None, 0.0), Answer("!y", "scan", None, 0.0))) == "scan for x !y"
    assert explanation(()) == ""


def test_long_terms_and_many_terms_are_told_shortly() -> None:
    answers = [Answer("x" * 10_000, "scan", None, 0.0), *[Answer(f"t{n}", "scan", None, 0.0) for n in range(2_000)]]
    assert explanation(answers) == f"scan for {'x' * 39}… t0 t1 t2 t3 and 1,996 more"

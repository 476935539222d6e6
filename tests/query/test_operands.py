from __future__ import annotations

import time

import pytest

from kwatch.query.operands import parse_duration, parse_number, parse_quantity


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10m", 600), ("1h30m", 5400), ("90s", 90), ("2d", 172800), ("1w", 604800), ("1.5h", 5400), ("45", 45),
     ("500ms", 0.5),
     ("", None), ("m", None), ("10", 10), ("-5", None), ("5x", None), ("1h 2m", None), ("9" * 400 + "s", None)],
)  # fmt: skip
def test_durations(text: str, expected: float | None) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("500m", 0.5), ("2Gi", 2**31), ("3", 3), ("1e3", 1000), ("x", None), ("1k", 1000), ("", None), ("nan", None)],
)
def test_quantities(text: str, expected: float | None) -> None:
    assert parse_quantity(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("3", 3), ("-0.5", -0.5), ("1e3", 1000), ("1e999", None), ("inf", None), ("5m", None)]
)
def test_numbers(text: str, expected: float | None) -> None:
    assert parse_number(text) == expected


def test_ten_thousand_digits_are_no_number_and_that_is_seen_at_once() -> None:
    began = time.thread_time()
    for parse in (parse_number, parse_quantity, parse_duration):
        assert parse("9" * 10_000) is None
        assert parse("9" * 10_000 + "s") is None
    assert time.thread_time() - began < 0.1

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.base.duration import humanize, parse_duration, parse_go_duration, parse_span, unchanged_for
from kwatch.base.quantity import parse_number, quantity_order

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-2, "<invalid>"),
        (-1.9, "0s"),
        (-0.5, "0s"),
        (0, "0s"),
        (59.9, "59s"),
        (119.99, "119s"),
        (2 * MINUTE, "2m"),
        (2 * MINUTE + 1, "2m1s"),
        (10 * MINUTE - 1, "9m59s"),
        (10 * MINUTE, "10m"),
        (3 * HOUR - 1, "179m"),
        (3 * HOUR, "3h"),
        (3 * HOUR + 59, "3h"),
        (3 * HOUR + MINUTE, "3h1m"),
        (8 * HOUR - 1, "7h59m"),
        (8 * HOUR, "8h"),
        (2 * DAY - 1, "47h"),
        (2 * DAY, "2d"),
        (2 * DAY + HOUR, "2d1h"),
        (8 * DAY - 1, "7d23h"),
        (8 * DAY, "8d"),
        (2 * YEAR - 1, "729d"),
        (2 * YEAR, "2y"),
        (2 * YEAR + DAY, "2y1d"),
        (8 * YEAR - 1, "7y364d"),
        (8 * YEAR, "8y"),
        (30 * YEAR, "30y"),
    ],
)
def test_durations_are_kubectls(seconds: float, text: str) -> None:
    assert humanize(seconds) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10m", 600), ("1h30m", 5400), ("90s", 90), ("2d", 172800), ("1w", 604800), ("1.5h", 5400), ("45", 45),
     ("500ms", 0.5),
     ("", None), ("m", None), ("10", 10), ("-5", None), ("5x", None), ("1h 2m", None), ("9" * 400 + "s", None)],
)  # fmt: skip
def test_durations(text: str, expected: float | None) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30.0), ("1.5m", 90.0), ("2h", 7200.0), ("1d", 86400.0)])
def test_spans(text: str, seconds: float) -> None:
    assert parse_span(text) == seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", 30),
        ("1m30s", 90),
        ("-1.5h", -5400),
        ("+2ms", 0.002),
        (".5s", 0.5),
        ("1d", None),
        ("30", None),
        ("", None),
    ],
)
def test_durations_of_go(text: str, expected: float | None) -> None:
    assert parse_go_duration(text) == expected


def test_ten_thousand_digits_are_no_number_and_that_is_seen_at_once() -> None:
    began = time.thread_time()
    for parse in (parse_number, quantity_order, parse_duration):
        assert parse("9" * 10_000) is None
        assert parse("9" * 10_000 + "s") is None
    assert time.thread_time() - began < 0.1


_QUARTERS = (
    st.integers(-12, 4 * 12 * YEAR)
    | st.integers(0, 4 * 8 * 3600)
    | st.integers(0, 8 * 96).map(lambda hours: 4 * HOUR * hours)
)


@given(_QUARTERS.map(lambda quarters: quarters / 4), st.floats(0, 0.999))
def test_it_is_known_how_long_a_duration_reads_the_same(seconds: float, part: float) -> None:
    rest = unchanged_for(seconds)
    assert 0 < rest <= DAY
    assert humanize(seconds + rest * part) == humanize(seconds)


@pytest.mark.parametrize(
    ("seconds", "rest"), [(5, 1), (599, 1), (600, 60), (4 * HOUR + 59, 1), (3 * DAY + 1, HOUR - 1)]
)
def test_ages_of_hours_change_with_the_minutes_and_those_of_days_with_the_hours(seconds: int, rest: int) -> None:
    assert unchanged_for(seconds) == rest

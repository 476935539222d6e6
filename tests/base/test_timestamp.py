"""Moments of the API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.base.timestamp import micro_timestamp, parse_time, parse_timestamp, time_or_none, timestamp


def test_a_moment() -> None:
    assert parse_timestamp("1970-01-01T00:01:00Z") == 60
    assert parse_timestamp("1970-01-01T02:01:00.5+02:00") == 60.5


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z"])
def test_what_is_outside_of_the_calendar_elsewhere_can_be_shown_everywhere(text: str) -> None:
    at = parse_timestamp(text)
    assert datetime.fromtimestamp(at, UTC).year in (1, 9999)
    assert datetime.fromtimestamp(at).astimezone().year in (1, 9999)


@pytest.mark.parametrize("text", ["", "soon", "2024-13-45T00:00:00Z", "2024-01-01T00:00:00", "99999-01-01T00:00:00Z"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError):
        parse_timestamp(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:10Z", 10.0),
        ("1970-01-01T00:00:10.5Z", 10.5),
        ("1970-01-01T00:00:10.123456789Z", 10.123456),
        ("1970-01-01T01:00:10+01:00", 10.0),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
    ],
)
def test_moments_are_seconds(text: str | None, seconds: float | None) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "12"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|month|time zone"):
        parse_time(text)


def test_what_an_object_holds_is_a_time_or_none() -> None:
    assert time_or_none("1970-01-01T00:00:10Z") == 10.0
    assert [time_or_none(each) for each in ("yesterday", "", None, 12, ["1970-01-01T00:00:10Z"])] == [None] * 5


def test_times_are_written_as_kubernetes_writes_them() -> None:
    assert timestamp(1_795_000_000.7) == "2026-11-18T11:06:40Z"
    assert micro_timestamp(1_795_000_000.75) == "2026-11-18T11:06:40.750000Z"


@given(st.integers(0, 4_000_000_000))
def test_whole_seconds_survive(at: int) -> None:
    assert parse_timestamp(timestamp(at)) == at


@given(st.floats(0, 4_000_000_000))
def test_microseconds_survive(at: float) -> None:
    assert abs(parse_timestamp(micro_timestamp(at)) - at) < 2e-6

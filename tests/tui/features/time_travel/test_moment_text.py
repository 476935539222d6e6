"""Moments as people write them."""

from __future__ import annotations

import time

import pytest

from kwatch.tui.features.time_travel.moment import is_distance, read_moment

NOON = time.mktime((2026, 11, 23, 12, 0, 0, 0, 0, -1))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("-10m", -600),
        ("90s", -90),
        ("1.5h", -5400),
        ("-1d", -86400),
        ("+5m", -600),
        ("11:59", -60),
        ("11:59:30", -30),
        ("12:01", -86340),
        ("2026-11-23 11:00", -3600),
        ("2026-11-23T11:00:10", -3590),
    ],
)
def test_moments(text: str, seconds: float) -> None:
    assert read_moment(text, NOON - 900, NOON) == NOON + seconds


@pytest.mark.parametrize("text", ["", "noon", "25:00", "-m", "1:2:3:4", "+-5m", "2026-13-01 10:00"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="not a moment: write 14:02"):
        read_moment(text, NOON - 900, NOON)


def test_distances() -> None:
    assert [is_distance(text) for text in ("-10m", "+5m", "3s", "14:02")] == [True, True, True, False]

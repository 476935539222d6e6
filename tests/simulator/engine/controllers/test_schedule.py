from __future__ import annotations

import pytest

from kwatch.base.timestamp import parse_timestamp, timestamp
from kwatch.simulator.engine.jobs import matches, next_time, previous_time


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        ("* * * * *", "2026-11-23T10:00:00Z", "2026-11-23T10:01:00Z"),
        ("* * * * *", "2026-11-23T10:00:59Z", "2026-11-23T10:01:00Z"),
        ("*/5 * * * *", "2026-11-23T10:03:00Z", "2026-11-23T10:05:00Z"),
        ("0 3 * * *", "2026-11-23T10:00:00Z", "2026-11-24T03:00:00Z"),
        ("30 6 * * 1", "2026-11-23T10:00:00Z", "2026-11-30T06:30:00Z"),
        ("15,45 8-9 * * *", "2026-11-23T08:15:00Z", "2026-11-23T08:45:00Z"),
        ("0 0 1 * *", "2026-11-23T10:00:00Z", "2026-12-01T00:00:00Z"),
    ],
)
def test_the_next_time_is_the_first_that_matches(schedule: str, after: str, expected: str) -> None:
    found = next_time(schedule, parse_timestamp(after))
    assert timestamp(found) == expected
    assert matches(schedule, found)


def test_the_previous_time_may_be_now() -> None:
    now = parse_timestamp("2026-11-23T10:05:00Z")
    assert previous_time("*/5 * * * *", now) == now
    assert previous_time("*/5 * * * *", now - 1) == now - 300

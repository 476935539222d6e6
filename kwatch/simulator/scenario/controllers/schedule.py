"""Cron schedules: `*/5 * * * *`."""

from __future__ import annotations

import time
from functools import lru_cache

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_MOST_MINUTES = 60 * 24 * 40


@lru_cache(maxsize=256)
def _fields(schedule: str) -> tuple[frozenset[int], ...]:
    return tuple(_values(text, *bounds) for text, bounds in zip(schedule.split(), _RANGES, strict=True))


def _values(text: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = low if span == "*" else int(first)
        end = high if span == "*" else int(last or first)
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def matches(schedule: str, at: float) -> bool:
    """Whether a schedule names the minute of a time (UTC)."""
    minute, hour, day, month, weekday = _fields(schedule)
    parts = time.gmtime(at)
    return (
        parts.tm_min in minute
        and parts.tm_hour in hour
        and parts.tm_mday in day
        and parts.tm_mon in month
        and (parts.tm_wday + 1) % 7 in weekday
    )


def next_time(schedule: str, after: float) -> float:
    """The first minute after a time that a schedule names."""
    return _search(schedule, int(after // 60) * 60 + 60, 60)


def previous_time(schedule: str, before: float) -> float:
    """The last minute at or before a time that a schedule names."""
    return _search(schedule, int(before // 60) * 60, -60)


def _search(schedule: str, minute: int, step: int) -> float:
    for _ in range(_MOST_MINUTES):
        if matches(schedule, minute):
            return float(minute)
        minute += step
    return float(minute)

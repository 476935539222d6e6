"""A moment in the past: after which delta, and when that was."""

from __future__ import annotations

import time
from typing import NamedTuple

DAY = 86400


class Moment(NamedTuple):
    """`sequence` is the last delta received up to `at`, in seconds since the epoch."""

    sequence: int
    at: float


def clock_text(at: float, now: float, *, fine: bool = True) -> str:
    """`14:02:10.25` in local time, with the date if that is not the date of `now`."""
    then, today = time.localtime(at), time.localtime(now)
    text = time.strftime("%H:%M:%S", then) + (f".{int(at * 100) % 100:02d}" if fine else "")
    return text if then[:3] == today[:3] else f"{time.strftime('%b %d', then)} {text}"


def length_text(seconds: float) -> str:
    """`0:42`, `14:02`, `1:02:10`: how long, or how far."""
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"

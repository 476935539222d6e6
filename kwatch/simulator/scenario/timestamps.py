"""Times as Kubernetes writes them."""

from __future__ import annotations

import time
from calendar import timegm
from functools import lru_cache


@lru_cache(maxsize=1024)
def _date(day: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(day * 86_400))


def _whole_second(second: int) -> str:
    day, rest = divmod(second, 86_400)
    return f"{_date(day)}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"


def timestamp(seconds: float) -> str:
    """metav1.Time: `2026-11-23T03:46:53Z`."""
    return _whole_second(int(seconds)) + "Z"


def micro_timestamp(seconds: float) -> str:
    """metav1.MicroTime: `2026-11-23T03:46:53.364401Z`."""
    second = int(seconds)
    return f"{_whole_second(second)}.{int((seconds - second) * 1_000_000):06d}Z"


@lru_cache(maxsize=8192)
def seconds(text: str) -> float:
    """Seconds since the epoch of a time written by one of the above."""
    whole = timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
    return whole + (float(text[19:-1]) if len(text) > 20 else 0.0)

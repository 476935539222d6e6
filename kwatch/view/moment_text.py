"""Moments as people write them: `14:02`, `-10m`, `+5m`."""

from __future__ import annotations

import re
import time

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DISTANCE = re.compile(r"([+-]?)(\d+(?:\.\d+)?)([smhd])")
_CLOCKS = ("%H:%M:%S", "%H:%M")
_DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
DAY = 86400


def read_moment(text: str, began: float, ended: float) -> float:
    """`-10m` (or `10m`) before the end, `+5m` after the beginning, `14:02` or `14:02:10` on the last day that has come
    to it, `2026-11-23 14:02`. Seconds since the epoch, in and out; raise ValueError with a sentence.
    """
    text = text.strip().replace("T", " ")
    distance = _DISTANCE.fullmatch(text)
    if distance is not None:
        seconds = float(distance[2]) * _UNITS[distance[3]]
        return began + seconds if distance[1] == "+" else ended - seconds
    for form in _DATES:
        try:
            return time.mktime(time.strptime(text, form))
        except (ValueError, OverflowError):
            continue
    for form in _CLOCKS:
        try:
            clock = time.strptime(text, form)
        except ValueError:
            continue
        today = time.localtime(ended)
        moment = time.mktime((*today[:3], clock.tm_hour, clock.tm_min, clock.tm_sec, 0, 0, -1))
        return moment if moment <= ended else moment - DAY
    raise ValueError(f"{text!r} is no moment: write 14:02, 14:02:10, -10m (before the end) or +5m (from the beginning)")


def is_distance(text: str) -> bool:
    """Whether a moment is written as so long before or after another."""
    return _DISTANCE.fullmatch(text.strip()) is not None

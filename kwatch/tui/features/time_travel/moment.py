"""Moments in the past, how people write them, and how fast time is played."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


DAY = 86400


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


SPEEDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


@dataclass(frozen=True, slots=True)
class Replay:
    """What was asked of `kwatch replay`. `start` is a moment as people write it, empty for the beginning."""

    speed: float = 1.0
    paused: bool = False
    start: str = ""
    idle: float | None = None
    """The longest time, in seconds of the recording, in which nothing happens; None for as long as it was."""
    file: str = ""
    """What is replayed; empty if nothing is."""
    done: Callable[[], float] = float
    """How much of it was read, between 0 and 1."""
    problems: Callable[[], Sequence[str]] = tuple
    """What could not be read, in sentences, once everything was tried."""


def faster(speed: float) -> float:
    return next((each for each in SPEEDS if each > speed), SPEEDS[-1])


def slower(speed: float) -> float:
    return next((each for each in reversed(SPEEDS) if each < speed), SPEEDS[0])


def read_speed(text: str) -> float:
    """`10`, `10x`, `0.5`; raise ValueError with a sentence."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)x?", text.strip())
    if match is None or not SPEEDS[0] <= float(match[1]) <= SPEEDS[-1]:
        raise ValueError(f"{text!r} is not a speed: write a number from {SPEEDS[0]:g} to {SPEEDS[-1]:g}, e.g. 10")
    return float(match[1])


def speed_text(speed: float) -> str:
    return f"{speed:g}x"


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DISTANCE = re.compile(r"([+-]?)(\d+(?:\.\d+)?)([smhd])")
_CLOCKS = ("%H:%M:%S", "%H:%M")
_DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")


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
    raise ValueError(
        f"{text!r} is not a moment: write 14:02, 14:02:10, -10m (before the end) or +5m (from the beginning)"
    )


def is_distance(text: str) -> bool:
    """Whether a moment is written as so long before or after another."""
    return _DISTANCE.fullmatch(text.strip()) is not None

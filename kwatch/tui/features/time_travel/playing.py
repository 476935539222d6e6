"""How fast time is played, and how a recording begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    """The next higher speed."""
    return next((each for each in SPEEDS if each > speed), SPEEDS[-1])


def slower(speed: float) -> float:
    """The next lower speed."""
    return next((each for each in reversed(SPEEDS) if each < speed), SPEEDS[0])


def read_speed(text: str) -> float:
    """`10`, `10x`, `0.5`; raise ValueError with a sentence."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)x?", text.strip())
    if match is None or not SPEEDS[0] <= float(match[1]) <= SPEEDS[-1]:
        raise ValueError(f"{text!r} is no speed: write a number from {SPEEDS[0]:g} to {SPEEDS[-1]:g}, e.g. 10")
    return float(match[1])


def speed_text(speed: float) -> str:
    """`10x`, `0.25x`."""
    return f"{speed:g}x"

"""Time, injectable: everything that waits or stamps asks a Clock, so that tests never sleep."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What the machinery knows of time."""

    def monotonic(self) -> float:
        """Seconds that never go backwards; for intervals."""
        ...

    def time(self) -> float:
        """Seconds since the epoch; for stamps that people read."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set or `seconds` have passed; True if it was set."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait on the event itself, so that a stop is noticed at once."""
        return event.wait(seconds)


class ShiftedClock:
    """A clock whose time of day is another one: `time` is what it said when the clock was made."""

    def __init__(self, clock: Clock, time: float) -> None:
        self._clock = clock
        self._shift = time - clock.time()

    def monotonic(self) -> float:
        """As ever."""
        return self._clock.monotonic()

    def time(self) -> float:
        """Seconds since the epoch, from the other time on."""
        return self._clock.time() + self._shift

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """As ever."""
        return self._clock.wait(event, seconds)

"""Time, injectable: everything that waits or stamps asks a Clock, so that tests never sleep."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What the machinery knows of time."""

    def monotonic(self) -> float:
        """Seconds that never go backwards; for intervals."""

    def time(self) -> float:
        """Seconds since the epoch; for stamps that people read."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set or `seconds` have passed; True if it was set."""


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        return time.monotonic()

    def time(self) -> float:
        return time.time()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)


class ShiftedClock:
    """A clock with another time of day: `time` is what it shows when it is made."""

    def __init__(self, clock: Clock, time: float) -> None:
        self._clock = clock
        self._shift = time - clock.time()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def time(self) -> float:
        return self._clock.time() + self._shift

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return self._clock.wait(event, seconds)


class FakeClock:
    """A Clock that stands still until it is stepped; with `jumps`, each wait moves it and returns at once."""

    def __init__(self, now: float = 1_700_000_000.0, *, jumps: bool = False) -> None:
        self.now = now
        self.waits: list[float] = []
        """The seconds of each wait, in order."""
        self._jumps = jumps
        self._changed = threading.Condition()

    def monotonic(self) -> float:
        """The same as `time`."""
        return self.now

    def time(self) -> float:
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        with self._changed:
            due = self.now + seconds
            self.waits.append(seconds)
            self._changed.notify_all()
            if self._jumps:
                self.now = max(self.now, due)
                # A loop of waits must not take the whole machine.
                self._changed.wait(0.001)
            # An event cannot notify a condition, so it is polled.
            while self.now < due and not event.is_set():
                self._changed.wait(0.005)
        return event.is_set()

    def step(self, seconds: float) -> None:
        """Let time pass, and wake the threads that wait for it."""
        with self._changed:
            self.now += seconds
            self._changed.notify_all()

    def wait_for_waits(self, count: int = 1, timeout: float = 5.0) -> bool:
        """Wait, in real time, until so many waits were asked for."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.waits) >= count, timeout)

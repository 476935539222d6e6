"""Time that only a test moves, and waiting for what nobody announces."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class FakeClock:
    """A Clock that stands still until it is stepped; with `jumps`, whoever waits moves it, and waits no time."""

    def __init__(self, now: float = 1_700_000_000.0, *, jumps: bool = False) -> None:
        self.now = now
        self.waits: list[float] = []
        """For how many seconds somebody wanted to wait, in order."""
        self._jumps = jumps
        self._changed = threading.Condition()

    def monotonic(self) -> float:
        """The same as `time`."""
        return self.now

    def time(self) -> float:
        """Seconds since the epoch."""
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set, or the clock was stepped so far."""
        with self._changed:
            due = self.now + seconds
            self.waits.append(seconds)
            self._changed.notify_all()
            if self._jumps:
                self.now = max(self.now, due)
                # Who waits again and again must not take the whole machine.
                self._changed.wait(0.001)
            # An event cannot tell a condition; so it is looked at.
            while self.now < due and not event.is_set():
                self._changed.wait(0.005)
        return event.is_set()

    def step(self, seconds: float) -> None:
        """Let time pass, and wake who waited for it."""
        with self._changed:
            self.now += seconds
            self._changed.notify_all()

    def wait_for_waits(self, count: int = 1, timeout: float = 5.0) -> bool:
        """Wait, really, until somebody has wanted to wait so often."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.waits) >= count, timeout)


def eventually(condition: Callable[[], object], timeout: float = 5.0) -> bool:
    """Wait, really, until something is true that nobody announces: whether it is."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.002)
    return True

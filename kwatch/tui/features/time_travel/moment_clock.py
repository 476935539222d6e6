"""A clock that stands still at the moment shown, so that ages, `since:` and health are those of then."""

from __future__ import annotations

import threading

from kwatch.informer.clock import Clock


class MomentClock:
    """Intervals go on; only the time of day is another one."""

    def __init__(self, clock: Clock, moment: float) -> None:
        self.moment = moment
        """Seconds since the epoch."""
        self._clock = clock

    def monotonic(self) -> float:
        """As ever."""
        return self._clock.monotonic()

    def time(self) -> float:
        """The moment."""
        return self.moment

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """As ever."""
        return self._clock.wait(event, seconds)

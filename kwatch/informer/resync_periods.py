"""How the resync periods of many handlers become one timer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from kwatch.informer.clock import Clock
from kwatch.informer.delta_fifo import next_sequence
from kwatch.informer.registration import Registration

log = logging.getLogger("kwatch.informer")

LEAST = 1.0
"""Seconds; a shorter period is raised to this."""


class ResyncPeriods:
    """`check` is how often the timer asks who is due. It can be lowered until the informer starts."""

    def __init__(self, default: float, clock: Clock) -> None:
        self.default = default
        self.check = default
        self._clock = clock
        self._lock = threading.Lock()

    def admit(self, wanted: float | None, started: bool) -> float:
        """The period that a new handler gets; None asks for the informer's own."""
        period = self.default if wanted is None else wanted
        if period <= 0:
            return 0.0
        period = max(period, LEAST)
        with self._lock:
            if not started:
                self.check = min(self.check or period, period)
            elif not self.check:
                log.warning("no resync: the informer was started without one")
                return 0.0
        return max(period, self.check)

    def choose(self, registrations: Sequence[Registration]) -> bool:
        """Have those that are due hear the next resync; whether there are any."""
        now, sequence = self._clock.monotonic(), next_sequence()
        due = [registration.look_at_clock(now, sequence) for registration in registrations]
        return any(due)

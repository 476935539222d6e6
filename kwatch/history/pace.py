"""When the background works: in a flood by turns rather than beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import inf

from kwatch.informer.clock import Clock

FLOOD = 1000.0
"""Deltas a second from which on working beside the informers costs both more than working by turns: every object
packed or unpacked hands the interpreter's lock to and fro.
"""
REST = 0.1
"""Seconds between two turns in a flood..."""
TURN = 0.5
"""...and seconds that one may take."""


class Pace:
    """Used by one thread; `arrivals` counts the deltas that ever came."""

    def __init__(self, arrivals: Callable[[], int], clock: Clock) -> None:
        self._arrivals = arrivals
        self._clock = clock
        self._stop = threading.Event()
        self._looked_at = clock.monotonic()
        self._seen = arrivals()

    def rest(self) -> float:
        """Return when the next turn may begin; the result is until when it may take, by the clock's monotonic time."""
        if not self._is_flooded():
            return inf
        self._clock.wait(self._stop, REST)
        return self._clock.monotonic() + TURN

    def stop(self) -> None:
        """End a rest, and every later one; from any thread."""
        self._stop.set()

    def _is_flooded(self) -> bool:
        now, arrived = self._clock.monotonic(), self._arrivals()
        seconds, count = now - self._looked_at, arrived - self._seen
        self._looked_at, self._seen = now, arrived
        return count > FLOOD * max(seconds, REST)

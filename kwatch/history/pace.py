"""When the background works: after a flood rather than beside it, but never put off for long."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kwatch.informer.clock import Clock

FLOOD = 1000.0
"""Deltas a second from which on working beside the informers costs both more than working after them: every object
packed or unpacked hands the interpreter's lock to and fro.
"""
PATIENCE = 2.0
"""Seconds that a flood may put the work off..."""
SLICE = 0.1
"""...and seconds that then belong to the work, or pass until it is asked again whether there is a flood."""
NAP = 0.02


class Pace:
    """Used by one thread; `arrivals` counts the deltas that ever came."""

    def __init__(self, arrivals: Callable[[], int], clock: Clock) -> None:
        self._arrivals = arrivals
        self._clock = clock
        self._stop = threading.Event()
        self._looked_at = clock.monotonic()
        self._seen = arrivals()
        self._free_until = 0.0

    def wait(self) -> None:
        """Return when the next piece of work may be done."""
        if self._clock.monotonic() < self._free_until:
            return
        flooded = self._is_flooded()
        latest = self._clock.monotonic() + PATIENCE
        while flooded and self._clock.monotonic() < latest and not self._clock.wait(self._stop, NAP):
            flooded = self._is_flooded()
        self._free_until = self._clock.monotonic() + SLICE

    def stop(self) -> None:
        """End a wait, and every later one; from any thread."""
        self._stop.set()

    def _is_flooded(self) -> bool:
        now, arrived = self._clock.monotonic(), self._arrivals()
        seconds, count = now - self._looked_at, arrived - self._seen
        self._looked_at, self._seen = now, arrived
        return count > FLOOD * max(seconds, NAP)

"""For how long a watch that ends with an internal error is opened again without a list."""

from __future__ import annotations

from kwatch.informer.clock import Clock
from kwatch.informer.errors import is_internal

_CALM = 60.0
"""Seconds without an internal error after which the next one is a first one."""


class InternalErrorRetry:
    """Counts from the first internal error; other errors neither start nor end the time."""

    def __init__(self, duration: float, clock: Clock) -> None:
        self._duration = duration
        self._clock = clock
        self._first = self._last = float("-inf")

    def after(self, error: Exception) -> None:
        """A watch ended with this error."""
        if not is_internal(error):
            return
        now = self._clock.monotonic()
        if now - self._last >= _CALM:
            self._first = now
        self._last = now

    def should_retry(self) -> bool:
        """Whether to open the watch again."""
        return self._duration > 0 and self._clock.monotonic() - self._first <= self._duration

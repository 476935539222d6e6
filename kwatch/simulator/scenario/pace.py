"""How many changes may be made now, so that it is so many a second in the long run."""

from __future__ import annotations

_MOST = 4.0
_RESERVE = 2.0
"""Seconds of changes that can be saved up, and that are kept for what the story needs at once."""


class Pace:
    """An account of changes: it fills with time."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._last = now
        self._balance = max(1.0, _RESERVE * rate)

    def advance(self, now: float) -> None:
        """Time has passed."""
        self._balance = min(max(1.0, _MOST * self._rate), self._balance + (now - self._last) * self._rate)
        self._last = now

    def spend(self, changes: int) -> None:
        """So many changes were made."""
        self._balance -= changes

    @property
    def allows_change(self) -> bool:
        """Whether what is due may be done."""
        return self._balance >= 1.0

    @property
    def asks_for_change(self) -> bool:
        """Whether something must be found to do."""
        return self._balance >= max(1.0, _RESERVE * self._rate)

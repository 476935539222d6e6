"""Churn fades while time passes: which rows must be ordered and filtered again although nothing happened to them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Protocol

PERIOD = 5.0
"""Seconds between looks."""


class BusyKeys(Protocol):
    """Knows whose churn is not nothing."""

    def busy(self) -> AbstractSet[str]:
        """The keys that had a delta in the last minutes."""
        ...


class Fading:
    """Looks from time to time; those that were busy at the look before are told once more, because they fell silent."""

    def __init__(self, source: BusyKeys) -> None:
        self._source = source
        self._looked_at: float | None = None
        self._before: AbstractSet[str] = frozenset()

    def due(self, now: float) -> AbstractSet[str]:
        """The keys to look at again, if it is time."""
        if self._looked_at is not None and 0 <= now - self._looked_at < PERIOD:
            return frozenset()
        self._looked_at = now
        return self.all()

    def all(self) -> AbstractSet[str]:
        """The keys to look at again."""
        before, self._before = self._before, self._source.busy()
        return before | self._before

"""The two moments that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.tui.past.moment import clock_text

if TYPE_CHECKING:
    from kwatch.history.baseline import Baseline


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` (None: when watching began) until `until` (None: now)."""

    since: Baseline | None = None
    until: Baseline | None = None

    @staticmethod
    def between(one: Baseline | None, other: Baseline | None) -> Span:
        """The earlier one comes first, wherever one stands."""
        if one is not None and other is not None and other.sequence < one.sequence:
            one, other = other, one
        return Span(one, other)

    def since_words(self, now: float) -> str:
        """`14:02:10`, `watching began`."""
        return clock_text(self.since.at, now, fine=False) if self.since is not None else "watching began"

    def words(self, now: float) -> str:
        """`since 14:02:10`, `from 14:02:10 to 14:05:31`."""
        since = self.since_words(now)
        if self.until is None:
            return f"since {since}"
        return f"from {since} to {clock_text(self.until.at, now, fine=False)}"

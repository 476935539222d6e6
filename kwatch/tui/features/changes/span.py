"""The two moments that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.tui.features.time_travel.moment import clock_text

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

    def words(self, now: float) -> str:
        """`since 14:02:10`, `from 14:02:10 to 14:05:31`."""
        since, until = (clock_text(each.at, now, fine=False) if each else "" for each in (self.since, self.until))
        if until:
            return f"from {since} to {until}" if since else f"up to {until}"
        return f"since {since or 'watching began'}"

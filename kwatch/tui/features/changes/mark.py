"""The baseline that is set, with the sign of it in a header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.features.changes.holding import Holding
from kwatch.tui.features.changes.wish import LEFT_OUT
from kwatch.tui.features.time_travel.moment import clock_text

if TYPE_CHECKING:
    from kwatch.history.baseline import Baseline
    from kwatch.session.session import Session

PERIOD = 1.0
"""Seconds between counts."""


class Mark:
    """Counts in the journal's index how much changed since, about once a second. `clear` before it is replaced."""

    def __init__(self, baseline: Baseline, session: Session) -> None:
        self.baseline = baseline
        self._holding = Holding(session)
        self._sequence = -1
        self._counted_at = 0.0
        self._count = 0

    def sign(self, session: Session | None, now: float) -> str:
        """`Δ 12 since 14:02:10`: until now."""
        journal = session.journal if session is not None else None
        if session is None or journal is None:
            return ""
        if now - self._counted_at >= PERIOD:
            self._counted_at = now
            self._holding.drain()
            if journal.last_sequence != self._sequence or journal.backlog:
                self._sequence = journal.last_sequence
                self._count = journal.changed_since(session.context, self.baseline.at, LEFT_OUT)
        return f"Δ {self._count:,} since {clock_text(self.baseline.at, now, fine=False)}"

    def words(self, now: float) -> str:
        """`baseline 14:02:10`: which one is set, for where it is not now."""
        return f"baseline {clock_text(self.baseline.at, now, fine=False)}"

    def clear(self) -> None:
        """It is the baseline no longer."""
        self._holding.release()

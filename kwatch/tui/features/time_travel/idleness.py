"""Stretches in which nothing arrived, cut short while time is played."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kwatch.history.recording.playhead import Playhead
    from kwatch.tui.features.time_travel.last_delta import LastDelta


class Idleness:
    """`limit` is the longest wait for a delta, in seconds of the time that is played; None waits as long as it was."""

    def __init__(self, delta: LastDelta, limit: float | None = None) -> None:
        self.limit = limit
        self.skipped = 0.0
        """How many seconds were left out last."""
        self.skipped_to = 0.0
        """The moment that was gone to for that."""
        self._delta = delta

    def hop(self, playhead: Playhead, sequence: int) -> None:
        """Go to the next delta if there was enough of waiting for it; `sequence` is where one stands."""
        limit, at = self.limit, playhead.position
        if limit is None:
            return
        last = self._delta.at(sequence)
        if last is None or at - last.at < limit:
            return
        following = self._delta.next(sequence)
        if following is not None and following.at > at + limit * 0.1 + 0.05:
            self.skipped, self.skipped_to = following.at - at, following.at
            playhead.seek(following.at)

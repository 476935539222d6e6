"""Since when the server is out of sight."""

from __future__ import annotations

from collections.abc import Callable

from kwatch.informer.clock import Clock
from kwatch.informer.status import StatusRecorder

GapListener = Callable[[float, float, str], None]
"""Hears since when, until when (seconds since the epoch) and why nothing was watched."""


class Contact:
    """Tells of every gap once, when it is over; before the first list there is nothing to miss."""

    def __init__(self, clock: Clock, recorder: StatusRecorder, on_gap: GapListener | None) -> None:
        self._clock = clock
        self._recorder = recorder
        self._on_gap = on_gap
        self._cause = ""
        self._synced = False
        recorder.disconnected_since = clock.time()

    def lost(self, cause: str) -> None:
        """Nothing is watched any more."""
        if self._recorder.disconnected_since is None:
            self._recorder.disconnected_since = self._clock.time()
            self._cause = cause

    def regained(self) -> None:
        """A list is about to be written, or a watch is open."""
        since = self._recorder.disconnected_since
        self._recorder.disconnected_since = None
        if since is not None and self._synced and self._on_gap is not None:
            self._on_gap(since, self._clock.time(), self._cause)
        self._synced = True

"""Waiting before the next attempt, and what counts as a success."""

from __future__ import annotations

import threading
from typing import Protocol

from kwatch.informer.clock import Clock
from kwatch.informer.refusals import is_forbidden, is_gone, is_refused, retry_after
from kwatch.informer.status import WATCH, Phase
from kwatch.informer.status_recorder import StatusRecorder

LONGEST_RETRY_AFTER = 3600.0
"""A server that asks for more is not believed."""
POLL = 15.0
"""Seconds between lists where watches are refused; two requests each time are eight a minute."""
LONGEST_POLL = 300.0
POLL_SHARE = 10
"""How many times as long as a list took is waited until the next one."""


class Delays(Protocol):
    """What is asked of a backoff."""

    def next(self) -> float:
        """Seconds to wait now."""
        ...

    def reset(self) -> None:
        """Begin anew."""
        ...


class Retries:
    """Grows the waits until something succeeds: a finished replace, an event, a bookmark.

    A replace does not count while watches fail right after it: a server that lists but never watches would otherwise
    be asked for everything each second.
    """

    def __init__(self, delays: Delays, clock: Clock, recorder: StatusRecorder) -> None:
        self._delays = delays
        self._clock = clock
        self._recorder = recorder
        self._barren = False
        self._twice = False
        self._poll = POLL
        self.refused = False
        """Whether the last attempt was refused and nothing succeeded since; then only a list is worth a try."""

    def replaced(self, seconds: float = 0.0) -> None:
        """A list came, whole, and took so long."""
        self._poll = min(LONGEST_POLL, max(POLL, POLL_SHARE * seconds))
        self.refused = False
        if not self._barren:
            self._delays.reset()

    def heard(self) -> None:
        """A watch said something."""
        self._barren = self.refused = False
        self._delays.reset()

    def watch_failed(self, events: int) -> None:
        """A watch ended after so many events and bookmarks, and a list is needed."""
        if not events:
            self._barren = self._twice = True

    def pause(self, stop: threading.Event, error: Exception | None = None) -> None:
        """Wait, at least as long as the server asked for."""
        self.refused = self.refused or error is not None
        recorder = self._recorder
        recorder.phase = phase = _phase(error, recorder.refused)
        if self._twice and phase is not Phase.POLLING:
            # A list and a watch for each attempt: twice the requests, so the waits grow twice as fast.
            self._delays.next()
        self._twice = False
        delay = self._poll if phase is Phase.POLLING else self._delays.next()
        delay = max(delay, min(retry_after(error), LONGEST_RETRY_AFTER))
        recorder.retries += 1
        recorder.next_retry_at = self._clock.time() + delay
        self._clock.wait(stop, delay)
        recorder.next_retry_at = None


def _phase(error: Exception | None, refused: tuple[str, ...]) -> Phase:
    if error is not None and is_refused(error) and refused == (WATCH,):
        return Phase.POLLING
    if error is not None and is_forbidden(error):
        return Phase.FORBIDDEN
    if error is not None and is_gone(error):
        return Phase.GONE
    return Phase.BACKING_OFF

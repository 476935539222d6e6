"""Watches over a stream that owes the bookmark that ends its initial events."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Self

from kwatch.base.threads import spawn
from kwatch.informer.clock import Clock
from kwatch.informer.protocol import ADDED, DELETED, MODIFIED, WatchEvent
from kwatch.informer.upstream import OpenWatch

log = logging.getLogger("kwatch.informer.reflector")

LONGEST_SILENCE = 20.0
"""Seconds without an event or the bookmark after which the bookmark is not expected any more."""
_LOOK_EVERY = 0.1


class BookmarkTimer:
    """Warns every `tick` seconds while the bookmark is missing, and closes the stream after LONGEST_SILENCE.

    A stream that gives empty batches is looked after in the reader's thread. One that only blocks needs a thread
    beside it, for as long as this lasts; that thread looks at the clock in real intervals, so that a clock of tests
    is never moved by it.
    """

    def __init__(self, opened: OpenWatch, clock: Clock, tick: float) -> None:
        self._opened = opened
        self._clock = clock
        self._tick = tick
        self._began = self._heard = clock.monotonic()
        self._warned = self._began
        self._any = False
        self._live_since: float | None = None
        self._finished = threading.Event()
        self.overdue = False

    def heard(self, events: Sequence[WatchEvent]) -> None:
        """Events came. Initial ones are additions; a change says that the stream is live already, bookmark or not."""
        self._any = True
        if any(event.type == ADDED for event in events):
            self._heard = self._clock.monotonic()
        elif self._live_since is None and any(event.type in (MODIFIED, DELETED) for event in events):
            self._live_since = self._clock.monotonic()

    def is_overdue(self) -> bool:
        """Look at the clock: warn if it is time, and say whether to give up."""
        now = self._clock.monotonic()
        if now - self._warned >= self._tick:
            self._warned = now
            if self._any:
                message = "hasn't received required bookmark event marking the end of initial events, received last"
                log.warning("%s event %.0f s ago", message, now - self._heard)
            else:
                message = "awaiting required bookmark event for initial events stream, no events received for"
                log.warning("%s %.0f s", message, now - self._began)
        if now - min(self._heard, self._live_since or self._heard) >= LONGEST_SILENCE:
            self.overdue = True
        return self.overdue

    def __enter__(self) -> Self:
        if not self._opened.batched:
            # Without anybody to look after it the stream might owe its bookmark for ever.
            spawn("kwatch-bookmark-timer", self._look, lambda error: self._opened.close())
        return self

    def __exit__(self, *_: object) -> None:
        self._finished.set()

    def _look(self) -> None:
        while not self._finished.wait(_LOOK_EVERY):
            if self.is_overdue():
                self._opened.close()
                return

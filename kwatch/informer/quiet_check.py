"""Tells a quiet watch from a dead one."""

from __future__ import annotations

import time

from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.protocol import ListerWatcher, Probing
from kwatch.informer.status import StatusRecorder
from kwatch.informer.upstream import OpenWatch

QUIET_AFTER = 75.0
"""Seconds without a byte; a bookmark comes about once a minute."""
REOPEN_AFTER = 150.0
"""Seconds without a byte, on a server that answers otherwise, after which the watch is opened anew: that costs one
request, and something between here and the server may have forgotten this connection.
"""
ASK_EVERY = 30.0
"""Seconds between two questions while it stays quiet."""


class QuietCheck:
    """After a long silence asks the server on another connection, and writes what it learns into the status."""

    def __init__(self, lister_watcher: ListerWatcher, clock: Clock, recorder: StatusRecorder) -> None:
        self._lister_watcher = lister_watcher
        self._clock = clock
        self._recorder = recorder
        self._asked_at = float("-inf")
        self._unanswered_since: float | None = None

    def look(self, opened: OpenWatch) -> bool:
        """Called from time to time while nothing comes; whether to open the watch anew.

        May take as long as the ListerWatcher's probe.
        """
        silence = opened.silence
        if silence < QUIET_AFTER:
            self.heard()
            return False
        now = self._clock.monotonic()
        if isinstance(self._lister_watcher, Probing) and now - self._asked_at >= ASK_EVERY:
            self._asked_at = now
            self._ask(self._lister_watcher)
        if self._unanswered_since is None:
            answer = ", server answers" if isinstance(self._lister_watcher, Probing) else ""
            self._recorder.quiet = f"quiet {silence:.0f} s{answer}"
        else:
            clock = time.strftime("%H:%M", time.localtime(self._unanswered_since))
            self._recorder.quiet = f"no answer since {clock}"
        return silence >= REOPEN_AFTER and self._unanswered_since is None

    def heard(self) -> None:
        """Something came."""
        self._recorder.quiet = ""
        self._unanswered_since = None

    def _ask(self, lister_watcher: Probing) -> None:
        try:
            lister_watcher.probe()
            self._unanswered_since = None
        except (ApiError, Closed, OSError) as error:
            if self._unanswered_since is None:
                self._unanswered_since = self._clock.time()
            self._recorder.error("probe", error)

"""The pen that writes an InformerStatus."""

from __future__ import annotations

import threading
from types import MappingProxyType
from typing import Any

from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError
from kwatch.informer.metrics import Durations
from kwatch.informer.refusals import patience
from kwatch.informer.status import ErrorRecord, InformerStatus, Phase

KEPT_ERRORS = 50


class StatusRecorder:
    """Counters that the reflector writes in its thread and anyone reads through `snapshot`.

    Errors may be recorded from any thread.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._errors: tuple[ErrorRecord, ...] = ()
        self._relists: dict[str, int] = {}
        self._notes: tuple[str, ...] = ()
        self.phase = Phase.STARTING
        self.refused: tuple[str, ...] = ()
        self.retries = 0
        self.next_retry_at: float | None = None
        self.lists = 0
        self.watches = 0
        self.bookmarks = 0
        self.events = 0
        self.bytes = 0
        self.last_event_at: float | None = None
        self.disconnected_since: float | None = None
        self.quiet = ""
        self.received = 0
        self.expected: int | None = None
        self.quarantined = 0
        self.dropped = 0
        self.durations = Durations()

    def error(self, source: str, error: BaseException | str) -> None:
        """Remember what went wrong."""
        status = error.status if isinstance(error, ApiError) else 0
        message = error if isinstance(error, str) else str(error) or type(error).__name__
        record = ErrorRecord(
            self._clock.time(), source, message, status, patience(error if isinstance(error, ApiError) else None)
        )
        with self._lock:
            self._errors = (*self._errors, record)[-KEPT_ERRORS:]

    def answered(self, verb: str, *, refused: bool) -> None:
        """The server let it be done, or not."""
        if refused is not (verb in self.refused):
            others = [each for each in self.refused if each != verb]
            self.refused = tuple(sorted([*others, verb] if refused else others))

    def relist(self, cause: str) -> None:
        """Count that the whole list is fetched again."""
        with self._lock:
            self._relists = {**self._relists, cause: self._relists.get(cause, 0) + 1}

    def note(self, text: str) -> None:
        """Say once what is worth knowing."""
        with self._lock:
            if text not in self._notes:
                self._notes = (*self._notes, text)

    def leave_threads_behind(self) -> None:
        """This is a process that was forked: nothing more will be written."""
        self._lock = threading.Lock()
        self.phase = Phase.STOPPED
        self.next_retry_at = None
        self.disconnected_since = self.disconnected_since or self._clock.time()
        self.note("this process was forked: the threads that watch run in the other one")

    def snapshot(self, **of_informer: Any) -> InformerStatus:
        """What is known now; `of_informer` are the fields that a reflector knows nothing of."""
        errors = self._errors
        return InformerStatus(
            phase=self.phase,
            last_error=errors[-1] if errors else None,
            errors=errors,
            refused=self.refused,
            retries=self.retries,
            next_retry_at=self.next_retry_at,
            lists=self.lists,
            relists=MappingProxyType(self._relists),
            watches=self.watches,
            bookmarks=self.bookmarks,
            events=self.events,
            bytes=self.bytes,
            last_event_at=self.last_event_at,
            disconnected_since=self.disconnected_since,
            quiet=self.quiet,
            received=self.received,
            expected=self.expected,
            quarantined=self.quarantined,
            dropped=self.dropped,
            notes=self._notes,
            **of_informer,
        )

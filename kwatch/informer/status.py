"""What an informer says of itself: immutable, cheap, complete."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError, patience
from kwatch.informer.metrics import Durations

_EMPTY: Mapping[str, int] = MappingProxyType({})
LIST, WATCH = "list", "watch"
ATTEMPT = "list and watch"
"""The source of errors that ended a whole attempt, after which there is a pause."""


class Phase(StrEnum):
    """What a reflector is doing now."""

    STARTING = "starting"
    LISTING = "listing"
    STREAMING = "streaming"
    """A streaming list is under way: objects arrive, the end bookmark has not."""
    WATCHING = "watching"
    BACKING_OFF = "backing off"
    POLLING = "polling"
    """Watches are refused, lists are not: the whole list is fetched again from time to time."""
    FORBIDDEN = "forbidden"
    """Nothing may be asked that would bring objects; tried again with a long interval."""
    GONE = "gone"
    """The resource does not exist on the server (a deleted CRD); probed for with a long interval."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """One thing that went wrong: `at` in seconds since the epoch, `source` e.g. `list`, `watch`, `handler NAME`."""

    at: float
    source: str
    message: str
    status: int = 0
    patience: float = 0.0
    """Seconds after the first of its kind until which it is worth a try again; see refusals.patience."""


@dataclass(frozen=True, slots=True)
class InformerStatus:
    """A snapshot. Times are seconds since the epoch, None for never."""

    phase: Phase = Phase.STARTING
    last_error: ErrorRecord | None = None
    errors: tuple[ErrorRecord, ...] = ()
    """The most recent errors, newest last, bounded."""
    refused: tuple[str, ...] = ()
    """The verbs that the server refused when it was last asked: `list`, `watch`, both or none. With `watch` alone what
    is cached is as old as the last list; with `list` alone a streaming list took its place.
    """
    retries: int = 0
    next_retry_at: float | None = None
    lists: int = 0
    relists: Mapping[str, int] = field(default_factory=lambda: _EMPTY)
    """How often the whole list was fetched again, by cause (`expired`, `error`, `internal error`...)."""
    watches: int = 0
    bookmarks: int = 0
    events: int = 0
    bytes: int = 0
    queue_depth: int = 0
    queue_bytes: int = 0
    handler_backlog: int = 0
    last_event_at: float | None = None
    """When the server last said anything, bookmarks included."""
    synced_at: float | None = None
    disconnected_since: float | None = None
    """Since when the cache may be stale: set while nothing is watched, None while watching."""
    quiet: str = ""
    """Empty, or a sentence about a silent connection: `quiet 80 s, server answers`, `no answer since 14:02`."""
    objects: int = 0
    received: int = 0
    """Objects that the list now under way has brought so far."""
    expected: int | None = None
    """How many objects the list now under way will bring, if the server said so."""
    quarantined: int = 0
    dropped: int = 0
    """Events of the wrong kind, and Tables."""
    sink_errors: int = 0
    handler_errors: int = 0
    index_errors: int = 0
    notes: tuple[str, ...] = ()
    """What is worth knowing, e.g. that the streaming list was incomplete and lists are used instead."""

    @property
    def synced(self) -> bool:
        """Whether the first list is complete in the cache."""
        return self.synced_at is not None

    @property
    def polls(self) -> bool:
        """Whether what is cached is only as new as the last list, because watches are refused."""
        return (
            self.synced and self.refused == (WATCH,) and self.phase in (Phase.POLLING, Phase.LISTING, Phase.STREAMING)
        )


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


def counters_of(status: InformerStatus) -> Mapping[str, float]:
    """Every number of a status by its field's name, `relists_CAUSE` for each cause, and `phase_PHASE` 1 for the one it
    is in and 0 for the others; so a metrics exporter needs to know nothing of it.
    """
    numbers: dict[str, float] = {}
    for each in fields(status):
        value = getattr(status, each.name)
        if value is None or isinstance(value, int | float):
            numbers[each.name] = float(value or 0)
    for cause, count in status.relists.items():
        numbers[f"relists_{cause.replace(' ', '_')}"] = float(count)
    for phase in Phase:
        numbers[f"phase_{phase.replace(' ', '_')}"] = float(phase is status.phase)
    return MappingProxyType(numbers)

"""What an informer says of itself: immutable, cheap, complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

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

"""The status of an informer, an immutable snapshot; and the recorder that the reflector writes it with. And the objects
that the cache could not take, kept with the reason, so that they are shown and not lost.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from kwatch.base.limits import Room
from kwatch.informer.clock import Clock
from kwatch.informer.delta import DeletedFinalStateUnknown
from kwatch.informer.errors import ApiError, patience
from kwatch.informer.kube_object import KubeObject, Unreadable
from kwatch.informer.metadata import name_of, namespace_of
from kwatch.informer.metrics import Durations
from kwatch.informer.protocol import Object
from kwatch.informer.reflector_state import PHASES, WATCH, State, check_transition
from kwatch.informer.reflector_state import Phase as Phase

_EMPTY: Mapping[str, int] = MappingProxyType({})
ATTEMPT = "list and watch"
"""The source of errors that ended a whole attempt, after which there is a pause."""


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """One thing that went wrong: `at` in seconds since the epoch, `source` e.g. `list`, `watch`, `handler NAME`."""

    at: float
    source: str
    message: str
    status: int = 0
    patience: float = 0.0
    """Seconds after the first of its kind until which it is worth a try again; see errors.patience."""


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
    """Of the objects that came, unpacked: what compression saved on the way is not taken off."""
    queue_depth: int = 0
    queue_bytes: int = 0
    handler_backlog: int = 0
    last_event_at: float | None = None
    """When the last event came, bookmarks included."""
    looked_at: float | None = None
    """When the thread that reads an open watch looked last: every few seconds, also while nothing comes, unless this
    process or machine was stopped. None where it only looks when something comes.
    """
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
    unconfirmed: int = 0
    """Objects in SharedInformer.arriving that a list brought which broke off, and no list since."""
    left_out: int = 0
    """Objects that the server has and the cache does not: --memory-limit has no room for them."""
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
_OF_INFORMER = frozenset(
    {"queue_depth", "queue_bytes", "handler_backlog", "synced_at", "objects", "unconfirmed"}
    | {"sink_errors", "handler_errors", "index_errors"}
)
"""The fields of a status of which a reflector knows nothing."""


class StatusRecorder:
    """What the reflector writes in its thread, its state above all, and anyone reads through `snapshot`.

    Errors may be recorded from any thread.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.state = State.EMPTY
        self.waits_in_turn = False
        """Whether it waits in the middle of something: the state stays what it is."""
        self.errors: tuple[ErrorRecord, ...] = ()
        self.relists: Mapping[str, int] = _EMPTY
        self.notes: tuple[str, ...] = ()
        self.refused: tuple[str, ...] = ()
        self.retries = 0
        self.next_retry_at: float | None = None
        self.lists = 0
        self.watches = 0
        self.bookmarks = 0
        self.events = 0
        self.bytes = 0
        self.last_event_at: float | None = None
        self.looked_at: float | None = None
        self.disconnected_since: float | None = None
        self.quiet = ""
        self.received = 0
        self.expected: int | None = None
        self.room = Room()
        self.quarantined = 0
        self.dropped = 0
        self.durations = Durations()

    def enter(self, state: State) -> None:
        """Be in this state from now on; raise RuntimeError if TRANSITIONS has no such step."""
        check_transition(self.state, state)
        self.state = state

    @property
    def phase(self) -> Phase:
        """What the state looks like from outside."""
        return Phase.BACKING_OFF if self.waits_in_turn else PHASES[self.state]

    @property
    def left_out(self) -> int:
        return self.room.left_out

    @property
    def last_error(self) -> ErrorRecord | None:
        return self.errors[-1] if self.errors else None

    def error(self, source: str, error: BaseException | str) -> None:
        """Record an error; from any thread."""
        status = error.status if isinstance(error, ApiError) else 0
        message = error if isinstance(error, str) else str(error) or type(error).__name__
        record = ErrorRecord(
            self._clock.time(), source, message, status, patience(error if isinstance(error, ApiError) else None)
        )
        with self._lock:
            self.errors = (*self.errors, record)[-KEPT_ERRORS:]

    def answered(self, verb: str, *, refused: bool) -> None:
        """The server allowed a verb, or refused it."""
        if refused is not (verb in self.refused):
            others = [each for each in self.refused if each != verb]
            self.refused = tuple(sorted([*others, verb] if refused else others))

    def relist(self, cause: str) -> None:
        """Count that the whole list is fetched again."""
        with self._lock:
            self.relists = MappingProxyType({**self.relists, cause: self.relists.get(cause, 0) + 1})

    def note(self, text: str) -> None:
        """Add a note, once."""
        with self._lock:
            if text not in self.notes:
                self.notes = (*self.notes, text)

    def leave_threads_behind(self) -> None:
        """This process was forked: nothing more will be written."""
        self._lock = threading.Lock()
        self.state, self.waits_in_turn = State.STOPPED, False
        self.next_retry_at = None
        self.disconnected_since = self.disconnected_since or self._clock.time()
        self.note("this process was forked: the threads that watch run in the other one")

    def snapshot(self, **of_informer: Any) -> InformerStatus:
        """What is known now; `of_informer` are the fields of _OF_INFORMER."""
        recorded = {
            each.name: getattr(self, each.name) for each in fields(InformerStatus) if each.name not in _OF_INFORMER
        }
        return InformerStatus(**recorded, **of_informer)


GapListener = Callable[[float, float, str], None]
"""Hears since when, until when (seconds since the epoch) and why nothing was watched."""


class ConnectionState:
    """Since when nothing is watched. Reports each gap once, when it is over; before the first list there is none."""

    def __init__(self, clock: Clock, recorder: StatusRecorder, on_gap: GapListener | None) -> None:
        self._clock = clock
        self._recorder = recorder
        self._on_gap = on_gap
        self._cause = ""
        self._synced = False
        recorder.disconnected_since = clock.time()

    def lost(self, cause: str) -> None:
        """Nothing is watched from now on."""
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


log = logging.getLogger("kwatch.informer.status")

KEPT = 100
"""Objects that are kept; the ones before them are only counted."""
KEPT_BYTES = 8 << 20
"""The most bytes of them, but the last one is always kept."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One object: `at` in seconds since the epoch, `name` as far as it is known, `object` as it came."""

    at: float
    name: str
    reason: str
    object: Object | DeletedFinalStateUnknown

    @property
    def size(self) -> int:
        """Bytes that are kept of it."""
        obj = self.object
        if isinstance(obj, KubeObject):
            return obj.stored_size
        return len(obj.raw) if isinstance(obj, Unreadable) else 0

    @property
    def raw(self) -> bytes:
        """The bytes as they came; empty for an object that came without."""
        return self.object.raw if isinstance(self.object, KubeObject | Unreadable) else b""


class Quarantine:
    """Thread-safe. An object that arrives again replaces the one before."""

    def __init__(self, clock: Clock, recorder: StatusRecorder) -> None:
        self._clock = clock
        self._recorder = recorder
        self._lock = threading.Lock()
        self._objects: OrderedDict[str, Quarantined] = OrderedDict()

    def put(self, obj: Object | DeletedFinalStateUnknown, error: Exception | str) -> None:
        name = _name(obj)
        reason = str(error) or type(error).__name__
        with self._lock:
            self._recorder.quarantined += 1
            self._objects[name or f"#{self._recorder.quarantined}"] = Quarantined(self._clock.time(), name, reason, obj)
            kept = sum(each.size for each in self._objects.values())
            while len(self._objects) > KEPT or (kept > KEPT_BYTES and len(self._objects) > 1):
                kept -= self._objects.popitem(last=False)[1].size
        self._recorder.error("quarantine", f"{name or 'an object without a name'}: {reason}")
        log.warning("quarantined %s: %s", name or "an object without a name", reason)

    def objects(self) -> tuple[Quarantined, ...]:
        """Oldest first."""
        with self._lock:
            return tuple(self._objects.values())


def _name(obj: Object | DeletedFinalStateUnknown) -> str:
    if isinstance(obj, DeletedFinalStateUnknown):
        return obj.key
    try:
        return f"{namespace_of(obj)}/{name_of(obj)}".strip("/")
    except Exception:  # noqa: BLE001 - a Mapping of the user's may do anything, and is here because it did
        return ""

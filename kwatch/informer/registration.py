"""One handler of an informer: its own queue, its own thread, its own pace."""

from __future__ import annotations

import inspect
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from queue import SimpleQueue
from typing import Any, Generic

import msgspec

from kwatch.base.threads import Thread, report
from kwatch.informer.clock import Clock
from kwatch.informer.delta import DeletedFinalStateUnknown
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object, T_co
from kwatch.informer.waiting import Signal


class Added(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """An object is in the cache that was not."""

    object: T_co
    is_in_initial_list: bool


class Updated(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """An object in the cache was exchanged."""

    old: T_co
    new: T_co


class Deleted(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """An object is no longer in the cache: the last that was known of it, or a tombstone if its deletion was missed."""

    object: T_co | DeletedFinalStateUnknown[T_co]


Notification = Added[T_co] | Updated[T_co] | Deleted[T_co]


class Notifications:
    """What one batch brings for handlers: for all, and for those that a resync is for."""

    __slots__ = ("for_all", "initial", "resync_sequence", "resyncing")

    def __init__(self) -> None:
        self.for_all: list[Notification] = []
        self.resyncing: list[Notification] | None = None
        """The same and the resyncs between; None while there are none."""
        self.resync_sequence = 0
        """The sequence of the first of them."""
        self.initial = 0
        """How many are additions of the first list."""

    def add(self, notification: Notification) -> None:
        """For all handlers."""
        self.for_all.append(notification)
        if self.resyncing is not None:
            self.resyncing.append(notification)

    def add_resync(self, notification: Notification, sequence: int) -> None:
        """For the handlers that this resync is for."""
        if self.resyncing is None:
            self.resyncing = [*self.for_all]
            self.resync_sequence = sequence
        self.resyncing.append(notification)

    def __len__(self) -> int:
        return len(self.for_all) if self.resyncing is None else len(self.resyncing)


OnAdd = Callable[[KubeObject, bool], object]
"""`on_add(obj, is_in_initial_list)`: two arguments, always."""
OnUpdate = Callable[[KubeObject, KubeObject], object]
"""`on_update(old, new)`."""
OnDelete = Callable[[KubeObject | DeletedFinalStateUnknown[KubeObject]], object]
"""`on_delete(obj)`, or `on_delete(tombstone)` where the deletion was missed; both have a `key`."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Handler:
    """The user's callbacks, each of which may be None."""

    on_add: Callable[[Any, bool], object] | None
    on_update: Callable[[Any, Any], object] | None
    on_delete: Callable[[Any], object] | None

    def __post_init__(self) -> None:
        _check("on_add", self.on_add, "obj", "is_in_initial_list")
        _check("on_update", self.on_update, "old", "new")
        _check("on_delete", self.on_delete, "obj")

    @property
    def name(self) -> str:
        """For logs: the first callback's name."""
        callback = self.on_add or self.on_update or self.on_delete
        return str(getattr(callback, "__qualname__", None) or type(callback).__name__)

    def take(self, notification: Notification[Any]) -> None:
        """Call the callback that fits; raise what it raises."""
        if isinstance(notification, Updated):
            if self.on_update is not None:
                self.on_update(notification.old, notification.new)
        elif isinstance(notification, Added):
            if self.on_add is not None:
                self.on_add(notification.object, notification.is_in_initial_list)
        elif self.on_delete is not None:
            self.on_delete(notification.object)


def _check(role: str, callback: Callable[..., object] | None, *arguments: str) -> None:
    """Raise TypeError for a callback that could never be called, before it fails for every object."""
    if callback is None:
        return
    if inspect.iscoroutinefunction(callback):
        raise TypeError(f"{role} would never be awaited: iterate over kwatch.informer.aio.changes instead")
    try:
        signature = inspect.signature(callback)
    except (TypeError, ValueError):
        # Written in C, for example: its signature is unknown.
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        name = getattr(callback, "__qualname__", None) or type(callback).__name__
        raise TypeError(
            f"{role} is called with ({', '.join(arguments)}), which {name} does not take: {error}"
        ) from None


class Registration:
    """What add_event_handler returns. One added late, while the informer runs, first gets what is in the cache."""

    def __init__(
        self,
        handler: Handler,
        resync_period: float,
        clock: Clock,
        has_source_synced: Callable[[], bool],
        on_failure: Callable[[str, BaseException], None],
        on_remove: Callable[[Registration], None],
        owner: str,
        late: bool = False,
    ) -> None:
        self.name = f"{owner}/{handler.name}-{next(_numbers)}"
        self.resync_period = resync_period
        self.synced = Signal()
        """Set when has_synced() becomes true."""
        self.failures = 0
        self.dropped = 0
        """Notifications that were dropped because the handler was removed or stopped."""
        self._handler = handler
        self._clock = clock
        self._on_failure = on_failure
        self._on_remove = on_remove
        self._tracker = SyncTracker(has_source_synced)
        self._queue: SimpleQueue[Iterable[Notification] | None] = SimpleQueue()
        self._current: Iterator[Notification] | None = None
        """What is left of the notifications in work."""
        self._enqueued = 0
        self._delivered = 0
        self._cancelled = threading.Event()
        self._awaits_snapshot = late
        self._next_resync = clock.monotonic() + resync_period
        self._resync_from, self._resync_until = inf, inf
        self.thread = Thread(
            f"kwatch-handler {self.name}",
            self._run,
            lambda error: on_failure(self.name, error),
            until=self._cancelled,
            wait=clock.wait,
        )

    def has_synced(self) -> bool:
        """Whether the informer synced and every initial object was delivered here."""
        return not self._awaits_snapshot and self._tracker.has_synced()

    @property
    def backlog(self) -> int:
        """Notifications that wait, the one being delivered included."""
        return self._enqueued - self._delivered

    def remove(self) -> None:
        """Deliver nothing more; a callback that runs may end. Returns at once; idempotent."""
        self.cancel()
        self._on_remove(self)

    def cancel(self) -> None:
        """End the thread after the callback that runs; what waits is dropped."""
        self._cancelled.set()
        self._queue.put(None)

    def finish(self) -> None:
        """End the thread once everything that waits is delivered."""
        self._queue.put(None)

    def enqueue(self, notifications: Sequence[Notification], initial: int) -> None:
        """Take notifications, of which `initial` are of the first list; called by the informer's thread only."""
        self._tracker.start(initial)
        self._enqueued += len(notifications)
        self._queue.put(notifications)

    def enqueue_snapshot(self, objects: Sequence[Object]) -> None:
        """Take the cache's objects as additions, made when delivered, so that 100,000 cost nothing now."""
        self._tracker.start(len(objects))
        self._enqueued += len(objects)
        self._queue.put(Added(obj, True) for obj in objects)
        self._awaits_snapshot = False

    def failed(self, error: BaseException) -> None:
        """Count and report a notification that could not be handled; from any thread."""
        self.failures += 1
        report(f"handler {self.name}", error)
        self._on_failure(self.name, error)

    def look_for_sync(self) -> None:
        """Called when the informer synced, and after each delivery of an initial object."""
        if not self.synced.is_set() and self.has_synced():
            self.synced.set()

    def look_at_clock(self, now: float, sequence: int) -> bool:
        """Whether a resync is due; the next one then is a period later. Its deltas come after `sequence`."""
        if self.resync_period <= 0 or now < self._next_resync:
            # Deltas of the last resync may still wait in the queue for this handler.
            self._resync_until = min(self._resync_until, sequence)
            return False
        self._next_resync = now + self.resync_period
        self._resync_from, self._resync_until = sequence, inf
        return True

    def hears_resync(self, sequence: int) -> bool:
        """Whether a resync of this delta is meant for this handler."""
        return self._resync_from <= sequence < self._resync_until

    def _run(self) -> None:
        while (current := self._current or self._next()) is not None and not self._cancelled.is_set():
            self._current = current
            for notification in current:
                if self._cancelled.is_set():
                    break
                self._deliver(notification)
            # The last notification must not be kept alive while waiting for the next.
            notification = current = self._current = None  # type: ignore[assignment]
        self.dropped = self.backlog

    def _next(self) -> Iterator[Notification] | None:
        notifications = self._queue.get()
        return None if notifications is None else iter(notifications)

    def _deliver(self, notification: Notification) -> None:
        try:
            self._handler.take(notification)
        except BaseException as error:  # noqa: BLE001 - reported
            # SystemExit too: this thread is only the handler's.
            self.failed(error)
        self._delivered += 1
        if isinstance(notification, Added) and notification.is_in_initial_list:
            self._tracker.finished()
            self.look_for_sync()


class SyncTracker:
    """`start` is called by one thread, `finished` by one other; `has_synced` by any."""

    def __init__(self, has_source_synced: Callable[[], bool]) -> None:
        self._has_source_synced = has_source_synced
        # Two counters, each written by one thread only, need no lock.
        self._started = 0
        self._finished = 0

    def start(self, count: int = 1) -> None:
        """Initial items are on their way."""
        self._started += count

    def finished(self, count: int = 1) -> None:
        """Initial items are delivered; raise ValueError for more than were started."""
        if self._finished + count > self._started:
            raise ValueError("finished more than was started")
        self._finished += count

    def has_synced(self) -> bool:
        """Whether the source synced and nothing is left."""
        # Asked first: what the source started before it synced is then in the count.
        return self._has_source_synced() and self._finished == self._started

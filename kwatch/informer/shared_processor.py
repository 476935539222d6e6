"""client-go's sharedProcessor: all handlers of an informer, and when each gets a resync."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from kwatch.informer.clock import Clock
from kwatch.informer.delta_fifo import next_sequence
from kwatch.informer.indexer import Indexer
from kwatch.informer.registration import Handler, Notifications, Registration
from kwatch.informer.status import StatusRecorder

log = logging.getLogger("kwatch.informer")


class SharedProcessor:
    """All handlers of an informer. They come and go in any thread; notifications come from the informer's thread only.

    A handler that comes while the informer runs is taken in by the informer's thread between two batches: nothing is
    then on its way that is not in the cache, so nothing is lost or delivered twice, and no thread waits for another.
    """

    def __init__(
        self,
        owner: str,
        resync_period: float,
        indexer: Indexer,
        has_synced: Callable[[], bool],
        recorder: StatusRecorder,
        clock: Clock,
    ) -> None:
        self._owner = owner
        self._indexer = indexer
        self._has_synced = has_synced
        self._recorder = recorder
        self._clock = clock
        self.periods = ResyncPeriods(resync_period, clock)
        self.errors = 0
        self._lock = threading.Lock()
        self._registrations: tuple[Registration, ...] = ()
        self._arriving: tuple[Registration, ...] = ()
        self._running = False
        self._stopped = False

    def add(self, handler: Handler, resync_period: float | None) -> Registration:
        """Raise RuntimeError after the stop."""
        with self._lock:
            if self._stopped:
                raise RuntimeError("the handler was not added: the informer has stopped already")
            registration = Registration(
                handler,
                self.periods.admit(resync_period, self._running),
                self._clock,
                self._has_synced,
                self._failed,
                self._forget,
                self._owner,
                late=self._running,
            )
            if self._running:
                # Started here, because the informer's thread would wait until the new one runs.
                registration.thread.start()
                self._arriving = (*self._arriving, registration)
            else:
                self._registrations = (*self._registrations, registration)
            return registration

    def start(self) -> None:
        with self._lock:
            self._running = True
            for registration in self._registrations:
                registration.thread.start()

    def stop(self) -> tuple[Registration, ...]:
        """Refuse handlers from now on; returns all there are."""
        with self._lock:
            self._stopped = True
            return (*self._registrations, *self._arriving)

    @property
    def registrations(self) -> tuple[Registration, ...]:
        return self._registrations

    @property
    def arriving(self) -> bool:
        """Whether a handler waits for what is in the cache."""
        return bool(self._arriving)

    @property
    def backlog(self) -> int:
        """Notifications that wait for all handlers together."""
        return sum(registration.backlog for registration in self._registrations)

    def __contains__(self, registration: object) -> bool:
        return registration in self._registrations or registration in self._arriving

    def take_in(self) -> None:
        """Give new handlers what is in the cache; in the informer's thread, between two batches."""
        if not self._arriving:
            return
        objects = self._indexer.list()
        with self._lock:
            arrived, self._arriving = self._arriving, ()
            if self._stopped:
                return
            self._registrations = (*self._registrations, *arrived)
        for registration in arrived:
            registration.enqueue_snapshot(objects)
            registration.look_for_sync()

    def distribute(self, notifications: Notifications) -> None:
        """In the informer's thread."""
        for registration in self._registrations:
            if notifications.resyncing is not None and registration.hears_resync(notifications.resync_sequence):
                registration.enqueue(notifications.resyncing, notifications.initial)
            elif notifications.for_all:
                registration.enqueue(notifications.for_all, notifications.initial)

    def look_for_sync(self) -> None:
        """The informer synced, and so have handlers without a single object."""
        for registration in self._registrations:
            registration.look_for_sync()

    def should_resync(self) -> bool:
        """Whether a resync is due for any handler, and choose who hears it."""
        return self.periods.choose(self._registrations)

    def _forget(self, registration: Registration) -> None:
        with self._lock:
            self._registrations = tuple(each for each in self._registrations if each is not registration)
            self._arriving = tuple(each for each in self._arriving if each is not registration)

    def _failed(self, name: str, error: BaseException) -> None:
        with self._lock:
            self.errors += 1
        self._recorder.error(f"handler {name}", error)


LEAST = 1.0
"""Seconds; a shorter period is raised to this."""


class ResyncPeriods:
    """`check` is how often the timer asks who is due. It can be lowered until the informer starts."""

    def __init__(self, default: float, clock: Clock) -> None:
        self.default = default
        self.check = default
        self._clock = clock
        self._lock = threading.Lock()

    def admit(self, wanted: float | None, started: bool) -> float:
        """The period that a new handler gets; None is the informer's own."""
        period = self.default if wanted is None else wanted
        if period <= 0:
            return 0.0
        period = max(period, LEAST)
        with self._lock:
            if not started:
                self.check = min(self.check or period, period)
            elif not self.check:
                log.warning("no resync: the informer was started without one")
                return 0.0
        return max(period, self.check)

    def choose(self, registrations: Sequence[Registration]) -> bool:
        """Choose who hears the next resync: those that are due. Whether there are any."""
        now, sequence = self._clock.monotonic(), next_sequence()
        due = [registration.look_at_clock(now, sequence) for registration in registrations]
        return any(due)

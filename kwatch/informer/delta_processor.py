"""client-go's processDeltas and its loop: from deltas to the cache, the sinks and the notifications of handlers."""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf

from kwatch.informer.clock import Clock
from kwatch.informer.delta import Batch, DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.delta_fifo import DeltaFIFO, Incoming, next_sequence
from kwatch.informer.errors import QueueClosed
from kwatch.informer.indexer import Indexer
from kwatch.informer.metadata import resource_version_of, uid_of
from kwatch.informer.metrics import Histogram
from kwatch.informer.protocol import Object
from kwatch.informer.reflector_store import ArrivingList
from kwatch.informer.registration import Added, Deleted, Notifications, Updated
from kwatch.informer.shared_processor import SharedProcessor
from kwatch.informer.sink import SinkSet
from kwatch.informer.waiting import Signal

log = logging.getLogger("kwatch.informer")

Arrived = tuple[str, Delta]
"""A delta with its key."""
_FLUSH = 256
"""Notifications that are handed on together."""


@dataclass(frozen=True, slots=True)
class QueuedGap:
    """A time when nothing was watched, with the sequence of the first delta after it."""

    sequence: int
    since: float
    until: float
    cause: str


class DeltaProcessor:
    """Applies deltas in the informer's thread: first to the cache, then the sinks are called, then the handlers."""

    def __init__(
        self,
        indexer: Indexer,
        distribute: Callable[[Notifications], None],
        sinks: SinkSet,
        on_refused: Callable[[Incoming, Exception], None],
        arriving: ArrivingList | None = None,
    ) -> None:
        self._indexer = indexer
        self._arriving = arriving
        self._distribute = distribute
        self._sinks = sinks
        self._on_refused = on_refused
        self.gaps: deque[QueuedGap] = deque()
        self.cancelled = False
        """Set to leave the rest of a batch undone."""
        self._notifications = Notifications()
        """What is not handed on yet."""
        self._initial_until = 0
        self._in_doubt = False
        """Whether a batch was left undone and no whole list came since."""

    def process(self, batch: Batch) -> None:
        """Apply a batch in the order of arrival. A whole list replaces the cache in one step for readers. Only a first
        one that was not staged as it arrived, because a transform changes it, is put there object by object.
        """
        in_doubt, self._in_doubt = self._in_doubt and not batch.lists, True
        self._notifications = Notifications()
        self._initial_until = batch.initial_until
        if batch.lists and len(self._indexer):
            self._apply_with_lists([*batch.in_order()], batch.lists)
        elif batch.lists and self._arriving is not None and not self._arriving.is_over:
            self._apply_arrived(batch, self._arriving)
        else:
            self._apply_each(batch.in_order())
        self._in_doubt = in_doubt or self.cancelled
        if not self._in_doubt:
            self._indexer.update_resource_version(batch.version)
        if self._notifications:
            self._distribute(self._notifications)
        self._notifications = Notifications()

    def _apply_with_lists(self, arrived: Sequence[Arrived], lists: Sequence[range]) -> None:
        done = 0
        for sequences in lists:
            start, end = (bisect_left(arrived, each, key=_sequence) for each in (sequences.start, sequences.stop))
            self._apply_each(arrived[done:start])
            if not self.cancelled:
                self._apply_at_once(arrived[start:end])
            done = end
        self._apply_each(arrived[done:])

    def _apply_each(self, arrived: Iterable[Arrived]) -> None:
        for key, delta in arrived:
            if self.cancelled:
                return
            obj = _object_of(delta)
            old = self._indexer.put(key, obj) if obj is not None else self._indexer.remove(key)
            self._notify(key, delta, obj, old)

    def _apply_at_once(self, arrived: Sequence[Arrived]) -> None:
        changes = [(key, _object_of(delta)) for key, delta in arrived]
        before = self._indexer.put_all(changes)
        for (key, delta), (_, obj), old in zip(arrived, changes, before, strict=True):
            self._notify(key, delta, obj, old)

    def _apply_arrived(self, batch: Batch, arriving: ArrivingList) -> None:
        """The first list fills the cache in one step, and what came after it follows."""
        # No lists of pairs here: so many young objects would set off a collection of garbage, half a second long.
        sequences = batch.lists[0]
        arrived = {
            key: obj
            for key, delta in batch.in_order()
            if delta.sequence in sequences and (obj := _object_of(delta)) is not None
        }
        arriving.adopt(arrived)
        for key, delta in batch.in_order():
            if self.cancelled:
                return
            if delta.sequence in sequences:
                self._notify(key, delta, arrived[key], None)
            else:
                self._apply_each(((key, delta),))

    def _notify(self, key: str, delta: Delta, obj: Object | None, old: Object | None) -> None:
        """Notify of a change that the cache has taken."""
        if self.gaps:
            self.report_gaps(delta.sequence)
        notifications = self._notifications
        try:
            if obj is None:
                if old is not None:
                    self._sinks.on_delta(key, delta, old)
                    notifications.add(Deleted(delta.object))
            elif old is None:
                self._added(key, delta, obj)
            else:
                self._updated(key, delta, obj, old)
        except Exception as error:  # noqa: BLE001 - a Mapping of the user's may do anything; it is quarantined
            self._on_refused(delta.object, error)
        if len(notifications) >= _FLUSH:
            self._distribute(notifications)
            self._notifications = Notifications()

    def _updated(self, key: str, delta: Delta, obj: Object, old: Object) -> None:
        notifications = self._notifications
        if _is_another(old, obj):
            # The deletion of the old one was missed. Sequences go in steps of two, so there is one for it.
            tombstone = DeletedFinalStateUnknown(key, old)
            missed = Delta(DeltaType.DELETED, tombstone, delta.sequence - 1, delta.received_at)
            self._sinks.on_delta(key, missed, old)
            notifications.add(Deleted(tombstone))
            self._added(key, delta, obj)
            return
        self._sinks.on_delta(key, delta, old)
        version = resource_version_of(obj)
        if delta.type is DeltaType.SYNC or (version and version == resource_version_of(old)):
            notifications.add_resync(Updated(old, obj), delta.sequence)
        else:
            notifications.add(Updated(old, obj))

    def _added(self, key: str, delta: Delta, obj: Object) -> None:
        initial = delta.sequence <= self._initial_until
        self._sinks.on_delta(key, delta, None)
        self._notifications.add(Added(obj, initial))
        self._notifications.initial += initial

    def report_gaps(self, before: float = inf) -> None:
        """Report the gaps before a sequence number to the sinks."""
        while self.gaps and self.gaps[0].sequence < before:
            gap = self.gaps.popleft()
            self._sinks.on_gap(gap.since, gap.until, gap.cause)


def _object_of(delta: Delta) -> Object | None:
    """What is to be cached; None for nothing."""
    obj = delta.object
    return None if delta.type is DeltaType.DELETED or isinstance(obj, DeletedFinalStateUnknown) else obj


def _sequence(arrived: Arrived) -> int:
    return arrived[1].sequence


def _is_another(old: Object, new: Object) -> bool:
    before, after = uid_of(old), uid_of(new)
    return before != after and bool(before) and bool(after)


class ProcessLoop:
    """client-go's processLoop: drains the queue until it is closed. Between two batches it takes in new handlers,
    reports gaps, and sets `synced` once the first list is in the cache.
    """

    def __init__(
        self,
        fifo: DeltaFIFO,
        processor: DeltaProcessor,
        handlers: SharedProcessor,
        synced: Signal,
        clock: Clock,
        processing: Histogram,
    ) -> None:
        self._fifo = fifo
        self._processor = processor
        self._handlers = handlers
        self._synced = synced
        self._clock = clock
        self._processing = processing
        self.synced_at: float | None = None
        """Seconds since the epoch."""

    def run(self) -> None:
        try:
            while True:
                self._handlers.take_in()
                began = self._clock.monotonic()
                drained = self._fifo.drain(self._processor.process)
                self._look_for_sync()
                if drained:
                    self._processing.observe(self._clock.monotonic() - began)
                    continue
                self._processor.report_gaps()
                # Checked after the queue was found empty: a later arrival wakes the wait.
                if not self._handlers.arriving and not self._processor.gaps:
                    self._fifo.wait()
        except QueueClosed:
            log.debug("the queue is closed")

    def note_gap(self, since: float, until: float, cause: str) -> None:
        """Report to the sinks that nothing was watched, before what is queued from now on; from any thread."""
        self._processor.gaps.append(QueuedGap(next_sequence(), since, until, cause))
        self._fifo.wake()

    def _look_for_sync(self) -> None:
        if self.synced_at is None and self._fifo.has_synced():
            self.synced_at = self._clock.time()
            self._synced.set()
            self._handlers.look_for_sync()

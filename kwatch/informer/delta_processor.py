"""From deltas to the cache, the sinks and the notifications of handlers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.delta_fifo import Incoming
from kwatch.informer.indexer import Indexer
from kwatch.informer.metadata import resource_version_of, uid_of
from kwatch.informer.notification import Added, Deleted, Notification, Updated
from kwatch.informer.pending_deltas import Batch
from kwatch.informer.protocol import Object
from kwatch.informer.sink_set import SinkSet

_FLUSH = 256
"""Notifications that are handed on together."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time when nothing was watched, with the sequence of the first delta after it."""

    sequence: int
    since: float
    until: float
    cause: str


class Notifications:
    """What one batch has to tell: to everybody, and to those who hear a resync."""

    __slots__ = ("everybody", "initial", "resync_sequence", "resyncing")

    def __init__(self) -> None:
        self.everybody: list[Notification] = []
        self.resyncing: list[Notification] | None = None
        """The same and the resyncs between; None while there are none."""
        self.resync_sequence = 0
        """The sequence of the first of them."""
        self.initial = 0
        """How many are additions of the first list."""

    def add(self, notification: Notification) -> None:
        """Tell everybody."""
        self.everybody.append(notification)
        if self.resyncing is not None:
            self.resyncing.append(notification)

    def add_resync(self, notification: Notification, sequence: int) -> None:
        """Tell only those who hear this resync."""
        if self.resyncing is None:
            self.resyncing = [*self.everybody]
            self.resync_sequence = sequence
        self.resyncing.append(notification)

    def __len__(self) -> int:
        return len(self.everybody) if self.resyncing is None else len(self.resyncing)


class DeltaProcessor:
    """Runs in the informer's thread: first the cache changes, then the sinks hear of it, then the handlers."""

    def __init__(
        self,
        indexer: Indexer,
        distribute: Callable[[Notifications], None],
        sinks: SinkSet,
        on_refused: Callable[[Incoming, Exception], None],
    ) -> None:
        self._indexer = indexer
        self._distribute = distribute
        self._sinks = sinks
        self._on_refused = on_refused
        self.gaps: deque[Gap] = deque()
        self.cancelled = False
        """Set to leave the rest of a batch undone."""
        self._in_doubt = False
        """Whether a batch was left undone and no whole list came since."""

    def process(self, batch: Batch) -> None:
        """Apply a batch."""
        in_doubt, self._in_doubt = self._in_doubt and not batch.replaces, True
        told = Notifications()
        left = batch.initial
        for key, deltas in batch.deltas.items():
            if self.cancelled:
                break
            for delta in deltas:
                if self.gaps:
                    self.tell_gaps(delta.sequence)
                try:
                    self._apply(key, delta, left > 0, told)
                except Exception as error:  # noqa: BLE001 - a Mapping of the user's may do anything; it is quarantined
                    self._on_refused(delta.object, error)
            left -= 1
            if len(told) >= _FLUSH:
                self._distribute(told)
                told = Notifications()
        self._in_doubt = in_doubt or self.cancelled
        if not self._in_doubt:
            # Not before: keys come in the order in which they first changed, versions within a batch do not.
            self._indexer.update_resource_version(batch.version)
        if told:
            self._distribute(told)

    def _apply(self, key: str, delta: Delta, initial: bool, told: Notifications) -> None:
        obj = delta.object
        if delta.type is DeltaType.DELETED or isinstance(obj, DeletedFinalStateUnknown):
            old = self._indexer.remove(key)
            if old is not None:
                self._sinks.on_delta(delta, old)
                told.add(Deleted(obj))
            return
        old = self._indexer.put(key, obj)
        if old is None:
            self._added(delta, obj, initial, told)
        elif _is_another(old, obj):
            # Its deletion was missed. Sequences go in steps of two, so that there is one for it.
            tombstone = DeletedFinalStateUnknown(key, old)
            missed = Delta(DeltaType.DELETED, tombstone, delta.sequence - 1, delta.received_at)
            self._sinks.on_delta(missed, old)
            told.add(Deleted(tombstone))
            self._added(delta, obj, initial, told)
        else:
            self._sinks.on_delta(delta, old)
            version = resource_version_of(obj)
            if delta.type is DeltaType.SYNC or (version and version == resource_version_of(old)):
                told.add_resync(Updated(old, obj), delta.sequence)
            else:
                told.add(Updated(old, obj))

    def _added(self, delta: Delta, obj: Object, initial: bool, told: Notifications) -> None:
        self._sinks.on_delta(delta, None)
        told.add(Added(obj, initial))
        told.initial += initial

    def tell_gaps(self, before: float = inf) -> None:
        """Tell the sinks of gaps that lie before a sequence number."""
        while self.gaps and self.gaps[0].sequence < before:
            gap = self.gaps.popleft()
            self._sinks.on_gap(gap.since, gap.until, gap.cause)


def _is_another(old: Object, new: Object) -> bool:
    before, after = uid_of(old), uid_of(new)
    return before != after and bool(before) and bool(after)

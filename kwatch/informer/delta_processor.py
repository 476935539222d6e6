"""From deltas to the cache, the sinks and the notifications of handlers."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Sequence
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

Arrived = tuple[str, Delta]
"""A delta with its key."""
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
        self._told = Notifications()
        """What is not handed on yet."""
        self._initial_until = 0
        self._in_doubt = False
        """Whether a batch was left undone and no whole list came since."""

    def process(self, batch: Batch) -> None:
        """Apply a batch in the order of arrival. A whole list replaces what is cached in one step for those who read;
        only the first one fills the empty cache object by object, so that it can be seen coming.
        """
        in_doubt, self._in_doubt = self._in_doubt and not batch.lists, True
        self._told = Notifications()
        self._initial_until = batch.initial_until
        if batch.lists and len(self._indexer):
            self._apply_with_lists([*batch.in_order()], batch.lists)
        else:
            self._apply_each(batch.in_order())
        self._in_doubt = in_doubt or self.cancelled
        if not self._in_doubt:
            self._indexer.update_resource_version(batch.version)
        if self._told:
            self._distribute(self._told)
        self._told = Notifications()

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
            self._tell(key, delta, obj, old)

    def _apply_at_once(self, arrived: Sequence[Arrived]) -> None:
        changes = [(key, _object_of(delta)) for key, delta in arrived]
        before = self._indexer.put_all(changes)
        for (key, delta), (_, obj), old in zip(arrived, changes, before, strict=True):
            self._tell(key, delta, obj, old)

    def _tell(self, key: str, delta: Delta, obj: Object | None, old: Object | None) -> None:
        """Tell of a change that the cache has taken."""
        if self.gaps:
            self.tell_gaps(delta.sequence)
        told = self._told
        try:
            if obj is None:
                if old is not None:
                    self._sinks.on_delta(delta, old)
                    told.add(Deleted(delta.object))
            elif old is None:
                self._added(delta, obj, told)
            else:
                self._updated(key, delta, obj, old, told)
        except Exception as error:  # noqa: BLE001 - a Mapping of the user's may do anything; it is quarantined
            self._on_refused(delta.object, error)
        if len(told) >= _FLUSH:
            self._distribute(told)
            self._told = Notifications()

    def _updated(self, key: str, delta: Delta, obj: Object, old: Object, told: Notifications) -> None:
        if _is_another(old, obj):
            # Its deletion was missed. Sequences go in steps of two, so that there is one for it.
            tombstone = DeletedFinalStateUnknown(key, old)
            missed = Delta(DeltaType.DELETED, tombstone, delta.sequence - 1, delta.received_at)
            self._sinks.on_delta(missed, old)
            told.add(Deleted(tombstone))
            self._added(delta, obj, told)
            return
        self._sinks.on_delta(delta, old)
        version = resource_version_of(obj)
        if delta.type is DeltaType.SYNC or (version and version == resource_version_of(old)):
            told.add_resync(Updated(old, obj), delta.sequence)
        else:
            told.add(Updated(old, obj))

    def _added(self, delta: Delta, obj: Object, told: Notifications) -> None:
        initial = delta.sequence <= self._initial_until
        self._sinks.on_delta(delta, None)
        told.add(Added(obj, initial))
        told.initial += initial

    def tell_gaps(self, before: float = inf) -> None:
        """Tell the sinks of gaps that lie before a sequence number."""
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

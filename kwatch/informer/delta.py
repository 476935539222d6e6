"""Deltas: one change of one object; and PendingDeltas, those that wait in a DeltaFIFO, by key and in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import Generic

import msgspec

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import T_co


class DeltaType(StrEnum):
    """What happened, as the queue knows it."""

    ADDED = "Added"
    UPDATED = "Updated"
    DELETED = "Deleted"
    REPLACED = "Replaced"
    """The object was found by a list: new, changed or the same."""
    SYNC = "Sync"
    """Nothing happened: the object is handed out again because a resync was due."""


@dataclass(frozen=True, slots=True)
class DeletedFinalStateUnknown(Generic[T_co]):
    """The tombstone: a deletion that was missed and inferred. `object` is the last state known, perhaps stale."""

    key: str
    object: T_co | None


class Delta(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """One change.

    `sequence` grows with every delta of this process, in order of arrival at the queue; `received_at` is when
    that was, in seconds since the epoch. `departed` says of a deletion that the object may still exist on the server:
    under a selector the server says the same of one that was deleted and one that only left the selection.
    """

    type: DeltaType
    object: T_co | DeletedFinalStateUnknown[T_co]
    sequence: int
    received_at: float
    departed: bool = False


class Deltas(tuple[Delta, ...]):
    """The changes of one key that wait in the queue, oldest first."""

    __slots__ = ()

    @property
    def oldest(self) -> Delta:
        """Raise IndexError if there is none."""
        return self[0]

    @property
    def newest(self) -> Delta:
        """Raise IndexError if there is none."""
        return self[-1]


_TREE_SIZE = 4 << 10
"""Bytes: the assumed size of an object that is no KubeObject."""


@dataclass(slots=True, eq=False)
class Batch:
    """Keys with their deltas, taken together; they count as waiting until the consumer is done with them."""

    deltas: dict[str, list[Delta]]
    size: int
    initial: int
    """How many of the first keys belong to the first list."""
    version: str = ""
    """The resource version that is reached with the whole batch, empty if that is not known."""
    lists: tuple[range, ...] = ()
    """The sequences of each whole list that is in it, the deletions of what is not in the list included."""
    initial_until: int = 0
    """Deltas up to this sequence belong to the first list."""

    def in_order(self) -> Iterable[tuple[str, Delta]]:
        """Every delta with its key, in the order of arrival."""
        if sum(map(len, self.deltas.values())) == len(self.deltas):
            # One delta each: then the keys are in the order of arrival.
            return zip(self.deltas, map(itemgetter(0), self.deltas.values()), strict=True)
        arrived = [(key, delta) for key, deltas in self.deltas.items() for delta in deltas]
        arrived.sort(key=_sequence)
        return arrived


class PendingDeltas:
    """Deltas that are queued, and those in work. Not thread-safe: the DeltaFIFO holds its lock."""

    def __init__(self) -> None:
        self._queued: dict[str, list[Delta]] = {}
        # The same keys once more, because taking the first key of a large dict again and again is quadratic.
        self._order: deque[str] = deque()
        self._queued_bytes = 0
        self._in_work: list[Batch] = []
        self.size = 0
        """Bytes of the objects that are queued or in work. May be read without the owner's lock."""
        self.version = ""
        """The resource version that is reached with all that was ever queued; empty if that is not known."""
        self._told_version = ""
        self._lists: tuple[range, ...] = ()
        self._initial_until = 0

    def __len__(self) -> int:
        return len(self._queued)

    @property
    def has_news(self) -> bool:
        """Whether `take_all` has anything to give: deltas, or only a new version."""
        return bool(self._queued) or self.version != self._told_version

    def append(self, key: str, delta: Delta) -> None:
        """Queue a delta behind those of its key. Of two deletions in a row one is kept, that with the object if one has
        it.
        """
        size = _size(delta)
        deltas = self._queued.get(key)
        if deltas is None:
            self._queued[key] = [delta]
            self._order.append(key)
        elif delta.type is DeltaType.DELETED and deltas[-1].type is DeltaType.DELETED:
            if isinstance(delta.object, DeletedFinalStateUnknown):
                return
            # It takes the place of the first, to keep the order with other keys.
            first = deltas[-1]
            size -= _size(first)
            deltas[-1] = msgspec.structs.replace(delta, sequence=first.sequence, received_at=first.received_at)
        else:
            deltas.append(delta)
        self._queued_bytes += size
        self.size += size

    def replaced(self, version: str, sequences: range, *, initial: bool) -> None:
        """A whole list of this version was queued, as the deltas of these sequences; `initial` for the first one."""
        self.version = version
        self._lists = (*self._lists, sequences)
        if initial:
            self._initial_until = sequences.stop - 1

    def newest(self, key: str) -> Delta | None:
        """The last delta of a key that is queued or in work."""
        deltas = self._queued.get(key)
        if deltas is None:
            for batch in self._in_work:
                deltas = batch.deltas.get(key, deltas)
        return deltas[-1] if deltas else None

    def newest_of_each(self) -> Iterator[tuple[str, Delta]]:
        """Every key that is queued or in work, with its last delta."""
        for key, deltas in self._queued.items():
            yield key, deltas[-1]
        seen = set(self._queued)
        for batch in reversed(self._in_work):
            for key, deltas in batch.deltas.items():
                if key not in seen:
                    seen.add(key)
                    yield key, deltas[-1]

    def take_oldest(self, initial: int) -> Batch:
        """Take the key that came first; raise IndexError if nothing is queued."""
        key = self._order.popleft()
        deltas = self._queued.pop(key)
        batch = Batch({key: deltas}, sum(map(_size, deltas)), min(initial, 1))
        self._queued_bytes -= batch.size
        self._in_work.append(batch)
        return batch

    def take_all(self, initial: int) -> Batch:
        initial = min(initial, len(self._queued))
        batch = Batch(self._queued, self._queued_bytes, initial, self.version, self._lists, self._initial_until)
        self._lists, self._initial_until = (), 0
        self._queued = {}
        self._told_version = self.version
        self._order.clear()
        self._queued_bytes = 0
        self._in_work.append(batch)
        return batch

    def done(self, batch: Batch) -> None:
        self._in_work.remove(batch)
        self.size -= batch.size


def _size(delta: Delta) -> int:
    obj = delta.object
    return obj.stored_size if isinstance(obj, KubeObject) else _TREE_SIZE


def _sequence(arrived: tuple[str, Delta]) -> int:
    return arrived[1].sequence

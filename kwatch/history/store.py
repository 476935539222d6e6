"""What the journal holds, under one lock: the history of every object, the log over all of them, and their budget."""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from sys import intern
from typing import TypeVar

from kwatch.history.first_versions import FirstVersion, FirstVersions
from kwatch.history.object_history import LISTED_BYTES, VERSION_BYTES, ObjectHistory, Stream, cells_bytes
from kwatch.history.packing import KEYFRAME_OVERHEAD, Keyframe
from kwatch.history.version import DEPARTED, INFERRED, OUT_OF_ORDER, RELISTED, ResourceVersionNumbers, Version
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.kube_object import KubeObject

T = TypeVar("T")
R = TypeVar("R")

_DELETED, _REPLACED = DeltaType.DELETED, DeltaType.REPLACED
_RECENT = 8
"""How many versions back a repeated resourceVersion is recognised: two informers may watch the same object."""
_MOST_SHARED = 4096
"""Tuples of owners that are known; then it starts over, so that owners that come and go are no leak."""
_COMPACT_AFTER = 65_536
"""Entries dropped at the front of the log before its arrays are moved."""
_SLICE = 256
"""Things looked at under one hold of the lock: some hundred microseconds."""
_PAUSE = 0.00005
"""Seconds between two holds. With none, a thread that waits for the lock would hardly ever get it."""


@dataclass(frozen=True, slots=True)
class Evicted:
    """How much was evicted to make room for newer versions."""

    versions: int = 0
    objects: int = 0
    """Deleted objects, all of whose versions are evicted."""
    through_sequence: int = 0
    through_at: float = 0.0
    """When the newest evicted version was received, in seconds since the epoch."""


class JournalStore:
    """Methods that write take `lock` themselves; a reader holds it, and lets go before it unpacks anything."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.log = DeltaLog()
        self.histories: dict[int, ObjectHistory] = {}
        """By number; not those of `first`."""
        self.first = FirstVersions()
        """Objects that a list found, and of which nothing came since."""
        self.streams: dict[tuple[str, str], Stream] = {}
        """By context and resource."""
        self.numbers = ResourceVersionNumbers()
        self.bytes = 0
        """About how many bytes of memory the versions and the ended histories take: what eviction can free."""
        self.living_bytes = 0
        """About how many the histories of living objects take beside their versions: what has to be kept."""
        self.uncompacted: dict[int, ObjectHistory] = {}
        """Histories that are not packed as small as they could be."""
        self.uncompacted_versions = 0
        self.superseded: list[ObjectHistory] = []
        """Histories whose pinned version may go, because it is not the last any more."""
        self.forgotten: list[ObjectHistory] = []
        """Completely evicted histories, the last of their names, whose changes are still in the index."""
        self.evicted = Evicted()
        self.arrivals = 0
        """How many versions were ever recorded."""
        self.begun = 0
        """How many histories there ever were; they are numbered as they begin."""
        self._owners: dict[tuple[str, ...], tuple[str, ...]] = {}
        """The uids of owners, which the objects of one ReplicaSet have in common."""

    def stream(self, context: str, resource: str) -> Stream:
        """The stream of a resource, a new one if need be."""
        with self.lock:
            found = self.streams.get((context, resource))
            if found is None:
                found = self.streams[context, resource] = Stream(context, resource, self._begin_listed)
            return found

    def record(
        self, stream: Stream, delta: Delta, obj: KubeObject, *, inferred: bool, digest: bool = False
    ) -> ObjectHistory | None:
        """Append a version, in O(1); None if it is no new one, or the first of all and found by a list. `digest`: its
        data is not known.
        """
        type_, sequence = delta.type, delta.sequence
        deleted = type_ is _DELETED
        flags = (inferred and INFERRED) | (type_ is _REPLACED and RELISTED) | (delta.departed and DEPARTED)
        with self.lock:
            # Informers run side by side: the order in which they come here is the one that counts.
            sequence = max(sequence, self.log.last_sequence + 1)
            number = self.numbers.number(obj.resource_version)
            history = stream.histories.get(obj.key)
            if history is None:
                if type_ is _REPLACED and not digest and self._list(stream, obj, sequence, delta):
                    return None
                history = stream.history(obj.key)
            if history is None or (obj.uid and history.uid != obj.uid):
                if history is not None:
                    self._supersede(history)
                    if not history.ended:
                        self._end(history, ended=True)
                history = self._begin(self.begun, stream, obj, history)
                self.begun += 1
            else:
                _, last_number = history.columns.last()
                if not number > last_number > 0:
                    if _repeats(history, number, deleted=deleted):
                        has_cells = obj.cells is not None or history.cells is None
                        if not (digest or history.ended) and number == last_number and has_cells:
                            # It came without its data first, or was listed again: the cache holds this one now.
                            history.payloads[-1], history.holds_digest = obj, False
                        return None
                    flags |= 0 < number < last_number and OUT_OF_ORDER
                self._supersede(history)
            history.columns.append(sequence, delta.received_at, number, type_, flags)
            if history.ended is not deleted:
                self._end(history, ended=deleted)
            self.log.append(sequence, history.number)
            self._keep(history, sequence, obj, digest=digest)
            return history

    def _keep(self, history: ObjectHistory, sequence: int, obj: KubeObject, *, digest: bool) -> None:
        if history.payloads:
            history.payloads.append(obj)
        else:
            history.payloads = [obj]  # a list that grew has room for four, and most objects have one version for long
        history.holds_digest = digest
        history.unindexed += 1
        self._note_relations(history, obj)
        self.arrivals += 1
        self.bytes += VERSION_BYTES
        if obj.cells is not None:
            history.cells = history.cells or {}
            history.cells[sequence] = obj.cells
        if history.ended:
            self._take_over(history)

    def _note_relations(self, history: ObjectHistory, obj: KubeObject) -> None:
        history.node = obj.node
        if obj.owners and len(history.owners) != len(obj.owners):
            uids = tuple([intern(owner.uid) for owner in obj.owners])
            if len(self._owners) >= _MOST_SHARED:
                self._owners.clear()
            history.owners = self._owners.setdefault(uids, uids)

    def _begin(self, number: int, stream: Stream, obj: KubeObject, previous: ObjectHistory | None) -> ObjectHistory:
        history = ObjectHistory(number, stream, obj.key, obj.uid, previous, obj.kind, obj.api_version)
        stream.histories[history.key] = history
        self.histories[number] = history
        self.living_bytes += history.own_bytes
        return history

    def _list(self, stream: Stream, obj: KubeObject, sequence: int, delta: Delta) -> bool:
        """A list found it: whether that is all that is known of it."""
        if (number := stream.listed.get(obj.key)) is not None:
            first = self.first.get(number)
            if first is None or (first.uid, first.object.resource_version) != (obj.uid, obj.resource_version):
                return False
            self.first.list_again(number, obj)
            return True
        if stream.holds_events or obj.cells is not None:
            return False
        number = stream.listed[obj.key] = self.begun
        self.begun += 1
        self.first.add(FirstVersion(number, stream, obj, sequence, delta.received_at))
        self.log.append(sequence, number)
        self.arrivals += 1
        self.bytes += VERSION_BYTES
        self.living_bytes += LISTED_BYTES
        return True

    def _begin_listed(self, number: int) -> ObjectHistory:
        """The history of an object that was only listed so far."""
        with self.lock:
            if (known := self.histories.get(number)) is not None:
                return known
            first = self.first.take(number)
            stream, obj, sequence = first.stream, first.object, first.sequence
            del stream.listed[obj.key]
            self.living_bytes -= LISTED_BYTES
            history = self._begin(number, stream, obj, None)
            version = self.numbers.number(obj.resource_version)
            history.columns.append(sequence, first.received_at, version, _REPLACED, RELISTED)
            history.payloads = [obj]
            self._note_relations(history, obj)
            history.pinned = sequence <= self.log.dropped_through
            return history

    def _end(self, history: ObjectHistory, *, ended: bool) -> None:
        """The object ended, or, if a deletion was none, it goes on."""
        was, history.ended = history.own_bytes, ended
        if ended:
            self.living_bytes -= was
            self.bytes += history.own_bytes
        else:
            self.bytes -= was
            self.living_bytes += history.own_bytes

    def _supersede(self, history: ObjectHistory) -> None:
        """Its last version is not the last any more, or not that of a living object."""
        if not history.ended:
            self._take_over(history)
        if history.pinned:
            history.pinned = False
            self.superseded.append(history)

    def _take_over(self, history: ObjectHistory) -> None:
        """From now on it is the journal, and not the cache, that keeps the last version.

        The background thread makes a Keyframe of it once it is indexed, for which it may still be unpacked.
        """
        last = history.payloads[-1]
        if isinstance(last, KubeObject):
            if not last.is_packed:
                history.payloads[-1] = Keyframe(*last.stored)
            self.bytes += last.stored_size + KEYFRAME_OVERHEAD
            if history.cells is not None:
                self.bytes += cells_bytes(history.cells.get(history.columns.last()[0]))
            self.uncompacted[history.number] = history
            self.uncompacted_versions += 1

    def next_uncompacted(self) -> ObjectHistory:
        """Take one of the histories that could be packed smaller; raise KeyError if there is none."""
        with self.lock:
            number = next(iter(self.uncompacted), -1)
            history = self.uncompacted.pop(number)
            self.uncompacted_versions -= len(history.payloads) - max(history.compacted, history.gone)
            if not self.uncompacted:
                self.uncompacted_versions = 0
            return history

    def version(self, history: ObjectHistory | FirstVersion, position: int) -> Version:
        """A version as it is handed out."""
        stream = history.stream
        if isinstance(history, FirstVersion):
            obj = history.object
            return Version(
                stream.context,
                stream.resource,
                obj.key,
                obj.uid,
                history.sequence,
                _REPLACED,
                history.at,
                obj.resource_version,
                relisted=True,
            )
        facts = history.columns.at(position)
        return Version(
            stream.context,
            stream.resource,
            history.key,
            history.uid,
            facts.sequence,
            facts.type,
            facts.at,
            self.numbers.text(facts.resource_version),
            facts.inferred,
            facts.relisted,
            facts.out_of_order,
            facts.departed,
        )

    def kept(self, number: int) -> ObjectHistory | FirstVersion | None:
        """What has a number, if it is kept, as it is: for a look at many."""
        found = self.histories.get(number)
        return found if found is not None else self.first.get(number)

    def all_kept(self) -> list[ObjectHistory | FirstVersion]:
        return [*self.histories.values(), *self.first.between(0)]

    def history(self, number: int) -> ObjectHistory | None:
        """The history with a number; None if it is not kept."""
        with self.lock:
            found = self.kept(number)
            return self._begin_listed(number) if isinstance(found, FirstVersion) else found

    def entry(self, index: int) -> Entry | None:
        """The log's entry at an index; None if its version is not kept."""
        return next(self.entries(index, index + 1), None)

    def entries(self, start: int, stop: int) -> Iterator[Entry]:
        """The log's entries from `start` up to `stop`, without those whose versions are evicted."""
        kept = self.kept
        for sequence, number in self.log.entries(start, stop):
            history = kept(number)
            if isinstance(history, FirstVersion):
                yield sequence, history, 0
            elif history is not None:
                position = history.position(sequence)
                if position is not None:
                    yield sequence, history, position


Entry = tuple[int, ObjectHistory | FirstVersion, int]
"""Of the log: sequence, history, and position in it."""


def _repeats(history: ObjectHistory, number: int, *, deleted: bool) -> bool:
    """Whether the history has this version already."""
    columns = history.columns
    last = len(columns) - 1
    if deleted:
        return columns.deleted(last)
    if columns.deleted(last):
        # It had only left an informer's selection, or its deletion was inferred wrongly: it goes on.
        return False
    recent = range(last, max(-1, last - _RECENT), -1)
    return any(columns.resource_version(position) == number for position in recent)


class DeltaLog:
    """Everything that arrived, by sequence, with the number of its history. Under the journal's lock.

    An index counts from the oldest entry that is kept.
    """

    def __init__(self) -> None:
        self._sequences = array("q")
        self._histories = array("q")
        self._start = 0
        self.last_sequence = 0
        """The highest sequence so far, kept or not; 0 before the first."""
        self.dropped_through = 0
        """The highest that is not kept."""

    def __len__(self) -> int:
        return len(self._sequences) - self._start

    def append(self, sequence: int, history: int) -> None:
        """Add a delta, whose sequence is higher than any before."""
        self.last_sequence = sequence
        self._sequences.append(sequence)
        self._histories.append(history)

    def entry(self, index: int) -> tuple[int, int]:
        """Sequence and history of one entry."""
        return self._sequences[self._start + index], self._histories[self._start + index]

    def entries(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Sequence and history of the entries from `start` up to `stop`."""
        first, last = self._start + max(0, start), self._start + min(len(self), stop)
        return list(zip(self._sequences[first:last], self._histories[first:last], strict=True))

    def after(self, sequence: int) -> int:
        """The index of the first entry with a higher sequence."""
        return bisect_right(self._sequences, sequence, self._start) - self._start

    def from_(self, sequence: int) -> int:
        """The index of the first entry with this or a higher sequence."""
        return bisect_left(self._sequences, sequence, self._start) - self._start

    def drop_front(self) -> None:
        self.dropped_through = self._sequences[self._start]
        self._start += 1
        if self._start >= _COMPACT_AFTER and self._start * 2 >= len(self._sequences):
            del self._sequences[: self._start]
            del self._histories[: self._start]
            self._start = 0


def yield_lock() -> None:
    """Let other threads have the lock, between two holds."""
    time.sleep(_PAUSE)


def in_slices(lock: threading.RLock, things: Sequence[T], look: Callable[[Sequence[T]], R]) -> Iterator[R]:
    """What `look` finds in slice after slice, each under a hold of the lock of its own, so that no informer waits."""
    for start in range(0, len(things), _SLICE):
        if start:
            yield_lock()
        with lock:
            found = look(things[start : start + _SLICE])
        yield found

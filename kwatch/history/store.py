"""What the journal holds, under one lock: streams of lives, the log over all of them, and what they take."""

from __future__ import annotations

import threading
from sys import intern

from kwatch.history.delta_log import DeltaLog
from kwatch.history.gap import Evicted
from kwatch.history.object_history import VERSION_BYTES, ObjectHistory, cells_bytes
from kwatch.history.packing import KEYFRAME_OVERHEAD, Keyframe
from kwatch.history.resource_versions import ResourceVersionNumbers
from kwatch.history.stream import Stream
from kwatch.history.version import Version
from kwatch.history.version_columns import DEPARTED, INFERRED, OUT_OF_ORDER, RELISTED, Facts
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.kube_object import KubeObject

_DELETED, _REPLACED = DeltaType.DELETED, DeltaType.REPLACED
_RECENT = 8
"""How many versions back a repeated resourceVersion is recognised: two informers may watch the same object."""


class JournalStore:
    """Methods that write take `lock` themselves; whoever reads holds it, and lets go before unpacking anything."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.log = DeltaLog()
        self.histories: dict[int, ObjectHistory] = {}
        self.streams: dict[tuple[str, str], Stream] = {}
        self.numbers = ResourceVersionNumbers()
        self.bytes = 0
        """About how many bytes of memory the versions take, and the lives that have ended: what can make room."""
        self.living_bytes = 0
        """The same of the lives that go on, beside their versions: what has to be kept to go on with them."""
        self.uncompacted: dict[int, ObjectHistory] = {}
        """Lives with history that is not packed as small as it could be."""
        self.uncompacted_versions = 0
        self.superseded: list[ObjectHistory] = []
        """Lives whose pinned version may go, because it is not the last any more."""
        self.forgotten: list[ObjectHistory] = []
        """The last lives under their names, of which nothing is left but their changes in the index."""
        self.evicted = Evicted()
        self.arrivals = 0
        """How many versions were ever recorded."""
        self._next_number = 0

    def stream(self, context: str, resource: str) -> Stream:
        """The stream of a resource, a new one if need be."""
        with self.lock:
            found = self.streams.get((context, resource))
            if found is None:
                found = self.streams[context, resource] = Stream(context, resource)
            return found

    def record(self, stream: Stream, delta: Delta, obj: KubeObject, *, inferred: bool) -> ObjectHistory | None:
        """Append a version, in O(1); None if it is no new one."""
        type_, sequence = delta.type, delta.sequence
        deleted = type_ is _DELETED
        flags = (inferred and INFERRED) | (type_ is _REPLACED and RELISTED) | (delta.departed and DEPARTED)
        with self.lock:
            # Informers run side by side: the order in which they come here is the one that counts.
            sequence = max(sequence, self.log.last_sequence + 1)
            number = self.numbers.number(obj.resource_version)
            history = stream.histories.get(obj.key)
            if history is None or (obj.uid and history.uid != obj.uid):
                if history is not None:
                    self._supersede(history)
                    if not history.ended:
                        self._end(history, ended=True)
                history = self._begin(stream, obj, history)
            else:
                _, last_number = history.columns.last()
                if not number > last_number > 0:
                    if _repeats(history, number, deleted=deleted):
                        return None
                    flags |= 0 < number < last_number and OUT_OF_ORDER
                self._supersede(history)
            history.columns.append(sequence, delta.received_at, number, type_, flags)
            if history.ended is not deleted:
                self._end(history, ended=deleted)
            self.log.append(sequence, history.number)
            self._keep(history, sequence, obj)
            return history

    def _keep(self, history: ObjectHistory, sequence: int, obj: KubeObject) -> None:
        history.payloads.append(obj)
        history.unseen += 1
        history.node = obj.node
        if obj.owners and len(history.owners) != len(obj.owners):
            history.owners = tuple(intern(owner.uid) for owner in obj.owners)
        self.arrivals += 1
        self.bytes += VERSION_BYTES
        if obj.cells is not None:
            history.cells = history.cells or {}
            history.cells[sequence] = obj.cells
        if history.ended:
            self._take_over(history)

    def _begin(self, stream: Stream, obj: KubeObject, previous: ObjectHistory | None) -> ObjectHistory:
        history = ObjectHistory(self._next_number, stream, obj.key, obj.uid, previous)
        history.kind, history.api_version = obj.kind, obj.api_version
        self._next_number += 1
        stream.histories[history.key] = history
        self.histories[history.number] = history
        self.living_bytes += history.own_bytes
        return history

    def _end(self, history: ObjectHistory, *, ended: bool) -> None:
        """It ended, or, if a deletion was none, it goes on."""
        history.ended = ended
        moved = history.own_bytes if ended else -history.own_bytes
        self.bytes += moved
        self.living_bytes -= moved

    def _supersede(self, history: ObjectHistory) -> None:
        """Its last version is not the last any more, or not that of a living object."""
        if not history.ended:
            self._take_over(history)
        if history.pinned:
            history.pinned = False
            self.superseded.append(history)

    def _take_over(self, history: ObjectHistory) -> None:
        """From now on it is history, and not the cache, that keeps the last version.

        The background thread makes a Keyframe of it when it has looked at it, for which it may still be unpacked.
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
        """Take a life from those whose history could be packed smaller; raise KeyError if there is none."""
        with self.lock:
            number = next(iter(self.uncompacted), -1)
            history = self.uncompacted.pop(number)
            self.uncompacted_versions -= len(history.payloads) - max(history.compacted, history.gone)
            if not self.uncompacted:
                self.uncompacted_versions = 0
            return history

    def version(self, history: ObjectHistory, position: int) -> Version:
        """A version as it is handed out."""
        facts: Facts = history.columns.at(position)
        stream = history.stream
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

    def living(self, stream: Stream) -> list[ObjectHistory]:
        """The lives of a stream whose end is not known."""
        with self.lock:
            return [history for history in stream.histories.values() if not history.ended]


def _repeats(history: ObjectHistory, number: int, *, deleted: bool) -> bool:
    """Whether the life has this version already."""
    columns = history.columns
    last = len(columns) - 1
    if deleted:
        return columns.deleted(last)
    if columns.deleted(last):
        # It was only out of somebody's selection, or its deletion was inferred wrongly: it lives on.
        return False
    recent = range(last, max(-1, last - _RECENT), -1)
    return any(columns.resource_version(position) == number for position in recent)

"""What the journal holds, under one lock: streams of lives, the log over all of them, and what they take."""

from __future__ import annotations

import threading
from sys import intern

from kwatch.history.delta_log import DeltaLog
from kwatch.history.gap import Evicted
from kwatch.history.ledger import DEPARTED, INFERRED, OUT_OF_ORDER, RELISTED, Facts
from kwatch.history.life import VERSION_BYTES, Life, cells_bytes
from kwatch.history.packing import KEYFRAME_OVERHEAD, Keyframe
from kwatch.history.resource_versions import ResourceVersionNumbers
from kwatch.history.stream import Stream
from kwatch.history.version import Version
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.kube_object import KubeObject

_DELETED, _REPLACED = DeltaType.DELETED, DeltaType.REPLACED
_RECENT = 8
"""How many versions back a repeated resourceVersion is recognised: two informers may watch the same object."""


class Archive:
    """Methods that write take `lock` themselves; whoever reads holds it, and lets go before unpacking anything."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.log = DeltaLog()
        self.lives: dict[int, Life] = {}
        self.streams: dict[tuple[str, str], Stream] = {}
        self.numbers = ResourceVersionNumbers()
        self.bytes = 0
        """About how many bytes of memory the versions take, and the lives that have ended: what can make room."""
        self.living_bytes = 0
        """The same of the lives that go on, beside their versions: what has to be kept to go on with them."""
        self.uncompacted: dict[int, Life] = {}
        """Lives with history that is not packed as small as it could be."""
        self.uncompacted_versions = 0
        self.superseded: list[Life] = []
        """Lives whose pinned version may go, because it is not the last any more."""
        self.forgotten: list[Life] = []
        """The last lives under their names, of which nothing is left but their changes in the index."""
        self.evicted = Evicted()
        self.arrivals = 0
        """How many versions were ever recorded."""
        self._next_life = 0

    def stream(self, context: str, resource: str) -> Stream:
        """The stream of a resource, a new one if need be."""
        with self.lock:
            found = self.streams.get((context, resource))
            if found is None:
                found = self.streams[context, resource] = Stream(context, resource)
            return found

    def record(self, stream: Stream, delta: Delta, obj: KubeObject, *, inferred: bool) -> Life | None:
        """Append a version, in O(1); None if it is no new one."""
        type_, sequence = delta.type, delta.sequence
        deleted = type_ is _DELETED
        flags = (inferred and INFERRED) | (type_ is _REPLACED and RELISTED) | (delta.departed and DEPARTED)
        with self.lock:
            # Informers run side by side: the order in which they come here is the one that counts.
            sequence = max(sequence, self.log.last_sequence + 1)
            number = self.numbers.number(obj.resource_version)
            life = stream.lives.get(obj.key)
            if life is None or (obj.uid and life.uid != obj.uid):
                if life is not None:
                    self._supersede(life)
                    if not life.ended:
                        self._end(life, ended=True)
                life = self._begin(stream, obj, life)
            else:
                _, last_number = life.ledger.last()
                if not number > last_number > 0:
                    if _repeats(life, number, deleted=deleted):
                        return None
                    flags |= 0 < number < last_number and OUT_OF_ORDER
                self._supersede(life)
            life.ledger.append(sequence, delta.received_at, number, type_, flags)
            if life.ended is not deleted:
                self._end(life, ended=deleted)
            self.log.append(sequence, life.number)
            self._keep(life, sequence, obj)
            return life

    def _keep(self, life: Life, sequence: int, obj: KubeObject) -> None:
        life.payloads.append(obj)
        life.unseen += 1
        life.node = obj.node
        if obj.owners and len(life.owners) != len(obj.owners):
            life.owners = tuple(intern(owner.uid) for owner in obj.owners)
        self.arrivals += 1
        self.bytes += VERSION_BYTES
        if obj.cells is not None:
            life.cells = life.cells or {}
            life.cells[sequence] = obj.cells
        if life.ended:
            self._take_over(life)

    def _begin(self, stream: Stream, obj: KubeObject, previous: Life | None) -> Life:
        life = Life(self._next_life, stream, obj.key, obj.uid, previous)
        life.kind, life.api_version = obj.kind, obj.api_version
        self._next_life += 1
        stream.lives[life.key] = life
        self.lives[life.number] = life
        self.living_bytes += life.own_bytes
        return life

    def _end(self, life: Life, *, ended: bool) -> None:
        """It ended, or, if a deletion was none, it goes on."""
        life.ended = ended
        moved = life.own_bytes if ended else -life.own_bytes
        self.bytes += moved
        self.living_bytes -= moved

    def _supersede(self, life: Life) -> None:
        """Its last version is not the last any more, or not that of a living object."""
        if not life.ended:
            self._take_over(life)
        if life.pinned:
            life.pinned = False
            self.superseded.append(life)

    def _take_over(self, life: Life) -> None:
        """From now on it is history, and not the cache, that keeps the last version.

        The background thread makes a Keyframe of it when it has looked at it, for which it may still be unpacked.
        """
        last = life.payloads[-1]
        if isinstance(last, KubeObject):
            if not last.is_packed:
                life.payloads[-1] = Keyframe(*last.stored)
            self.bytes += last.stored_size + KEYFRAME_OVERHEAD
            if life.cells is not None:
                self.bytes += cells_bytes(life.cells.get(life.ledger.last()[0]))
            self.uncompacted[life.number] = life
            self.uncompacted_versions += 1

    def next_uncompacted(self) -> Life:
        """Take a life from those whose history could be packed smaller; raise KeyError if there is none."""
        with self.lock:
            number = next(iter(self.uncompacted), -1)
            life = self.uncompacted.pop(number)
            self.uncompacted_versions -= len(life.payloads) - max(life.compacted, life.gone)
            if not self.uncompacted:
                self.uncompacted_versions = 0
            return life

    def version(self, life: Life, position: int) -> Version:
        """A version as it is handed out."""
        facts: Facts = life.ledger.at(position)
        stream = life.stream
        return Version(
            stream.context,
            stream.resource,
            life.key,
            life.uid,
            facts.sequence,
            facts.type,
            facts.at,
            self.numbers.text(facts.resource_version),
            facts.inferred,
            facts.relisted,
            facts.out_of_order,
            facts.departed,
        )

    def living(self, stream: Stream) -> list[Life]:
        """The lives of a stream whose end is not known."""
        with self.lock:
            return [life for life in stream.lives.values() if not life.ended]


def _repeats(life: Life, number: int, *, deleted: bool) -> bool:
    """Whether the life has this version already."""
    ledger = life.ledger
    last = len(ledger) - 1
    if deleted:
        return ledger.deleted(last)
    if ledger.deleted(last):
        # It was only out of somebody's selection, or its deletion was inferred wrongly: it lives on.
        return False
    recent = range(last, max(-1, last - _RECENT), -1)
    return any(ledger.resource_version(position) == number for position in recent)

"""Reading: the records that a version is packed against, and how much a file may unpack to."""

from __future__ import annotations

from kwatch.base.limits import ALLOWED, LARGEST_OBJECT, MOST_KEPT_RATIO, MOST_UNPACKED_RATIO
from kwatch.history.packing import unpack_foreign
from kwatch.history.recording.format import Record

Place = tuple[int, str]
_MOST_KEPT = 1024
_MOST_KEPT_BYTES = 32 << 20
Chain = tuple[Record, ...]
"""A whole record, perhaps one packed against it, and the wanted one; only the last if what it needs is missing."""
_OVERHEAD = 1500
"""Bytes that a record takes beside its data, here and in what is made of it."""
_WORK = 500
"""Bytes that could be unpacked in the time that a record takes."""


class Allowance:
    """What one reading of a file of some size may unpack and keep: a small file may claim to hold anything."""

    def __init__(self, size: int) -> None:
        self._room = ALLOWED + MOST_KEPT_RATIO * size
        self._work = ALLOWED + MOST_UNPACKED_RATIO * size

    @property
    def spent(self) -> bool:
        """Whether it was asked for too much: then nothing more is read."""
        return self._work < 0

    def may_unpack(self, size: int, records: int = 0) -> bool:
        """Whether so many more bytes and records are allowed."""
        self._work -= size + records * _WORK
        return not self.spent

    def end(self) -> None:
        """Read nothing more."""
        self._work = -1

    def may_keep(self, size: int) -> bool:
        """Whether there is room for a record with so much data."""
        if self._room < size + _OVERHEAD:
            return False
        self._room -= size + _OVERHEAD
        return True

    def release(self, record: Record | None) -> None:
        if record is not None:
            self._room += _size(record) + _OVERHEAD


class BaseRecords:
    """Goes over records in the order of the file and remembers those that later ones are packed against."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._whole: dict[Place, Record] = {}
        self._near: dict[Place, Record] = {}

    def take(self, record: Record) -> Chain:
        """The chain of a record, the whole one first; empty if there is no room for one more."""
        place = (record.stream, record.key)
        allowance = self._allowance
        if record.base == 0:
            allowance.release(self._whole.pop(place, None))
            allowance.release(self._near.pop(place, None))
            if not allowance.may_keep(_size(record)):
                return ()
            self._whole[place] = record
            return (record,)
        whole, near = self._whole.get(place), self._near.get(place)
        if whole is not None and whole.sequence == record.base:
            allowance.release(self._near.pop(place, None))
            if not allowance.may_keep(_size(record)):
                return ()
            self._near[place] = record
            return (whole, record)
        if whole is not None and near is not None and near.sequence == record.base:
            return (whole, near, record)
        return (record,)


def _size(record: Record) -> int:
    return len(record.data) + memoryview(record.cells).nbytes


class Unpacking:
    """Unpacks chains; the nearer bases are kept for a while, because what follows is packed against them too."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._near: dict[Place, tuple[Record, bytes]] = {}
        self._near_bytes = 0

    def unpack(self, chain: Chain) -> bytes:
        """The JSON of the last record; raise ValueError if what it needs is missing, ZstdError if it is damaged."""
        if chain[0].base != 0:
            raise ValueError("what it is packed against is missing")
        raw = chain[0].data
        if len(chain) == 3:
            raw = self._near_raw(chain[1], raw)
        return self._unpack(chain[-1].data, raw) if len(chain) > 1 else raw

    def _unpack(self, packed: bytes, base: bytes) -> bytes:
        content = unpack_foreign(packed, LARGEST_OBJECT, base)
        if not self._allowance.may_unpack(len(content)):
            raise ValueError("the file unpacks to more than it may")
        return content

    def _near_raw(self, near: Record, whole: bytes) -> bytes:
        place = (near.stream, near.key)
        known = self._near.pop(place, None)
        if known is not None and known[0] is not near:
            self._near_bytes -= len(known[1])
            known = None
        if known is None:
            known = near, self._unpack(near.data, whole)
        else:
            self._near_bytes -= len(known[1])
        self._near[place] = known
        self._near_bytes += len(known[1])
        while len(self._near) > _MOST_KEPT or (self._near_bytes > _MOST_KEPT_BYTES and len(self._near) > 1):
            self._near_bytes -= len(self._near.pop(next(iter(self._near)))[1])
        return known[1]

"""Reading: which records a version is packed against, and what they make together."""

from __future__ import annotations

from kwatch.history.packing import unpack_delta
from kwatch.history.recording.format import Record

Place = tuple[int, str]
_MOST_KEPT = 1024
Chain = tuple[Record, ...]
"""A whole record, perhaps one packed against it, and the one in question; only the last if what it needs is missing."""


class BaseRecords:
    """Goes over records in the order of the file and remembers those that later ones build upon."""

    def __init__(self) -> None:
        self._whole: dict[Place, Record] = {}
        self._near: dict[Place, Record] = {}

    def take(self, record: Record) -> Chain:
        """The chain of a record, the whole one first."""
        place = (record.stream, record.key)
        if record.base == 0:
            self._whole[place] = record
            self._near.pop(place, None)
            return (record,)
        whole, near = self._whole.get(place), self._near.get(place)
        if whole is not None and whole.sequence == record.base:
            self._near[place] = record
            return (whole, record)
        if whole is not None and near is not None and near.sequence == record.base:
            return (whole, near, record)
        return (record,)


class Unpacking:
    """Unpacks chains; the nearer bases are kept for a while, because what follows builds upon them too."""

    def __init__(self) -> None:
        self._near: dict[Place, tuple[Record, bytes]] = {}

    def unpack(self, chain: Chain) -> bytes:
        """The JSON of the last record; raise ValueError if what it needs is missing, ZstdError if it is damaged."""
        if chain[0].base != 0:
            raise ValueError("what it is packed against is missing")
        raw = chain[0].data
        if len(chain) == 3:
            raw = self._near_raw(chain[1], raw)
        return unpack_delta(chain[-1].data, raw) if len(chain) > 1 else raw

    def _near_raw(self, near: Record, whole: bytes) -> bytes:
        place = (near.stream, near.key)
        known = self._near.pop(place, None)
        if known is None or known[0] is not near:
            known = near, unpack_delta(near.data, whole)
        self._near[place] = known
        if len(self._near) > _MOST_KEPT:
            del self._near[next(iter(self._near))]
        return known[1]

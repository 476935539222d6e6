"""Reading: which records a version is packed against, and what they make together."""

from __future__ import annotations

from kwatch.history.packing import unpack_delta
from kwatch.history.recording.format import Record

Place = tuple[int, str]
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


def unpack_chain(chain: Chain) -> bytes:
    """The JSON of the last record; raise ValueError if what it needs is missing, ZstdError if it is damaged."""
    if chain[0].base != 0:
        raise ValueError("what it is packed against is missing")
    raw = chain[0].data
    for record in chain[1:]:
        raw = unpack_delta(record.data, raw)
    return raw

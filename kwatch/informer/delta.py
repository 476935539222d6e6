"""A change of one object, and the changes of one key that wait in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic

import msgspec

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

    `sequence` grows with every delta of this process, in order of arrival at the queue's door; `received_at` is when
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
        """The change that came first; raise IndexError if there is none."""
        return self[0]

    @property
    def newest(self) -> Delta:
        """The change that came last; raise IndexError if there is none."""
        return self[-1]

"""A change of one object, and the changes of one key that wait in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kwatch.informer.protocol import Object


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
class DeletedFinalStateUnknown:
    """The tombstone: a deletion that was missed and inferred. `object` is the last state known, perhaps stale."""

    key: str
    object: Object | None


@dataclass(frozen=True, slots=True)
class Delta:
    """One change.

    `sequence` counts every delta of this process, in order of arrival at the queue's door; `received_at` is when that
    was, in seconds since the epoch.
    """

    type: DeltaType
    object: Object | DeletedFinalStateUnknown
    sequence: int
    received_at: float

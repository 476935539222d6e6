"""What a query asks of the world: an index over the objects, the journal's memory, the state of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from kwatch.informer.protocol import Object


class IndexAccess(Protocol):
    """The objects under their keys, and indices over them. An Indexer is one."""

    @property
    def index_names(self) -> Sequence[str]:
        """Which indices there are."""
        ...

    def list_keys(self) -> Sequence[str]:
        """Every key."""
        ...

    def get_by_key(self, key: str) -> Object | None:
        """The object under a key."""
        ...

    def index_key_set(self, name: str, values: Sequence[str]) -> set[str]:
        """The keys filed under any of the values, as a set of the caller's own; raise KeyError for an unknown index."""
        ...

    def index_counts(self, name: str) -> Mapping[str, int]:
        """How many keys are filed under each value; raise KeyError for an unknown index."""
        ...


class JournalAccess(Protocol):
    """What is remembered of changes. Times are seconds since the epoch."""

    @property
    def is_indexed(self) -> bool:
        """Whether `last_changes` answers at once; else it is better to ask for one key after the other."""
        ...

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        """Key -> when it last changed in that way: `path` empty for any change, None for any value."""
        ...

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        """The same for one key."""
        ...

    def is_settled(self, key: str) -> bool:
        """Whether every change received of the key has been looked at; the journal's index runs behind."""
        ...

    @property
    def unsettled(self) -> int:
        """How many keys are not settled."""
        ...

    def paths(self) -> Mapping[str, int]:
        """Every path that changed -> how many objects changed there."""
        ...

    def deleted_objects(self) -> Mapping[str, Object]:
        """Key -> last object of what was deleted, did not come back, and is still remembered."""
        ...


class RowStates(Protocol):
    """What the view knows of rows beside their objects."""

    @property
    def marked(self) -> AbstractSet[str]:
        """The keys the user has marked."""
        ...

    @property
    def deleted(self) -> AbstractSet[str]:
        """The keys whose object is gone, though its row is still there."""
        ...

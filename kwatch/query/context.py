"""What a query is compiled against: a kind, and access to the cache, the journal, the rows and the owners."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from kwatch.catalog.indices import NAMED_AFTER_OWNER, owner_by_name_index, owner_name_index
from kwatch.catalog.kind import Kind
from kwatch.informer.clock import Clock
from kwatch.informer.protocol import Object
from kwatch.informer.resource import Resource
from kwatch.query.index_names import BUILT_IN, IndexNames

ANY_KIND = "*"
"""In place of kinds: those of all owners."""


class OwnersHeld(Protocol):
    """Owners that are watched until released."""

    def look(self) -> bool:
        """Take in what happened to them; whether `take` or `is_outdated` then says something."""

    def take(self) -> set[str]:
        """The keys of the view whose owners' owners are others than they were when this was last asked."""

    @property
    def is_outdated(self) -> bool:
        """Whether so much has changed that every key must be looked at."""

    def release(self) -> None: ...


class OwnerAccess(Protocol):
    """What is known of owners. Values are `Kind/name`."""

    def values(self, obj: Object) -> Sequence[str]:
        """Every owner of an object, then theirs."""

    def above(self) -> Mapping[str, Collection[str]]:
        """What owns owners -> the uids of the owners below it."""

    @property
    def known_by_name(self) -> AbstractSet[str]:
        """Kinds of owners' owners that are known by the names of the owners only."""

    @property
    def notice(self) -> str:
        """Why names must do, where that will not change; else empty."""

    def hold(self, kinds: Iterable[str]) -> OwnersHeld:
        """Have owners of these kinds watched, so that their own are known."""


class NamesOnly:
    """No owners are watched: only names say who owns an owner."""

    known_by_name: AbstractSet[str] = frozenset(NAMED_AFTER_OWNER.values())
    notice = ""

    def values(self, obj: Object) -> Sequence[str]:
        return (*owner_name_index(obj), *owner_by_name_index(obj))

    def above(self) -> Mapping[str, Collection[str]]:
        return {}

    def hold(self, kinds: Iterable[str]) -> OwnersHeld:
        return _NOTHING_HELD


class _NothingHeld:
    is_outdated = False

    def look(self) -> bool:
        return False

    def take(self) -> set[str]:
        return set()

    def release(self) -> None:
        pass


_NOTHING_HELD = _NothingHeld()
NAMES_ONLY: OwnerAccess = NamesOnly()


class IndexAccess(Protocol):
    """The objects under their keys, and indexes over them. An Indexer is one."""

    @property
    def index_names(self) -> Sequence[str]: ...

    def list_keys(self) -> Sequence[str]: ...

    def get_by_key(self, key: str) -> Object | None: ...

    def index_key_set(self, name: str, values: Sequence[str]) -> set[str]:
        """The keys filed under any of the values, as a set of the caller's own; raise KeyError for an unknown index."""

    def index_counts(self, name: str) -> Mapping[str, int]:
        """How many keys are filed under each value; raise KeyError for an unknown index."""


class JournalAccess(Protocol):
    """What is remembered of changes. Times are seconds since the epoch."""

    @property
    def is_indexed(self) -> bool:
        """Whether `last_changes` answers at once; else it is better to ask for one key after the other."""

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        """Key -> when it last changed in that way: `path` empty for any change, None for any value."""

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        """The same for one key."""

    def is_settled(self, key: str) -> bool:
        """Whether every change received of the key has been looked at; the journal's index runs behind."""

    @property
    def unsettled(self) -> int:
        """How many keys are not settled."""

    def paths(self) -> Mapping[str, int]:
        """Every path that changed -> how many objects changed there."""

    def deleted_objects(self) -> Mapping[str, Object]:
        """Key -> last object of what was deleted, did not come back, and is still remembered."""


class RowStates(Protocol):
    """What the view knows of rows beside their objects."""

    @property
    def marked(self) -> AbstractSet[str]:
        """The keys the user has marked."""

    @property
    def deleted(self) -> AbstractSet[str]:
        """The keys whose object is gone, though its row is still there."""


@dataclass(frozen=True, slots=True)
class Context:
    """The view a query filters. Its resource may be unknown (None), or one of several: then `others` are the rest, and
    keys tell of which an object is; of resources of several clusters `contexts` says where each is. Without a journal
    nothing is remembered.
    """

    kind: Kind
    resource: Resource | None
    index: IndexAccess
    clock: Clock
    journal: JournalAccess | None = None
    states: RowStates | None = None
    others: tuple[Resource, ...] = ()
    names: IndexNames = BUILT_IN
    owners: OwnerAccess = NAMES_ONLY
    contexts: tuple[str, ...] = ()

    @property
    def is_of_several_kinds(self) -> bool:
        return len({str(each) for each in self.resources}) > 1

    def makes_sense(self, index: str) -> bool:
        """Whether an index could tell anything apart that only views of several resources or clusters have."""
        return {"kind": self.is_of_several_kinds, "context": bool(self.contexts)}.get(index, True)

    @property
    def resources(self) -> tuple[Resource, ...]:
        return (self.resource, *self.others) if self.resource is not None else ()

"""Owners of objects and the owners of those, as far as somebody knows them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from kwatch.catalog.indices import OWNER_BY_NAME_INDEX, OWNER_NAME_INDEX
from kwatch.catalog.indices.owner_name import TOLD_BY_NAME, owner_by_name_index, owner_name_index
from kwatch.informer.index import OWNER_INDEX
from kwatch.informer.protocol import Object
from kwatch.query.access import IndexAccess

ANY_KIND = "*"
"""In place of kinds: those of all owners."""


class OwnersHeld(Protocol):
    """Owners that are watched for somebody, until released."""

    def look(self) -> bool:
        """Take in what happened to them; whether `take` or `is_outdated` then says something."""
        ...

    def take(self) -> set[str]:
        """The keys of the view whose owners' owners are others than they were when this was last asked."""
        ...

    @property
    def is_outdated(self) -> bool:
        """Whether so much is known anew that every key must be looked at."""
        ...

    def release(self) -> None:
        """Let go."""
        ...


class OwnerAccess(Protocol):
    """What is known of owners. Values are `Kind/name`."""

    def values(self, obj: Object) -> Sequence[str]:
        """Every owner of an object, then theirs."""
        ...

    def above(self) -> Mapping[str, Collection[str]]:
        """What owns owners -> the uids of the owners below it."""
        ...

    @property
    def told_by_name(self) -> AbstractSet[str]:
        """The kinds of what owns owners of which only the names of those tell."""
        ...

    @property
    def notice(self) -> str:
        """Why names must do, where that will not change; else empty."""
        ...

    def hold(self, kinds: Iterable[str]) -> OwnersHeld:
        """Have owners of these kinds watched, so that their own are known."""
        ...


class NamesOnly:
    """Nobody is watched: only names tell who owns an owner."""

    told_by_name: AbstractSet[str] = frozenset(TOLD_BY_NAME.values())
    notice = ""

    def values(self, obj: Object) -> Sequence[str]:
        """By the object's own words."""
        return (*owner_name_index(obj), *owner_by_name_index(obj))

    def above(self) -> Mapping[str, Collection[str]]:
        """Nothing is known."""
        return {}

    def hold(self, kinds: Iterable[str]) -> OwnersHeld:
        """Nothing will change."""
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


class OwnerIndex:
    """The objects of a cache by all their owners: a join of its indices with what is known of the owners.

    Raises KeyError where the cache lacks one of `INDICES`.
    """

    INDICES = (OWNER_INDEX, OWNER_NAME_INDEX, OWNER_BY_NAME_INDEX)

    def __init__(self, cache: IndexAccess, owners: OwnerAccess) -> None:
        self._cache = cache
        self._owners = owners
        self._above = owners.above()
        self._told = owners.told_by_name

    @property
    def values(self) -> Iterable[str]:
        """Every owner, near or far, each once."""
        guessed = [value for value in self._cache.index_counts(OWNER_BY_NAME_INDEX) if self._is_told(value)]
        return dict.fromkeys([*self._cache.index_counts(OWNER_NAME_INDEX), *self._above, *guessed])

    def counts(self) -> Mapping[str, int]:
        """How many objects belong to each owner that has any."""
        counts = dict(self._cache.index_counts(OWNER_NAME_INDEX))
        further = [value for value in self._cache.index_counts(OWNER_BY_NAME_INDEX) if self._is_told(value)]
        counts |= {value: len(self.keys((value,))) for value in (*self._above, *further)}
        return {value: count for value, count in counts.items() if count}

    def keys(self, values: Collection[str]) -> set[str]:
        """What belongs to any of these owners."""
        cache, above = self._cache, self._above
        found = cache.index_key_set(OWNER_NAME_INDEX, list(values))
        uids = [uid for value in values for uid in above.get(value, ())]
        if uids:
            found |= cache.index_key_set(OWNER_INDEX, uids)
        told = [value for value in values if self._is_told(value)]
        if told:
            found |= cache.index_key_set(OWNER_BY_NAME_INDEX, told)
        return found

    def _is_told(self, value: str) -> bool:
        return value.partition("/")[0] in self._told

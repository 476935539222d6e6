"""`owner:deploy/cart`: what an object owns, at any depth: a live join with the caches of the owners' kinds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from kwatch.catalog.indices import (
    NAMED_AFTER_OWNER,
    OWNER_BY_NAME_INDEX,
    OWNER_NAME_INDEX,
    owner_by_name_index,
    owner_name_index,
)
from kwatch.informer.index import OWNER_INDEX
from kwatch.query.context import ANY_KIND, Context, IndexAccess, OwnerAccess
from kwatch.query.patterns import Predicate, kind_of_pattern
from kwatch.query.row import Row
from kwatch.query.term import Matcher

_NEVER_ABOVE = frozenset({"replicaset", "replicationcontroller", "statefulset", "daemonset", "job", "node"})
"""Kinds that own pods and other things themselves, never through something else."""
_BELOW = {kind.lower(): owner for owner, kind in NAMED_AFTER_OWNER.items()}


class OwnerMatcher(Matcher):
    """A live join: owners of owners are found in the caches of the owners' kinds, which are watched meanwhile."""

    cost = 1

    def __init__(self, patterns: Sequence[str], predicate: Predicate, context: Context) -> None:
        self._predicate = predicate
        self._owners = context.owners
        self._index = context.index
        self.indices = {OWNER_NAME_INDEX: owner_name_index, OWNER_BY_NAME_INDEX: owner_by_name_index}
        self.by_index = frozenset(OwnerIndex.INDICES) <= frozenset(context.index.index_names)
        self.owner_kinds = frozenset(kind for pattern in patterns for kind in _kinds_between(pattern))

    @property
    def answered_by(self) -> str:  # type: ignore[override]
        """Says so where only names tell."""
        name = "owner index" if self.by_index else "owner"
        return f"{name} ({self._owners.notice})" if self._owners.notice else name

    def matches(self, row: Row, now: float) -> bool:
        predicate = self._predicate
        return any(predicate(value) for value in self._owners.values(row.obj))

    def keys(self) -> set[str]:
        index, predicate = OwnerIndex(self._index, self._owners), self._predicate
        return index.keys([value for value in index.values if predicate(value)])


def _kinds_between(pattern: str) -> Sequence[str]:
    """The kinds of owners through which something may belong to what is meant; all, if that may be of any kind."""
    kind = kind_of_pattern(pattern)
    if kind in _NEVER_ABOVE:
        return ()
    return (_BELOW[kind],) if kind in _BELOW else (ANY_KIND,)


class OwnerIndex:
    """The objects of a cache by all their owners: a join of its indexes with what is known of the owners.

    Raises KeyError where the cache lacks one of `INDICES`.
    """

    INDICES = (OWNER_INDEX, OWNER_NAME_INDEX, OWNER_BY_NAME_INDEX)

    def __init__(self, cache: IndexAccess, owners: OwnerAccess) -> None:
        self._cache = cache
        self._owners = owners
        self._above = owners.above()
        self._known_by_name = owners.known_by_name

    @property
    def values(self) -> Iterable[str]:
        """Every owner, near or far, each once."""
        guessed = [value for value in self._cache.index_counts(OWNER_BY_NAME_INDEX) if self._is_known_by_name(value)]
        return dict.fromkeys([*self._cache.index_counts(OWNER_NAME_INDEX), *self._above, *guessed])

    def counts(self) -> Mapping[str, int]:
        """How many objects belong to each owner that has any."""
        counts = dict(self._cache.index_counts(OWNER_NAME_INDEX))
        further = [value for value in self._cache.index_counts(OWNER_BY_NAME_INDEX) if self._is_known_by_name(value)]
        counts |= {value: len(self.keys((value,))) for value in (*self._above, *further)}
        return {value: count for value, count in counts.items() if count}

    def keys(self, values: Collection[str]) -> set[str]:
        cache, above = self._cache, self._above
        found = cache.index_key_set(OWNER_NAME_INDEX, list(values))
        uids = [uid for value in values for uid in above.get(value, ())]
        if uids:
            found |= cache.index_key_set(OWNER_INDEX, uids)
        by_name = [value for value in values if self._is_known_by_name(value)]
        if by_name:
            found |= cache.index_key_set(OWNER_BY_NAME_INDEX, by_name)
        return found

    def _is_known_by_name(self, value: str) -> bool:
        return value.partition("/")[0] in self._known_by_name

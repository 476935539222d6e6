"""`owner:deploy/web`, `owner:web`: what belongs to an owner, directly or through others."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.catalog.indices import OWNER_BY_NAME_INDEX, OWNER_NAME_INDEX
from kwatch.catalog.indices.owner_name import TOLD_BY_NAME, owner_by_name_index, owner_name_index
from kwatch.query.context import Context
from kwatch.query.glob import Predicate
from kwatch.query.index_patterns import kind_of_pattern
from kwatch.query.matcher import Matcher
from kwatch.query.owners import ANY_KIND, OwnerIndex
from kwatch.query.row import Row

_NEVER_ABOVE = frozenset({"replicaset", "replicationcontroller", "statefulset", "daemonset", "job", "node"})
"""Kinds that own pods and other things themselves, never through something else."""
_BELOW = {kind.lower(): owner for owner, kind in TOLD_BY_NAME.items()}


class OwnerMatcher(Matcher):
    """A live join: whoever owns an owner is asked of the caches of the owners' kinds, which are held meanwhile."""

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
        """Follow the owners of the row's object."""
        predicate = self._predicate
        return any(predicate(value) for value in self._owners.values(row.obj))

    def keys(self) -> set[str]:
        """Test each owner once."""
        index, predicate = OwnerIndex(self._index, self._owners), self._predicate
        return index.keys([value for value in index.values if predicate(value)])


def _kinds_between(pattern: str) -> Sequence[str]:
    """The kinds of owners through which something may belong to what is meant; all, if that may be of any kind."""
    kind = kind_of_pattern(pattern)
    if kind in _NEVER_ABOVE:
        return ()
    return (_BELOW[kind],) if kind in _BELOW else (ANY_KIND,)

"""Caches of one resource in several namespaces as one source, under the keys that the objects have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from kwatch.informer.index import IndexFunc
from kwatch.informer.protocol import Object
from kwatch.query.context import IndexAccess
from kwatch.view.indexes_on_demand import Demand, demand_indices


class UnitedSource:
    """A Source with indexes, of parts by their namespaces; None is all of them. They are replaced on the UI thread
    while others read. Nothing is copied.
    """

    def __init__(self) -> None:
        self._parts: Mapping[str | None, IndexAccess] = {}
        self._wanted: dict[str, IndexFunc] = {}
        """Every index that was ever asked for: what comes later has it, too."""

    def use(self, parts: Mapping[str | None, IndexAccess]) -> None:
        """These from now on: at least one, and where there are several each of one namespace."""
        for namespace, part in parts.items():
            if self._wanted and part is not self._parts.get(namespace):
                demand_indices(part, self._wanted).make()
        self._parts = dict(parts)

    def __len__(self) -> int:
        return sum(len(each.list_keys()) for each in self._parts.values())

    @property
    def index_names(self) -> Sequence[str]:
        """Those that every part keeps."""
        parts = [*self._parts.values()]
        if len(parts) == 1:
            return parts[0].index_names
        return [name for name in parts[0].index_names if all(name in part.index_names for part in parts[1:])]

    def list_keys(self) -> Sequence[str]:
        parts = [*self._parts.values()]
        if len(parts) == 1:
            return parts[0].list_keys()
        return [key for part in parts for key in part.list_keys()]

    def get_by_key(self, key: str) -> Object | None:
        parts = self._parts
        part = parts[None] if None in parts else parts.get(key.rpartition("/")[0])
        return part.get_by_key(key) if part is not None else None

    def index_key_set(self, name: str, values: Sequence[str]) -> set[str]:
        """Raise KeyError for an index that does not answer for all."""
        first, *others = self._parts.values()
        found = first.index_key_set(name, values)
        return found.union(*[part.index_key_set(name, values) for part in others]) if others else found

    def index_counts(self, name: str) -> Mapping[str, int]:
        """Raise KeyError for an index that does not answer for all."""
        first, *others = self._parts.values()
        if not others:
            return first.index_counts(name)
        sums = Counter(first.index_counts(name))
        for part in others:
            sums.update(part.index_counts(name))
        return sums

    def demand(self, indexers: Mapping[str, IndexFunc]) -> Demand:
        """Want indices of each part."""
        self._wanted |= indexers
        demands = [demand_indices(part, indexers) for part in self._parts.values()]
        return Demand([each for demand in demands for each in demand.parts])

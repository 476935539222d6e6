"""The parts of one resource, each of one namespace, as one source; what is wanted of it is wanted of each part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Sized

from kwatch.base.threads import spawn
from kwatch.informer.index import IndexFunc
from kwatch.informer.protocol import Object
from kwatch.query.context import IndexAccess
from kwatch.view.indexes_on_demand import Demand, demand_indices

FEW = 1000
"""Objects that are indexed in a moment."""


class UnitedSource:
    """A Source with indexes, of parts by their namespaces; None is all of them. They are replaced on the UI thread
    while others read. Nothing is copied.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        """`names`: the indexes that it will have once it has parts; as long as there are none they are empty."""
        self._names = tuple(names)
        self._parts: Mapping[str | None, IndexAccess] = {}
        self._demands: list[_DemandOfParts] = []

    def use(self, parts: Mapping[str | None, IndexAccess]) -> None:
        """These from now on: at least one, and where there are several each of one namespace. Who wanted indexes of
        those before wants them of these.
        """
        self._parts = dict(parts)
        for demand in self._demands:
            demand.renew(self._parts)
            if len(self) <= FEW:
                demand.make()
            else:
                spawn("kwatch-index", demand.make)

    def release(self) -> None:
        """Let go of every index that is wanted. Idempotent."""
        for demand in [*self._demands]:
            demand.release()

    def demand(self, indexers: Mapping[str, IndexFunc]) -> Demand:
        """Want indices of each part, now and later."""
        demand = _DemandOfParts(self._demands, indexers)
        demand.renew(self._parts)
        return demand

    def __len__(self) -> int:
        return sum(len(each) if isinstance(each, Sized) else len(each.list_keys()) for each in self._parts.values())

    @property
    def index_names(self) -> Sequence[str]:
        """Those that every part keeps."""
        parts = [*self._parts.values()]
        if not parts:
            return tuple(dict.fromkeys((*self._names, *self._wanted)))
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
        found: set[str] = set()
        for part in self._parts.values():
            try:
                found |= part.index_key_set(name, values)
            except KeyError:
                found.update(key for key, value in self._filed(part, name) if value in values)
        return found

    def index_counts(self, name: str) -> Mapping[str, int]:
        """Raise KeyError for an index that does not answer for all."""
        counts = Counter[str]()
        for part in self._parts.values():
            try:
                counts.update(part.index_counts(name))
            except KeyError:
                counts.update(value for _, value in self._filed(part, name))
        return counts

    def _filed(self, part: IndexAccess, name: str) -> Iterator[tuple[str, str]]:
        """Each key and value of an index that is wanted, and still being made."""
        func = self._wanted[name]
        for key in part.list_keys():
            obj = part.get_by_key(key)
            if obj is not None:
                yield from ((key, value) for value in dict.fromkeys(func(obj)))

    @property
    def _wanted(self) -> Mapping[str, IndexFunc]:
        return {name: func for demand in self._demands for name, func in demand.indexers.items()}


class _DemandOfParts(Demand):
    """Among those that are `alive` until it lets go."""

    def __init__(self, alive: list[_DemandOfParts], indexers: Mapping[str, IndexFunc]) -> None:
        super().__init__()
        self.indexers = dict(indexers)
        self._alive = alive
        alive.append(self)

    def renew(self, parts: Mapping[str | None, IndexAccess]) -> None:
        """Want the same of these, and no longer of others."""
        before, self._parts = self._parts, tuple(demand_indices(part, self.indexers) for part in parts.values())
        for part in before:
            part.release()

    def release(self) -> None:
        super().release()
        if self in self._alive:
            self._alive.remove(self)

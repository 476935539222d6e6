"""Indices that a cache is given when they are needed, and that are dropped some time after their last use."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable
from weakref import WeakKeyDictionary, ref

from kwatch.informer.index import IndexFunc

log = logging.getLogger("kwatch.view.indexes_on_demand")

RETENTION = 60.0
"""Seconds that an unused index stays: a filter is often typed again, a facet opened again."""
_MOST = 24
"""Indices in one cache; each costs memory and a little of every change."""


@runtime_checkable
class Indexable(Protocol):
    """A cache that indexes can be added to while it is in use. An Indexer is one."""

    @property
    def index_names(self) -> Sequence[str]: ...

    def add_indexers(self, indexers: Mapping[str, IndexFunc]) -> None: ...

    def remove_indexers(self, names: Iterable[str]) -> None: ...


class Demand:
    """Indices that one user wants of one cache or several, until it lets go of them."""

    def __init__(self, parts: Iterable[Demand] = ()) -> None:
        self._parts = tuple(parts)
        self._released = False

    def make(self) -> None:
        """Make those that a cache lacks. Reads every object, so not on the UI thread."""
        for part in self._parts:
            # Who let go meanwhile would leave an index behind for the whole retention, at the cost of a pass over all.
            if not self._released:
                part.make()

    def release(self) -> None:
        """Let go. Idempotent."""
        if not self._released:
            self._released = True
            for part in self._parts:
                part.release()


class _DemandOfOne(Demand):
    def __init__(self, indices: IndicesOnDemand, indexers: Mapping[str, IndexFunc]) -> None:
        super().__init__()
        self._indices = indices
        self._indexers = dict(indexers)

    def make(self) -> None:
        if not self._released:
            self._indices.make(self._indexers)

    def release(self) -> None:
        if not self._released:
            self._released = True
            self._indices.release(self._indexers)


NO_DEMAND = Demand()


@runtime_checkable
class Demanding(Protocol):
    """A source that hands demands on to several caches."""

    def demand(self, indexers: Mapping[str, IndexFunc]) -> Demand: ...


class IndicesOnDemand:
    """Those of one cache. Thread-safe; nothing here blocks but `make`."""

    def __init__(self, cache: Indexable, retention: float = RETENTION) -> None:
        # Kept for as long as the cache exists, so it must not keep the cache alive.
        self._cache = ref(cache)
        self._retention = retention
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._users: Counter[str] = Counter()
        self._made: set[str] = set()
        self._unused_since: dict[str, float] = {}

    def demand(self, indexers: Mapping[str, IndexFunc]) -> Demand:
        """Want indices; those that are there stay from now on."""
        with self._lock:
            for name in indexers:
                self._users[name] += 1
                self._unused_since.pop(name, None)
        return _DemandOfOne(self, indexers)

    @property
    def users(self) -> Mapping[str, int]:
        """How many use each index that was made on demand."""
        with self._lock:
            return {name: self._users[name] for name in self._made}

    def drop_unused(self, now: float) -> tuple[str, ...]:
        """Drop the indexes that were unused for long enough; returns which. To be called from time to time; `now` is in
        seconds of a clock that never goes back.
        """
        with self._lock:
            unused = [name for name in self._made if not self._users[name]]
            ended = [name for name in unused if now - self._unused_since.setdefault(name, now) >= self._retention]
            cache = self._cache()
            if cache is not None:
                cache.remove_indexers(ended)
            self._made.difference_update(ended)
            for name in ended:
                del self._unused_since[name]
        return tuple(ended)

    def make(self, indexers: Mapping[str, IndexFunc]) -> None:
        """Add those that the cache lacks, unless it has enough already; one who makes the same is waited for."""
        cache = self._cache()
        if cache is None:
            return
        with self._making:
            known = cache.index_names
            missing = {name: func for name, func in indexers.items() if name not in known}
            if not missing or len(known) + len(missing) > _MOST:
                return
            try:
                cache.add_indexers(missing)
            except ValueError:
                log.debug("somebody else has added one of %s meanwhile", ", ".join(missing))
                return
            with self._lock:
                self._made.update(missing)

    def release(self, names: Iterable[str]) -> None:
        with self._lock:
            self._users.subtract(list(names))


_of_caches: WeakKeyDictionary[Indexable, IndicesOnDemand] = WeakKeyDictionary()
_finding = threading.Lock()


def indices_on_demand(cache: Indexable) -> IndicesOnDemand:
    """Those of a cache, which every view of it shares."""
    with _finding:
        found = _of_caches.get(cache)
        if found is None:
            found = _of_caches[cache] = IndicesOnDemand(cache)
        return found


def demand_indices(source: object, indexers: Mapping[str, IndexFunc]) -> Demand:
    """Demand indices for what a view shows; a source that takes none gets none."""
    if isinstance(source, Demanding):
        return source.demand(indexers)
    return indices_on_demand(source).demand(indexers) if indexers and isinstance(source, Indexable) else NO_DEMAND

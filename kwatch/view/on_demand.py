"""Indices that a cache is given when somebody needs them, and that go some time after the last one let go of them."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable
from weakref import WeakKeyDictionary, ref

from kwatch.informer.index import IndexFunc

log = logging.getLogger("kwatch.view.on_demand")

LINGER = 60.0
"""Seconds that an index stays when nobody uses it: a filter is often typed again, a facet opened again."""
_MOST = 24
"""Indices in one cache; each costs memory and a little of every change."""


@runtime_checkable
class Indexable(Protocol):
    """A cache that indices can be added to while it is in use. An Indexer is one."""

    @property
    def index_names(self) -> Sequence[str]:
        """Which indices there are."""
        ...

    def add_indexers(self, indexers: Mapping[str, IndexFunc]) -> None:
        """Add some; raise ValueError for one that exists."""
        ...

    def remove_indexers(self, names: Iterable[str]) -> None:
        """Drop some; raise KeyError for one that does not exist."""
        ...


class Demand(Protocol):
    """Indices that one user wants, until it lets go of them."""

    def make(self) -> None:
        """Make those that the cache lacks. Reads every object, so not on the UI thread."""
        ...

    def release(self) -> None:
        """Let go. Idempotent."""
        ...


@runtime_checkable
class Demanding(Protocol):
    """A source that hands demands on to several caches."""

    def demand(self, indexers: Mapping[str, IndexFunc]) -> Demand:
        """Want indices of each."""
        ...


class IndicesOnDemand:
    """Those of one cache. Thread-safe; nothing here blocks but `make`."""

    def __init__(self, cache: Indexable, linger: float = LINGER) -> None:
        # Found by the cache for as long as that lives, so this must not be what keeps it alive.
        self._cache = ref(cache)
        self._linger = linger
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
        return _OfCache(self, indexers)

    @property
    def users(self) -> Mapping[str, int]:
        """How many use each index that was made on demand."""
        with self._lock:
            return {name: self._users[name] for name in self._made}

    def drop_unused(self, now: float) -> tuple[str, ...]:
        """Drop the indices that were unused for long enough, told which. To be called from time to time; `now` is in
        seconds of a clock that never goes back.
        """
        with self._lock:
            unused = [name for name in self._made if not self._users[name]]
            ended = [name for name in unused if now - self._unused_since.setdefault(name, now) >= self._linger]
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
        """One user less."""
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
    """Want indices of whatever a view shows; of what takes none, none will be made."""
    if isinstance(source, Demanding):
        return source.demand(indexers)
    return indices_on_demand(source).demand(indexers) if indexers and isinstance(source, Indexable) else NO_DEMAND


class DemandOfSeveral:
    """Demands that are made and released together."""

    def __init__(self, demands: Iterable[Demand] = ()) -> None:
        self._demands = tuple(demands)

    def make(self) -> None:
        """Make what any lacks."""
        for demand in self._demands:
            demand.make()

    def release(self) -> None:
        """Let go of all."""
        for demand in self._demands:
            demand.release()


NO_DEMAND: Demand = DemandOfSeveral()


class _OfCache:
    def __init__(self, indices: IndicesOnDemand, indexers: Mapping[str, IndexFunc]) -> None:
        self._indices = indices
        self._indexers = dict(indexers)
        self._released = False

    def make(self) -> None:
        # Whoever let go meanwhile would leave an index behind for the whole linger, at the cost of a pass over all.
        if not self._released:
            self._indices.make(self._indexers)

    def release(self) -> None:
        if not self._released:
            self._released = True
            self._indices.release(self._indexers)

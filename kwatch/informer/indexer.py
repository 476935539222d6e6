"""The cache: objects by key, and indexes over them that are always in step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic

from kwatch.informer.delta import DeletedFinalStateUnknown
from kwatch.informer.errors import ObjectKeyError, TransactionError
from kwatch.informer.index import Index, IndexFunc, IndexSize, IndexValues, Values
from kwatch.informer.metadata import KeyFunc, compare_resource_versions, meta_namespace_key, resource_version_of
from kwatch.informer.protocol import Object, T_co
from kwatch.informer.waiting import Signal

_STEP = 1000
"""Objects that a new index takes in under one hold of the lock."""


class Indexer(Generic[T_co]):
    """Thread-safe. Items and indexes change together, under one lock that is never held while a function of the user
    runs: index functions are called before, and a key's values are kept.
    """

    def __init__(
        self,
        key_func: KeyFunc = meta_namespace_key,
        indexers: Mapping[str, IndexFunc] | None = None,
        *,
        on_index_error: Callable[[str], None] | None = None,
    ) -> None:
        self._key_func = key_func
        self._values = IndexValues(on_index_error)
        self._lock = threading.Lock()
        self._items: dict[str, Any] = {}
        self._indices = {name: Index(func, derives=True) for name, func in (indexers or {}).items()}
        # What every writer keeps up to date: the indexes above and those still being built. Replaced, never changed.
        self._maintained: tuple[Index, ...] = tuple(self._indices.values())
        self._building: frozenset[str] = frozenset()
        self._staged: Indexer[T_co] | None = None
        self._resource_version = ""
        self._version_listeners: tuple[Callable[[], None], ...] = ()

    @property
    def index_errors(self) -> int:
        """How often an index function raised; the object then had no values in that index."""
        return self._values.errors

    def add(self, obj: Object) -> None:
        """Add an object, or replace the one with the same key; raise ObjectKeyError."""
        self.put(self._key(obj), obj)
        self._reached(resource_version_of(obj))

    update = add

    def put(self, key: str, obj: Object) -> Object | None:
        """Put an object under a known key; returns the one before. The version stays."""
        maintained = self._maintained
        values: Sequence[Values | None] = self._values.of_each(maintained, obj)
        with self._lock:
            while maintained is not self._maintained:
                maintained, values = self._catch_up(maintained, values, obj)
            old = self._items.get(key)
            self._items[key] = obj
            for index, of_index in zip(maintained, values, strict=True):
                index.refile(key, of_index, old, obj)
        return old

    def delete(self, obj: Object | DeletedFinalStateUnknown) -> None:
        """Remove what has the key of an object or of a tombstone, if anything; raise ObjectKeyError."""
        if isinstance(obj, DeletedFinalStateUnknown):
            self.remove(obj.key)
        else:
            self.remove(self._key(obj))
            self._reached(resource_version_of(obj))

    def remove(self, key: str) -> Object | None:
        """Remove what is under a key, and return it. The version stays."""
        with self._lock:
            old: Object | None = self._items.pop(key, None)
            if old is not None:
                for index in self._maintained:
                    index.remove_of(key, old)
        return old

    def put_all(self, changes: Sequence[tuple[str, Object | None]]) -> list[Object | None]:
        """Put objects under their keys, or remove what is there for None, in one step for readers; returns what was
        there before each change. For one writer. Readers do not wait: only index values that change are written under
        the lock. The version stays.
        """
        while True:
            maintained, refiled = self._maintained, self._refiled(dict(changes))
            items = dict(self._items)
            before = [_exchange(items, key, obj) for key, obj in changes]
            with self._lock:
                if maintained is not self._maintained:
                    continue
                self._items = items
                for refile in refiled:
                    refile()
            if len(changes) >= max(_STEP, len(items) // 2):
                self._compact()
            return before

    def _compact(self) -> None:
        """After a list: one value after the other, so that no reader waits."""
        for index in self._maintained:
            for value in [*index.keys_by_value]:
                with self._lock:
                    index.compact(value)

    def replace(self, objects: Iterable[Object], resource_version: str = "") -> None:
        """Hold exactly these objects; raise ObjectKeyError and change nothing if one has no key."""
        self._hold({self._key(obj): obj for obj in objects}, {})
        self._resource_version = resource_version
        self._tell_version()

    def _hold(self, items: dict[str, Any], rebuilt: dict[Index, Index]) -> None:
        """Hold exactly these items, in one step for readers. `rebuilt`: indexes of the items that exist already."""
        while True:
            maintained = self._maintained
            rebuilt |= {index: self._rebuild(index, items) for index in maintained if index not in rebuilt}
            with self._lock:
                if maintained is not self._maintained:
                    continue
                self._items = items
                for index in maintained:
                    index.take_over(rebuilt[index])
            return

    def staging(self) -> Indexer[T_co]:
        """An empty one, with the same indexes and those added from now on, which is filled beside this and adopted."""
        staged = self._staged = Indexer(self._key_func)
        staged._indices = {name: index.emptied() for name, index in self._indices.items()}
        staged._maintained = tuple(staged._indices.values())
        # One lock, so that who still reads it when it is adopted reads no index in the middle of a change.
        staged._values, staged._lock = self._values, self._lock
        return staged

    def adopt(self, objects: Mapping[str, Object]) -> None:
        """Hold exactly these, in one step for readers. What is staged is not indexed again, nor written any more."""
        staged, self._staged = self._staged or self.staging(), None
        for key in staged._items.keys() - objects.keys():
            staged.remove(key)
        for key in [key for key, obj in objects.items() if staged._items.get(key) is not obj]:
            staged.put(key, objects[key])
        pairs = [(index, staged._indices.get(name)) for name, index in self._indices.items()]
        filled = {index: other for index, other in pairs if other is not None and other.func is index.func}
        self._hold(staged._items, filled)
        self._compact()

    def transaction(self, changes: Sequence[Change]) -> None:
        """Apply changes in order; those that fail are left out and reported together in a TransactionError."""
        done: list[int] = []
        errors: list[Exception] = []
        for position, change in enumerate(changes):
            try:
                (self.delete if change.action == "delete" else self.add)(change.object)
                done.append(position)
            except ObjectKeyError as error:
                errors.append(error)
        if errors:
            raise TransactionError(tuple(done), tuple(errors))

    def add_indexers(self, indexers: Mapping[str, IndexFunc]) -> None:
        """Add indexes at any time; what is in the cache is indexed when this returns. Raise ValueError for a name that
        exists. Readers do not wait: the objects are read outside the lock, in steps.
        """
        fresh = {name: Index(func) for name, func in indexers.items()}
        with self._lock:
            if taken := sorted(fresh.keys() & (self._indices.keys() | self._building)):
                raise ValueError(f"index exists already: {', '.join(taken)}")
            self._building |= fresh.keys()
            self._maintained = (*self._maintained, *fresh.values())
            snapshot = list(self._items.items())
        for start in range(0, len(snapshot), _STEP):
            self._fill(fresh.values(), snapshot[start : start + _STEP])
        with self._lock:
            self._building -= fresh.keys()
            self._indices = {**self._indices, **fresh}
        if (staged := self._staged) is not None:
            staged.add_indexers(indexers)

    def remove_indexers(self, names: Iterable[str]) -> None:
        """Drop indexes at any time; raise KeyError, and drop none, if one does not exist."""
        names = tuple(names)
        with self._lock:
            dropped = {self._indices[name] for name in names}
            self._indices = {name: index for name, index in self._indices.items() if index not in dropped}
            self._maintained = tuple(index for index in self._maintained if index not in dropped)
        if (staged := self._staged) is not None:
            staged.remove_indexers([name for name in names if name in staged.index_names])

    @property
    def resource_version(self) -> str:
        """Every change up to this version is in the cache. Empty before the first list."""
        return self._resource_version

    def update_resource_version(self, version: str) -> None:
        """Every change up to this version is in the cache; empty says nothing."""
        self._reached(version)

    def has_reached(self, version: str) -> bool:
        """Whether the cache is at a version or beyond. Versions that are no numbers are reached when they are equal."""
        ours = self._resource_version
        if version in ("", "0", ours):
            return bool(ours)
        try:
            return compare_resource_versions(ours, version) > 0
        except ValueError:
            return False

    def wait_for_version(self, version: str, timeout: float | None = None, stop: Signal | None = None) -> bool:
        """Wait until the cache is at a version or beyond, `timeout` seconds passed or `stop` is set; whether it is."""
        over = threading.Event()

        def look() -> None:
            if self.has_reached(version) or (stop is not None and stop.is_set()):
                over.set()

        self.listen(look)
        if stop is not None:
            stop.on_set(look)
        look()
        over.wait(timeout)
        if stop is not None:
            stop.forget(look)
        self.forget(look)
        return self.has_reached(version)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call this, in the thread where it happens, when another version is reached; it must return at once."""
        with self._lock:
            self._version_listeners = (*self._version_listeners, listener)

    def forget(self, listener: Callable[[], None]) -> None:
        with self._lock:
            self._version_listeners = tuple(each for each in self._version_listeners if each != listener)

    def _reached(self, version: str) -> None:
        if version:
            self._resource_version = version
            self._tell_version()

    def _tell_version(self) -> None:
        for look in self._version_listeners:
            look()

    def hold(self) -> None:
        """Lock it until `let_go`, for a fork."""
        self._lock.acquire()

    def let_go(self) -> None:
        self._lock.release()

    def get(self, obj: Object) -> T_co | None:
        return self.get_by_key(self._key(obj))

    def get_by_key(self, key: str) -> T_co | None:
        return self._items.get(key)

    def list(self) -> list[T_co]:
        """In no particular order."""
        with self._lock:
            return [*self._items.values()]

    def list_keys(self) -> Sequence[str]:
        """In no particular order."""
        with self._lock:
            return [*self._items]

    def __len__(self) -> int:
        return len(self._items)

    def items(self) -> Sequence[tuple[str, T_co]]:
        """Every key with its object, of one moment."""
        with self._lock:
            return [*self._items.items()]

    @property
    def index_names(self) -> tuple[str, ...]:
        return tuple(self._indices)

    def index(self, name: str, obj: Object) -> Sequence[T_co]:
        """Every object that shares a value of the index with this one; raise KeyError for an unknown index."""
        values = self._values.of(self._indices[name], obj)
        with self._lock:
            filed = self._indices[name].keys_by_value
            return [self._items[key] for key in set().union(*(filed.get(value, ()) for value in values))]

    def by_index(self, name: str, value: str) -> Sequence[T_co]:
        """Every object filed under a value; raise KeyError for an unknown index."""
        with self._lock:
            items = self._items
            return [items[key] for key in self._indices[name].keys_by_value.get(value, ())]

    def index_keys(self, name: str, value: str) -> Sequence[str]:
        """The sorted keys filed under a value; raise KeyError for an unknown index."""
        with self._lock:
            keys = [*self._indices[name].keys_by_value.get(value, ())]
        keys.sort()
        return keys

    def index_key_set(self, name: str, values: Iterable[str]) -> set[str]:
        """The keys filed under any of the values, unsorted, for set arithmetic; raise KeyError for an unknown index."""
        with self._lock:
            filed = self._indices[name].keys_by_value
            return set().union(*(filed.get(value, ()) for value in values))

    def list_index_func_values(self, name: str) -> Sequence[str]:
        """Every value of an index; of an unknown one, none."""
        with self._lock:
            index = self._indices.get(name)
            return [*index.keys_by_value] if index is not None else []

    def index_counts(self, name: str) -> dict[str, int]:
        """How many objects are filed under each value, in O(values); raise KeyError for an unknown index."""
        with self._lock:
            return {value: len(keys) for value, keys in self._indices[name].keys_by_value.items()}

    def index_sizes(self) -> dict[str, IndexSize]:
        """In O(indexes)."""
        return {name: index.size for name, index in self._indices.items()}

    def index_bytes(self, sample: int) -> int:
        """About how much memory the indexes take, by so many of their values."""
        with self._lock:
            return sum(index.bytes(sample) for index in self._maintained)

    def _key(self, obj: Object) -> str:
        try:
            return self._key_func(obj)
        except ObjectKeyError:
            raise
        except Exception as error:
            raise ObjectKeyError(obj, f"the key function failed: {error}") from error

    def _catch_up(
        self, maintained: tuple[Index, ...], values: Sequence[Values | None], obj: Object
    ) -> tuple[tuple[Index, ...], Sequence[Values | None]]:
        """Indexes came or went meanwhile: call the functions of new ones too, with the lock released."""
        now, known = self._maintained, dict(zip(maintained, values, strict=True))
        self._lock.release()
        try:
            return now, [known[index] if index in known else self._values.of(index, obj) for index in now]
        finally:
            self._lock.acquire()

    def _refiled(self, objects: Mapping[str, Object | None]) -> Sequence[Callable[[], None]]:
        """What changes. An index that is being built may change meanwhile: all of its values."""
        complete, items = set(self._indices.values()), self._items
        refiled = []
        for index in self._maintained:
            for key, obj in objects.items():
                [values] = self._values.of_each((index,), obj) if obj is not None else [()]
                old = items.get(key)
                if index not in complete or index.differs(key, values, old, obj):
                    refiled.append(partial(index.refile, key, values, old, obj))
        return refiled

    def _rebuild(self, index: Index, items: Mapping[str, Object]) -> Index:
        fresh = index.emptied()
        for key, obj in items.items():
            [values] = self._values.of_each((index,), obj)
            fresh.refile(key, values, None, obj)
        return fresh

    def _fill(self, indices: Iterable[Index], snapshot: Sequence[tuple[str, Object]]) -> None:
        filled = [(index, [self._values.of(index, obj) for _, obj in snapshot]) for index in indices]
        with self._lock:
            for index, values in filled:
                for (key, obj), of_key in zip(snapshot, values, strict=True):
                    # If the key changed meanwhile, the writer has filed it already.
                    if self._items.get(key) is obj and key not in index.values_by_key:
                        index.put(key, of_key)


def _exchange(items: dict[str, Object], key: str, obj: Object | None) -> Object | None:
    """Put an object under a key, or take out what is there; what was there before."""
    if obj is None:
        return items.pop(key, None)
    before = items.get(key)
    items[key] = obj
    return before


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a transaction: `action` is `add`, `update` or `delete`."""

    action: str
    object: Object

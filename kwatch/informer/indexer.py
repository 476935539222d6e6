"""The cache: objects by key, and indices over them that are always in step."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kwatch.informer.errors import ObjectKeyError
from kwatch.informer.index import Index, Values
from kwatch.informer.index_functions import IndexFunc
from kwatch.informer.keys import KeyFunc, meta_namespace_key
from kwatch.informer.metadata import resource_version_of
from kwatch.informer.protocol import Object

log = logging.getLogger("kwatch.informer.indexer")

_STEP = 1000
"""Objects that a new index takes in under one hold of the lock."""


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a transaction: `action` is `add`, `update` or `delete`."""

    action: str
    object: Object


class TransactionError(Exception):
    """Some steps failed; the others were applied."""

    def __init__(self, successful_indices: tuple[int, ...], errors: tuple[Exception, ...]) -> None:
        super().__init__(f"{len(errors)} of {len(errors) + len(successful_indices)} changes failed: {errors[0]}")
        self.successful_indices = successful_indices
        self.errors = errors


class Indexer:
    """Thread-safe. Items and indices change together, under one lock that is never held while a function of the
    user runs: index functions are asked before, and a key's values are remembered.
    """

    def __init__(
        self,
        key_func: KeyFunc = meta_namespace_key,
        indexers: Mapping[str, IndexFunc] | None = None,
        *,
        on_index_error: Callable[[str], None] | None = None,
    ) -> None:
        self._key_func = key_func
        self._on_index_error = on_index_error
        self._lock = threading.Lock()
        self._items: dict[str, Object] = {}
        self._indices: dict[str, Index] = {name: Index(func) for name, func in (indexers or {}).items()}
        # What every writer keeps up to date: the indices above and those still being built. Replaced, never changed.
        self._maintained: tuple[Index, ...] = tuple(self._indices.values())
        self._resource_version = ""
        self.index_errors = 0
        """How often an index function raised; the object then had no values in that index."""
        self.last_index_error = ""

    def add(self, obj: Object) -> None:
        """Put an object in, or in the place of the one with the same key; raise ObjectKeyError."""
        self.put(self._key(obj), obj)

    update = add

    def put(self, key: str, obj: Object) -> Object | None:
        """Put an object under a key that the caller knows; the object that was there before."""
        maintained = self._maintained
        values: Sequence[Values] = [self._values(index, obj) for index in maintained]
        version = resource_version_of(obj)
        with self._lock:
            while maintained is not self._maintained:
                maintained, values = self._catch_up(maintained, values, obj)
            old = self._items.get(key)
            self._items[key] = obj
            for index, of_index in zip(maintained, values, strict=True):
                index.put(key, of_index)
            if version:
                self._resource_version = version
        return old

    def delete(self, obj: Object) -> None:
        """Take an object out, if it is in; raise ObjectKeyError."""
        self.remove(self._key(obj), resource_version_of(obj))

    def remove(self, key: str, resource_version: str = "") -> Object | None:
        """Take out what is under a key, and return it. `resource_version` is that of the deletion, if known."""
        with self._lock:
            if resource_version:
                self._resource_version = resource_version
            old = self._items.pop(key, None)
            if old is not None:
                for index in self._maintained:
                    index.remove(key)
        return old

    def replace(self, objects: Iterable[Object], resource_version: str = "") -> None:
        """Hold exactly these objects; raise ObjectKeyError and change nothing if one has no key."""
        items = {self._key(obj): obj for obj in objects}
        while True:
            maintained = self._maintained
            rebuilt = [self._rebuild(index, items) for index in maintained]
            with self._lock:
                if maintained is not self._maintained:
                    continue
                self._items = items
                for index, fresh in zip(maintained, rebuilt, strict=True):
                    index.keys_by_value, index.values_by_key = fresh.keys_by_value, fresh.values_by_key
                self._resource_version = resource_version
                return

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
        """Add indices at any time; what is in the cache is indexed when this returns. Raise ValueError for a name that
        exists. Nobody waits: the objects are read outside the lock, in steps.
        """
        fresh = {name: Index(func) for name, func in indexers.items()}
        with self._lock:
            if taken := sorted(fresh.keys() & self._indices.keys()):
                raise ValueError(f"index exists already: {', '.join(taken)}")
            self._maintained = (*self._maintained, *fresh.values())
            snapshot = list(self._items.items())
        for start in range(0, len(snapshot), _STEP):
            self._fill(fresh.values(), snapshot[start : start + _STEP])
        with self._lock:
            self._indices = {**self._indices, **fresh}

    @property
    def resource_version(self) -> str:
        """The version of the last change that carried one."""
        return self._resource_version

    def set_resource_version(self, version: str) -> None:
        """The source is known to be followed up to here, beyond the last object."""
        with self._lock:
            self._resource_version = version

    def get(self, obj: Object) -> Object | None:
        """What is cached under the key of this object."""
        return self.get_by_key(self._key(obj))

    def get_by_key(self, key: str) -> Object | None:
        """What is cached under a key."""
        return self._items.get(key)

    def list(self) -> list[Object]:
        """Every object, in no particular order."""
        with self._lock:
            return [*self._items.values()]

    def list_keys(self) -> Sequence[str]:
        """Every key, in no particular order."""
        with self._lock:
            return [*self._items]

    def __len__(self) -> int:
        return len(self._items)

    def items(self) -> Sequence[tuple[str, Object]]:
        """Every key with its object, of one moment."""
        with self._lock:
            return [*self._items.items()]

    @property
    def index_names(self) -> tuple[str, ...]:
        """The names of the indices."""
        return tuple(self._indices)

    def index(self, name: str, obj: Object) -> Sequence[Object]:
        """Every object that shares a value of the index with this one; raise KeyError for an unknown index."""
        index = self._indices[name]
        values = self._values(index, obj)
        with self._lock:
            keys = set().union(*(index.keys_by_value.get(value, ()) for value in values))
            return [self._items[key] for key in keys]

    def by_index(self, name: str, value: str) -> Sequence[Object]:
        """Every object filed under a value; raise KeyError for an unknown index."""
        index = self._indices[name]
        with self._lock:
            items = self._items
            return [items[key] for key in index.keys_by_value.get(value, ())]

    def index_keys(self, name: str, value: str) -> Sequence[str]:
        """The sorted keys filed under a value; raise KeyError for an unknown index."""
        index = self._indices[name]
        with self._lock:
            keys = [*index.keys_by_value.get(value, ())]
        keys.sort()
        return keys

    def index_key_set(self, name: str, values: Iterable[str]) -> set[str]:
        """The keys filed under any of the values, unsorted, for set arithmetic; raise KeyError for an unknown index."""
        index = self._indices[name]
        with self._lock:
            return set().union(*(index.keys_by_value.get(value, ()) for value in values))

    def list_index_func_values(self, name: str) -> Sequence[str]:
        """Every value of an index; of an unknown one, none."""
        index = self._indices.get(name)
        if index is None:
            return []
        with self._lock:
            return [*index.keys_by_value]

    def index_counts(self, name: str) -> dict[str, int]:
        """How many objects are filed under each value, in O(values); raise KeyError for an unknown index."""
        index = self._indices[name]
        with self._lock:
            return {value: len(keys) for value, keys in index.keys_by_value.items()}

    def _key(self, obj: Object) -> str:
        try:
            return self._key_func(obj)
        except ObjectKeyError:
            raise
        except Exception as error:
            raise ObjectKeyError(obj, f"the key function failed: {error}") from error

    def _values(self, index: Index, obj: Object) -> Values:
        try:
            values = index.func(obj)
            if type(values) is not tuple:
                values = tuple(values)
            hash(values)  # what cannot be hashed must fail here, not half-way through a change
            return values
        except Exception as error:  # noqa: BLE001 - the user's function; counted, and the cache goes on
            self._index_failed(f"{type(error).__name__}: {error}")
            return ()

    def _index_failed(self, message: str) -> None:
        self.index_errors += 1
        # A function that fails for one object fails for thousands: the same words are said once.
        if message != self.last_index_error:
            self.last_index_error = message
            log.warning("an index function failed: %s", message)
            if self._on_index_error is not None:
                self._on_index_error(message)

    def _catch_up(
        self, maintained: tuple[Index, ...], values: Sequence[Values], obj: Object
    ) -> tuple[tuple[Index, ...], Sequence[Values]]:
        """Indices were added meanwhile: ask their functions too, with the lock released."""
        now = self._maintained
        self._lock.release()
        try:
            return now, [*values, *(self._values(index, obj) for index in now[len(maintained) :])]
        finally:
            self._lock.acquire()

    def _rebuild(self, index: Index, items: Mapping[str, Object]) -> Index:
        fresh = Index(index.func)
        for key, obj in items.items():
            fresh.put(key, self._values(index, obj))
        return fresh

    def _fill(self, indices: Iterable[Index], snapshot: Sequence[tuple[str, Object]]) -> None:
        filled = [(index, [self._values(index, obj) for _, obj in snapshot]) for index in indices]
        with self._lock:
            for index, values in filled:
                for (key, obj), of_key in zip(snapshot, values, strict=True):
                    # Whoever changed the key meanwhile has filed it already.
                    if self._items.get(key) is obj and key not in index.values_by_key:
                        index.put(key, of_key)

"""What a reflector writes into: a DeltaFIFO as it is, any other store through one adapter; and beside the store, while
it arrives, a first list.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from kwatch.informer.clock import Clock
from kwatch.informer.delta import DeltaType
from kwatch.informer.errors import ObjectKeyError
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject, Unreadable
from kwatch.informer.metadata import KeyFunc
from kwatch.informer.protocol import Object
from kwatch.informer.reflector_state import State
from kwatch.informer.status import Quarantine, StatusRecorder

Change = tuple[DeltaType, Object]


class Store(Protocol):
    """What a reflector fills: a DeltaFIFO, an Indexer, or one of the user's.

    `resync()`, `update_resource_version(version)` and `wait_for_room(stop)` are optional.
    """

    def add(self, obj: Object, /) -> None: ...
    def update(self, obj: Object, /) -> None: ...
    def delete(self, obj: Object, /) -> None: ...
    def replace(self, objects: Iterable[Object], resource_version: str, /) -> None:
        """Hold exactly these."""


class ReflectorStore(Protocol):
    """How a reflector writes. An object that cannot be stored is quarantined and costs nothing else."""

    def append(self, changes: Sequence[Change], resource_version: str, /) -> None:
        """Write changes, in order; with the last of them this resource version is reached."""

    def replace(self, objects: Sequence[Object], resource_version: str, /, *, whole: bool = True) -> None:
        """Write a list, and delete what is not in it if it is `whole`."""

    def update_resource_version(self, version: str, /) -> None:
        """The server is followed up to here."""

    def wait_for_room(self, stop: threading.Event, /) -> None:
        """Block while the store has too much to digest, until `stop` is set."""

    def resync(self) -> None:
        """Hand out everything again; raise what the store raises."""


def reflector_store(store: Any, quarantine: Quarantine) -> ReflectorStore:
    """The store itself if it takes care of refused objects, as an informer's DeltaFIFO does; else in its adapter."""
    adapted: ReflectorStore = store if getattr(store, "takes_all", False) else ForeignStore(store, quarantine)
    return adapted


def _nothing(*_: object) -> None:
    """For what a store need not have."""


class ForeignStore:
    """Any Store as a ReflectorStore: one object that it refuses is quarantined and costs nothing else."""

    def __init__(self, store: Store, quarantine: Quarantine) -> None:
        self._store = store
        self._quarantine = quarantine
        self._write = {
            DeltaType.ADDED: store.add,
            DeltaType.UPDATED: store.update,
            DeltaType.DELETED: store.delete,
        }
        self.update_resource_version: Callable[[str], None] = getattr(store, "update_resource_version", _nothing)
        self.wait_for_room: Callable[[threading.Event], None] = getattr(store, "wait_for_room", _nothing)
        self.resync: Callable[[], None] = getattr(store, "resync", _nothing)

    def append(self, changes: Sequence[Change], resource_version: str) -> None:
        for type_, obj in changes:
            try:
                if isinstance(obj, Unreadable):
                    raise ObjectKeyError(obj, obj.reason)
                self._write[type_](obj)
            except Exception as error:  # noqa: BLE001 - the user's store, key function or transform; quarantined
                self._quarantine.put(obj, error)

    def replace(self, objects: Sequence[Object], resource_version: str, *, whole: bool = True) -> None:
        """Write a list; raise what the store raises, if that is not about one object."""
        if not whole:
            self.append([(DeltaType.ADDED, obj) for obj in objects], resource_version)
            self.update_resource_version(resource_version)
            return
        kept = []
        for obj in objects:
            if isinstance(obj, Unreadable):
                self._quarantine.put(obj, obj.reason)
            else:
                kept.append(obj)
        while True:
            try:
                self._store.replace(kept, resource_version)
                return
            except ObjectKeyError as error:
                self._quarantine.put(error.object, error)  # type: ignore[arg-type]
                fewer = [obj for obj in kept if obj is not error.object]
                if len(fewer) == len(kept):
                    raise
                kept = fewer


_BRINGS = frozenset({State.STREAMING, State.LISTING, State.LISTED, State.WATCHING})
_LOT, _PART, _LONGEST = 1000, 8, 0.1
"""Objects that come in a stream are filed by lots: object by object, between reading and packing, takes twice as long.
A lot is a part (one in so many) of those filed before, at most so many, or what came in so many seconds.
"""
KeysListener = Callable[[frozenset[str]], None]
"""Hears which keys came, changed or went; in the thread where it happens, so it must return at once."""


class ArrivingList:
    """What a first list has brought so far, for who shows progress. The cache, its sinks and handlers know nothing of
    it: they get a list when it is whole.

    A list that breaks off leaves here what it brought, until another one is whole. `begin`, `append` and `complete` are
    called by the reflector, `adopt` by who fills the cache after that; anyone may read.
    """

    def __init__(self, cache: Indexer[KubeObject], key_func: KeyFunc, clock: Clock) -> None:
        self.indexer = cache.staging()
        """What arrived. The cache itself, once the list is in it."""
        self._cache = cache
        self._key_func = key_func
        self._clock = clock
        self._waiting: dict[str, Object] = {}
        self._filed_at = clock.monotonic()
        self._brought: list[str] = []
        """The keys that the last attempt brought."""
        self._most = 0
        """How many the attempt brought that got furthest."""
        self._complete = False
        self._listeners: tuple[KeysListener, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the cache has taken over."""
        return self.indexer is self._cache

    def __contains__(self, key: str) -> bool:
        """Whether it is here, or in the cache that has taken over."""
        return self.indexer.get_by_key(key) is not None

    def unconfirmed(self, recorder: StatusRecorder) -> int:
        """How many objects are here that the list under way has not brought; all, while none is."""
        if self.is_over:
            return 0
        goes_on = recorder.state in _BRINGS and not recorder.waits_in_turn
        return max(0, len(self.indexer) - (recorder.received if goes_on else 0))

    def listen(self, listener: KeysListener) -> None:
        self._listeners = (*self._listeners, listener)

    def forget(self, listener: KeysListener) -> None:
        self._listeners = tuple(each for each in self._listeners if each != listener)

    def begin(self) -> None:
        """Another attempt begins. What earlier ones brought stays; but where each brings other objects, so that they
        pile up, only what the last one brought.
        """
        if self._complete:
            return
        self.file()
        last, self._brought = frozenset(self._brought), []
        self._most = max(self._most, len(last))
        if len(self.indexer) > 2 * self._most:
            gone = frozenset(self.indexer.list_keys()) - last
            for key in gone:
                self.indexer.remove(key)
            self._tell(gone)

    def append_page(self, objects: Iterable[Object]) -> None:
        """Take in objects. What has no key is left to the store, which says why."""
        came: dict[str, Object] = {}
        for obj in objects:
            with suppress(Exception):  # the store asks the same function, and reports what it raises
                came[self._key_func(obj)] = obj
        self.append(came)
        self.file()

    def append(self, came: Mapping[str, Object], gone: Sequence[str] = ()) -> None:
        """Take in what came, by its keys, and what went; it can be read once it is filed."""
        if self._complete:
            return
        if gone:
            self.file()
            for key in gone:
                self.indexer.remove(key)
            self._tell(frozenset(gone))
        self._waiting.update(came)
        is_lot = len(self._waiting) > min(_LOT, len(self.indexer) // _PART)
        if is_lot or self._clock.monotonic() - self._filed_at > _LONGEST:
            self.file()

    def file(self) -> None:
        """Let what came be read. To be called when nothing more comes for now."""
        waiting, self._waiting = self._waiting, {}
        if not waiting or self._complete:
            return
        put = self.indexer.put
        for key, obj in waiting.items():
            if type(obj) is not Unreadable:
                put(key, obj)
        self._filed_at = self._clock.monotonic()
        self._brought += waiting
        self._tell(frozenset(waiting))

    def complete(self) -> None:
        """The list is whole: nothing arrives here any more."""
        self._complete = True

    def adopt(self, objects: dict[str, Object]) -> None:
        """The cache holds exactly these from now on, without indexing again what is here."""
        gone = frozenset(self.indexer.list_keys()) - objects.keys()
        self._cache.adopt(objects)
        self.close()
        self._tell(gone)

    def close(self) -> None:
        """From now on it is the cache that is read. Idempotent."""
        self._complete = True
        gone = frozenset(self.indexer.list_keys()) if not len(self._cache) else frozenset()
        self.indexer = self._cache
        self._tell(gone)

    def _tell(self, keys: frozenset[str]) -> None:
        if keys:
            for listener in self._listeners:
                listener(keys)


class LastVersion:
    """The resource version of the last thing that reached the store.

    `unavailable` says that the server refused it as too old or too new, so that the next list must take what there is.
    """

    def __init__(self) -> None:
        self.value = ""
        self.unavailable = False

    def listed(self, value: str) -> None:
        """A whole list of this version reached the store."""
        self.value = value
        self.unavailable = False

    def for_list(self) -> str:
        """The version to list at: any, where none is known yet."""
        return "" if self.unavailable else self.value or "0"

    def for_streaming_list(self) -> str:
        return "" if self.unavailable else self.value

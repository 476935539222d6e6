"""The queue between the reflector and the cache: every change since the consumer last looked, in order."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from kwatch.base.limits import Room
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.delta import Batch, DeletedFinalStateUnknown, Delta, Deltas, DeltaType, PendingDeltas
from kwatch.informer.errors import ObjectKeyError, QueueClosed
from kwatch.informer.kube_object import KubeObject, Unreadable
from kwatch.informer.metadata import (
    KeyFunc,
    deletion_handling_key,
    meta_namespace_key,
    metadata_of,
    resource_version_of,
)
from kwatch.informer.protocol import Object

Incoming = Object | DeletedFinalStateUnknown
Transform = Callable[[Any], Object]
"""From the object as it came (a KubeObject) to the one that is cached, best a KubeObject too: see KubeObject.of."""

ROOM = 64 << 20
"""Bytes of objects that may wait before the producer is asked to pause."""
_LOOK_EVERY = 0.05
"""Seconds."""
_RESYNC_STEP = 1000
"""Keys that a resync looks at under one hold of the lock."""

# In steps of two, so that a deletion inferred while a delta is processed has a number just before it.
_sequence = itertools.count(2, 2)


def next_sequence() -> int:
    """A number after those of all deltas so far, and before those of all later ones."""
    return next(_sequence)


class KnownObjects(Protocol):
    """What the consumer already has: an Indexer."""

    def get_by_key(self, key: str) -> Object | None: ...

    def list_keys(self) -> Sequence[str]: ...


class DeltaFIFO:
    """Thread-safe, for any number of producers and consumers.

    `drain` gives everything in the order of arrival, across keys. `pop` gives the oldest key with all its changes, as
    client-go's DeltaFIFO does. What a consumer processes counts as queued until it is done, so that no decision is
    based on a cache that is about to change.

    `transform` and `key_func` run outside the lock, in the producer's thread. What they refuse, and what is Unreadable,
    goes to `on_refused` with the error; without `on_refused` the error is raised. `selective`: the objects are a
    selection, which an object may leave without being deleted. `room` says whether what is new is to be held.
    """

    def __init__(
        self,
        *,
        key_func: KeyFunc = meta_namespace_key,
        known_objects: KnownObjects | None = None,
        emit_replaced: bool = True,
        transform: Transform | None = None,
        clock: Clock | None = None,
        on_refused: Callable[[Incoming, Exception], None] | None = None,
        selective: bool = False,
        room: Room | None = None,
    ) -> None:
        self._key_func = key_func
        self._known = known_objects
        self._replaced = DeltaType.REPLACED if emit_replaced else DeltaType.SYNC
        self._transform = transform
        self._clock = clock or SystemClock()
        self._on_refused = on_refused
        self._selective = selective
        self._room_for = room or Room()
        self._lock = threading.Lock()
        self._pending = PendingDeltas()
        self._arrived = threading.Event()
        self._room = threading.Event()
        self._room.set()
        self._populated = False
        self._initial_queued = 0
        self._initial_left = 0
        self._closed = False

    def add(self, obj: Incoming) -> None:
        """Queue an addition; raise ObjectKeyError or what the transform raised."""
        self.append([(DeltaType.ADDED, obj)])

    def update(self, obj: Incoming) -> None:
        """Queue an update; raise ObjectKeyError or what the transform raised."""
        self.append([(DeltaType.UPDATED, obj)])

    def delete(self, obj: Incoming) -> None:
        """Queue a deletion, unless the key is unknown; raise ObjectKeyError or what the transform raised."""
        self.append([(DeltaType.DELETED, obj)])

    def append(self, changes: Iterable[tuple[DeltaType, Incoming]], resource_version: str | None = None) -> None:
        """Queue changes in their order, under one hold of the lock. `resource_version` is what is reached with them, by
        default the last object's.
        """
        accepted = [(type_, *found) for type_, obj in changes if (found := self._accept(type_, obj)) is not None]
        now = self._clock.time()
        with self._lock:
            self._populated = True
            if resource_version is None and accepted:
                resource_version = _version_of(accepted[-1][2])
            self._pending.version = resource_version or self._pending.version
            for type_, key, obj in accepted:
                if obj is not None and self._is_wanted(type_, key):
                    departed = self._selective and type_ is DeltaType.DELETED and may_have_departed(obj)
                    self._pending.append(key, Delta(type_, obj, next(_sequence), now, departed))
            self._notify()

    def replace(self, objects: Iterable[Object], resource_version: str = "", *, whole: bool = True) -> None:
        """Queue a whole list: its objects, then the deletion of all that is known or queued and not in it.

        A refused object with a key counts as present, so the object before it is not taken for deleted. If one has no
        key, or the list is not `whole`, nothing is deleted. Of two with one key the last counts.
        """
        present: dict[str, Incoming | None] = {}
        accept, replaced = self._accept, self._replaced
        for each in objects:
            found = accept(replaced, each)
            if found is None:
                whole = False
                continue
            key, accepted = found
            if accepted is not None or key not in present:
                present[key] = accepted
        now = self._clock.time()
        with self._lock:
            before, start = len(self._pending), next(_sequence)
            for key, obj in present.items():
                if obj is not None:
                    self._pending.append(key, Delta(self._replaced, obj, next(_sequence), now))
            for key, last in [*self._missing(present)] if whole else ():
                tombstone = DeletedFinalStateUnknown(key, last)
                missing = Delta(DeltaType.DELETED, tombstone, next(_sequence), now, self._selective)
                self._pending.append(key, missing)
            is_first, self._populated = not self._populated, True
            if is_first:
                self._initial_queued = self._initial_left = len(self._pending) - before
            self._pending.replaced(resource_version, range(start, next(_sequence)), initial=is_first)
            self._notify()
            # An empty list counts too: it may be the first list that is waited for.
            self._arrived.set()

    def update_resource_version(self, version: str) -> None:
        """Once what is queued now is consumed, this version is reached, even if nothing is queued."""
        with self._lock:
            self._pending.version = version
            self._notify()

    def resync(self) -> None:
        """Queue a SYNC for each known object that has no change waiting."""
        keys = self._known.list_keys() if self._known is not None else ()
        for start in range(0, len(keys), _RESYNC_STEP):
            now = self._clock.time()
            with self._lock:
                for key in keys[start : start + _RESYNC_STEP]:
                    obj = self._known_object(key) if self._pending.newest(key) is None else None
                    if obj is not None:
                        self._pending.append(key, Delta(DeltaType.SYNC, obj, next(_sequence), now))
                self._notify()

    @property
    def takes_all(self) -> bool:
        """Whether `on_refused` takes care of refused objects, so that `append` and `replace` never raise."""
        return self._on_refused is not None

    def close(self) -> None:
        """Wake all who wait; consumers still get what is queued, then QueueClosed."""
        with self._lock:
            self._closed = True
            self._arrived.set()
            self._room.set()

    def wait_for_room(self, stop: threading.Event | None = None) -> None:
        """Block while more than ROOM bytes wait and `stop` is not set: backpressure for the producer."""
        while not self._room.wait(_LOOK_EVERY) and not (stop is not None and stop.is_set()):
            continue

    def pop(self, process: Callable[[Deltas, bool], None]) -> Deltas:
        """Block for the oldest key, and hand its changes to `process(deltas, is_in_initial_list)`, outside the lock.

        Raise QueueClosed once the queue is closed and empty, and whatever `process` raises.
        """
        while (batch := self._take(PendingDeltas.take_oldest)) is None:
            self._arrived.wait()
        [deltas] = map(Deltas, batch.deltas.values())
        try:
            process(deltas, batch.initial > 0)
        finally:
            self._done(batch)
        return deltas

    def drain(self, process: Callable[[Batch], None]) -> bool:
        """Hand all that is queued to `process`, outside the lock; False if there was nothing, not even a new version.

        Raise QueueClosed once the queue is closed and empty, and whatever `process` raises.
        """
        batch = self._take(PendingDeltas.take_all, or_version=True)
        if batch is None:
            return False
        whole = False
        try:
            process(batch)
            whole = True
        finally:
            self._done(batch, whole=whole)
        return True

    def wait(self) -> None:
        """Block until something is queued, or the queue is closed or woken."""
        self._arrived.wait()

    def wake(self) -> None:
        """End a `wait` although nothing is queued."""
        self._arrived.set()

    def has_synced(self) -> bool:
        """Whether the first list was consumed whole, or something came before any list."""
        return self._populated and self._initial_left == 0

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def size(self) -> int:
        """Bytes of the objects that wait or are being processed."""
        return self._pending.size

    def key_of(self, obj: Incoming | Deltas) -> str:
        """The key of an object, of a tombstone, or of the newest of deltas; raise ObjectKeyError."""
        if isinstance(obj, Deltas):
            if not obj:
                raise ObjectKeyError(obj, "no deltas, no key")
            obj = obj.newest.object
        return deletion_handling_key(obj, self._key_func)

    def _accept(self, type_: DeltaType, obj: Incoming) -> tuple[str, Incoming | None] | None:
        """Key and transformed object; no object if it is refused, None if it has no key."""
        if isinstance(obj, DeletedFinalStateUnknown):
            return obj.key, obj
        try:
            key = self._key_func(obj)
        except Exception as error:  # noqa: BLE001 - the user's function; handed on
            self._refuse(obj, error)
            return None
        try:
            if type(obj) is Unreadable:
                raise ObjectKeyError(obj, obj.reason)
            return (key, obj) if self._transform is None else self._transformed(key, self._transform(obj))
        except Exception as error:  # noqa: BLE001 - the user's function; handed on
            self._refuse(obj, error)
            # A deletion needs no readable object; anything else leaves the key as it is.
            last = DeletedFinalStateUnknown(key, self._known_object(key))
            return key, last if type_ is DeltaType.DELETED else None

    def _transformed(self, key: str, obj: Object) -> tuple[str, Incoming]:
        """With its key after the transform, or the one before if it has none now; raise TypeError for no Mapping."""
        if not isinstance(obj, Mapping):
            raise TypeError(f"the transform returned {type(obj).__name__} where an object (a Mapping) is expected")
        try:
            return self._key_func(obj), obj
        except Exception:  # noqa: BLE001 - the user's function, which a transform may leave nothing to go by
            return key, obj

    def _refuse(self, obj: Incoming, error: Exception) -> None:
        if self._on_refused is None:
            raise error
        self._on_refused(obj, error)

    def _is_wanted(self, type_: DeltaType, key: str) -> bool:
        """Whether a change concerns what is held, or what there is room for."""
        is_limited = self._room_for.is_limited
        if type_ is not DeltaType.DELETED and not is_limited:
            return True
        is_known = self._is_known(key)
        if type_ is not DeltaType.DELETED:
            return self._room_for.takes(is_known=is_known, is_new=type_ is DeltaType.ADDED)
        if is_limited:
            self._room_for.forget(is_known=is_known)
        return is_known

    def _is_known(self, key: str) -> bool:
        return self._pending.newest(key) is not None or self._known_object(key) is not None

    def _known_object(self, key: str) -> Object | None:
        return None if self._known is None else self._known.get_by_key(key)

    def _missing(self, present: Container[str]) -> Iterator[tuple[str, Object | None]]:
        """The keys that a list lacks, with the last known object of each."""
        pending: set[str] = set()
        for key, newest in self._pending.newest_of_each():
            pending.add(key)
            if key not in present and newest.type is not DeltaType.DELETED:
                last = newest.object
                yield key, last.object if isinstance(last, DeletedFinalStateUnknown) else last
        for key in self._known.list_keys() if self._known is not None else ():
            if key not in present and key not in pending:
                yield key, self._known_object(key)

    def _take(self, how: Callable[[PendingDeltas, int], Batch], *, or_version: bool = False) -> Batch | None:
        with self._lock:
            if len(self._pending) or (or_version and self._pending.has_news):
                batch = how(self._pending, self._initial_queued)
                self._initial_queued -= batch.initial
                return batch
            if self._closed:
                raise QueueClosed
            self._arrived.clear()
            return None

    def _done(self, batch: Batch, *, whole: bool = True) -> None:
        with self._lock:
            self._pending.done(batch)
            if whole or not self._initial_left:
                self._initial_left -= batch.initial
            else:
                # The first list was not consumed whole: the next one counts as the first.
                self._populated = False
                self._initial_queued = self._initial_left = 0
            if self._pending.size <= ROOM:
                self._room.set()

    def _notify(self) -> None:
        if self._pending.has_news:
            self._arrived.set()
        if self._pending.size > ROOM and not self._closed:
            self._room.clear()


def may_have_departed(obj: Incoming) -> bool:
    """Whether a DELETED under a selector may mean that the object only left it: not if it has a deletionTimestamp."""
    if isinstance(obj, KubeObject):
        return b'"deletionTimestamp"' not in obj.raw
    return not isinstance(obj, DeletedFinalStateUnknown) and not metadata_of(obj).get("deletionTimestamp")


def _version_of(obj: Incoming | None) -> str:
    return "" if obj is None or isinstance(obj, DeletedFinalStateUnknown) else resource_version_of(obj)

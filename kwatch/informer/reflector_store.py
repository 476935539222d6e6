"""What a reflector writes into: a DeltaFIFO as it is, any other store through one adapter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from kwatch.informer.delta import DeltaType
from kwatch.informer.errors import ObjectKeyError
from kwatch.informer.kube_object import Unreadable
from kwatch.informer.protocol import Object
from kwatch.informer.quarantine import Quarantine

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

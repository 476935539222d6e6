"""Writes what a reflector learns into whatever store it was given."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Protocol

from kwatch.informer.delta import DeltaType
from kwatch.informer.delta_fifo import DeltaFIFO
from kwatch.informer.errors import ObjectKeyError
from kwatch.informer.event_writer import Change
from kwatch.informer.kube_object import Unreadable
from kwatch.informer.protocol import Object
from kwatch.informer.quarantine import Quarantine


class Store(Protocol):
    """What a reflector fills: a DeltaFIFO, an Indexer. `resync()` and `update_resource_version(v)` are optional."""

    def add(self, obj: Object, /) -> None:
        """Take an object."""
        ...

    def update(self, obj: Object, /) -> None:
        """Take a changed object."""
        ...

    def delete(self, obj: Object, /) -> None:
        """Drop an object."""
        ...

    def replace(self, objects: Iterable[Object], resource_version: str, /) -> None:
        """Hold exactly these."""
        ...


class StoreTarget:
    """One object that the store refuses is quarantined and costs nothing else."""

    def __init__(self, store: Store, quarantine: Quarantine) -> None:
        self._store = store
        self._quarantine = quarantine
        self._write = {
            DeltaType.ADDED: store.add,
            DeltaType.UPDATED: store.update,
            DeltaType.DELETED: store.delete,
        }

    def append(self, changes: Sequence[Change], version: str) -> None:
        """Write changes, in order; with the last of them this resource version is reached."""
        if isinstance(self._store, DeltaFIFO) and self._store.takes_all:
            self._store.append(changes, version)
            return
        for type_, obj in changes:
            try:
                if isinstance(obj, Unreadable):
                    raise ObjectKeyError(obj, obj.reason)
                self._write[type_](obj)
            except Exception as error:  # noqa: BLE001 - the user's store, key function or transform; quarantined
                self._quarantine.put(obj, error)

    def replace(self, objects: Sequence[Object], resource_version: str, *, whole: bool = True) -> None:
        """Write a list, and if it is `whole` take out what is not in it; raise what the store raises, if that is not
        about one object.
        """
        if isinstance(self._store, DeltaFIFO) and self._store.takes_all:
            self._store.replace(objects, resource_version, whole=whole)
            return
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

    def update_resource_version(self, version: str) -> None:
        """Tell the store, if it wants to know."""
        tell = getattr(self._store, "update_resource_version", None)
        if tell is not None:
            tell(version)

    def wait_for_room(self, stop: threading.Event) -> None:
        """Block while the store has too much to digest, until `stop` is set."""
        if isinstance(self._store, DeltaFIFO):
            self._store.wait_for_room(stop)

    def resync(self) -> None:
        """Have everything handed out again, if the store can; raise what it raises."""
        resync = getattr(self._store, "resync", None)
        if resync is not None:
            resync()

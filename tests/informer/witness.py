"""A handler that knows which histories can be."""

from __future__ import annotations

import threading

from kwatch.informer import DeletedFinalStateUnknown, Object, deletion_handling_key, meta_namespace_key
from kwatch.informer.metadata import resource_version_of, uid_of


class Witness:
    """Holds what a handler must believe to exist, and writes down whatever contradicts that.

    `ordered` says that versions of one object only grow, as they do on a server.
    """

    def __init__(self, *, ordered: bool = True) -> None:
        self.held: dict[str, str] = {}
        self.illegal: list[str] = []
        self.seen = 0
        self._uids: dict[str, str] = {}
        self._ordered = ordered
        self._lock = threading.Lock()

    def on_add(self, obj: Object, is_in_initial_list: bool) -> None:
        with self._lock:
            key = meta_namespace_key(obj)
            if key in self.held:
                self.illegal.append(f"{key} was added although it is held")
            self._hold(key, obj)

    def on_update(self, old: Object, new: Object) -> None:
        with self._lock:
            key = meta_namespace_key(new)
            before, after = resource_version_of(old), resource_version_of(new)
            if self.held.get(key) != before:
                self.illegal.append(f"{key} was updated from {before}, but {self.held.get(key)} is held")
            if self._ordered and int(after) < int(before):
                self.illegal.append(f"{key} went back from {before} to {after}")
            if uid_of(old) != uid_of(new):
                self.illegal.append(f"{key} became another object by an update")
            self._hold(key, new)

    def on_delete(self, obj: Object | DeletedFinalStateUnknown) -> None:
        with self._lock:
            self.seen += 1
            if self.held.pop(deletion_handling_key(obj), None) is None:
                self.illegal.append(f"{deletion_handling_key(obj)} was deleted although it is not held")

    def _hold(self, key: str, obj: Object) -> None:
        self.seen += 1
        self.held[key] = resource_version_of(obj)

"""Tells an object that was deleted from one that only left the selection."""

from __future__ import annotations

from kwatch.informer.errors import ApiError
from kwatch.informer.keys import join_key
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import metadata_of, name_of, namespace_of, uid_of
from kwatch.informer.protocol import Getting, ListerWatcher, Object
from kwatch.informer.refusals import is_gone
from kwatch.informer.status_recorder import StatusRecorder


class DepartureCheck:
    """Under a selector the server says DELETED in both cases, with the previous content; one GET decides which."""

    def __init__(self, lister_watcher: ListerWatcher, recorder: StatusRecorder) -> None:
        self._getting = lister_watcher if isinstance(lister_watcher, Getting) and lister_watcher.selective else None
        self._recorder = recorder

    def has_departed(self, obj: Object) -> bool:
        """Whether the object still exists. False too if nobody can say; raise Closed."""
        if self._getting is None or not name_of(obj) or _is_being_deleted(obj):
            return False
        try:
            found = self._getting.get(join_key(namespace_of(obj), name_of(obj)))
        except (ApiError, OSError) as error:
            if not is_gone(error):
                self._recorder.error("departure", error)
            return False
        return uid_of(found) == uid_of(obj)


def _is_being_deleted(obj: Object) -> bool:
    """An object that was asked to go has gone; this spares the question in the usual case."""
    if isinstance(obj, KubeObject):
        return b'"deletionTimestamp"' in obj.disclosed
    return bool(metadata_of(obj).get("deletionTimestamp"))

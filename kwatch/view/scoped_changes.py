"""What is remembered of the changes of a resource, as far as a view goes."""

from __future__ import annotations

from collections.abc import Mapping

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.query.access import JournalAccess
from kwatch.view.scope import Scope


def scoped_changes(changes: JournalAccess, scope: Scope) -> JournalAccess:
    """The same, without what was deleted elsewhere."""
    return changes if scope.is_everything else ScopedChanges(changes, scope)


class ScopedChanges:
    """A view looks up what it shows, so only what it does not show any more must be kept from it."""

    def __init__(self, changes: JournalAccess, scope: Scope) -> None:
        self._changes = changes
        self._scope = scope

    @property
    def is_indexed(self) -> bool:
        """Whether `last_changes` answers at once."""
        return self._changes.is_indexed

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        """Key -> when it last changed in that way."""
        return self._changes.last_changes(path, old, new)

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        """The same for one key."""
        return self._changes.last_change(key, path, old, new)

    def is_settled(self, key: str) -> bool:
        """Whether every change received of the key has been looked at."""
        return self._changes.is_settled(key)

    @property
    def unsettled(self) -> int:
        """How many keys are not settled."""
        return self._changes.unsettled

    def paths(self) -> Mapping[str, int]:
        """Every path that changed -> how many objects changed there."""
        return self._changes.paths()

    def deleted_objects(self) -> Mapping[str, Object]:
        """Key -> last object of what was deleted in the view."""
        covers, selects = self._scope.covers, self._scope.selects
        return {
            key: obj
            for key, obj in self._changes.deleted_objects().items()
            if covers(key) and (not isinstance(obj, KubeObject) or selects(obj))
        }

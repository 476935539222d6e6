"""The part of the past that a place shows: the journal keeps a resource whole, a view may be of one namespace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kwatch.informer.kube_object import KubeObject
from kwatch.tui.place import Place

if TYPE_CHECKING:
    from kwatch.history.as_of import AsOf


class ScopedPast:
    """A source for a projection."""

    def __init__(self, as_of: AsOf, place: Place) -> None:
        self._as_of = as_of
        self._scope = place.scope

    def list_keys(self) -> Sequence[str]:
        """The keys there were."""
        keys = [key for key in self._as_of.list_keys() if self._scope.covers(key)]
        if self._scope.selects_all:
            return keys
        return [key for key in keys if self.get_by_key(key) is not None]

    def has_key(self, key: str) -> bool:
        """Whether there was such an object in the place."""
        if not self._scope.covers(key):
            return False
        if self._scope.selects_all:
            return self._as_of.version_of(key) is not None
        return self.get_by_key(key) is not None

    def get_by_key(self, key: str) -> KubeObject | None:
        """The object as it was, None if it was not there or not in the place."""
        obj = self._as_of.get_by_key(key) if self._scope.covers(key) else None
        return obj if obj is not None and self._scope.selects(obj) else None

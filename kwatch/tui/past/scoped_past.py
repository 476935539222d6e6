"""The part of the past that a place shows: the journal keeps a resource whole, a view may be of one namespace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.selectors import parse_field_selector, parse_label_selector
from kwatch.tui.place import Place

if TYPE_CHECKING:
    from kwatch.history.as_of import AsOf


class ScopedPast:
    """A source for a projection."""

    def __init__(self, as_of: AsOf, place: Place) -> None:
        self._as_of = as_of
        self._prefix = f"{place.namespace}/" if place.namespace else ""
        self._labels = parse_label_selector(place.label_selector) if place.label_selector else None
        self._fields = parse_field_selector(place.field_selector) if place.field_selector else None

    def covers(self, key: str) -> bool:
        """Whether a key may belong to the place, as far as the key tells."""
        return key.startswith(self._prefix)

    def list_keys(self) -> Sequence[str]:
        """The keys there were."""
        keys = [key for key in self._as_of.list_keys() if self.covers(key)]
        if self._labels is None and self._fields is None:
            return keys
        return [key for key in keys if self.get_by_key(key) is not None]

    def has_key(self, key: str) -> bool:
        """Whether there was such an object in the place."""
        if not self.covers(key):
            return False
        if self._labels is None and self._fields is None:
            return self._as_of.version_of(key) is not None
        return self.get_by_key(key) is not None

    def get_by_key(self, key: str) -> KubeObject | None:
        """The object as it was, None if it was not there or not in the place."""
        obj = self._as_of.get_by_key(key) if self.covers(key) else None
        return obj if obj is not None and self._selected(obj) else None

    def _selected(self, obj: KubeObject) -> bool:
        if self._labels is not None and not self._labels.matches(obj.labels):
            return False
        fields = {"metadata.name": obj.name, "metadata.namespace": obj.namespace, "spec.nodeName": obj.node}
        return self._fields is None or all(
            requirement.key not in fields or self._fields.matches(fields) for requirement in self._fields.requirements
        )

"""What belongs to a view: the journal keeps a resource whole, a view may be of one namespace, or of what it selects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.informer.selectors import parse_field_selector, parse_label_selector
from kwatch.view.source import KnowingSource

S = TypeVar("S")


class ViewScope:
    """Judges as the server does, as far as the object's head tells."""

    def __init__(
        self, namespace: str | None = None, label_selector: str | None = None, field_selector: str | None = None
    ) -> None:
        self._prefix = f"{namespace}/" if namespace else ""
        self._labels = _parsed(parse_label_selector, label_selector)
        self._fields = _parsed(parse_field_selector, field_selector)

    @property
    def selects_all(self) -> bool:
        """Whether keys tell everything."""
        return self._labels is None and self._fields is None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not self._prefix and self.selects_all

    def covers(self, key: str) -> bool:
        """Whether a key may belong to the view, as far as the key tells."""
        return key.startswith(self._prefix)

    def selects(self, obj: KubeObject) -> bool:
        """Whether an object fulfils the selectors; fields that are not in its head are taken to."""
        if self._labels is not None and not self._labels.matches(obj.labels):
            return False
        fields = {"metadata.name": obj.name, "metadata.namespace": obj.namespace, "spec.nodeName": obj.node}
        return self._fields is None or all(
            requirement.key not in fields or self._fields.matches(fields) for requirement in self._fields.requirements
        )


def _parsed(parse: Callable[[str], S], text: str | None) -> S | None:
    """A malformed one selects everything here; the server says what is wrong with it."""
    try:
        return parse(text) if text else None
    except ValueError:
        return None


def filtered(source: KnowingSource, scope: ViewScope) -> KnowingSource:
    """The objects of a source that belong to a view."""
    return source if scope.is_everything else _Filtered(source, scope)


class _Filtered:
    def __init__(self, source: KnowingSource, scope: ViewScope) -> None:
        self._source = source
        self._scope = scope

    def list_keys(self) -> Sequence[str]:
        keys = [key for key in self._source.list_keys() if self._scope.covers(key)]
        return keys if self._scope.selects_all else [key for key in keys if self.get_by_key(key) is not None]

    def has_key(self, key: str) -> bool:
        if self._scope.selects_all:
            return self._scope.covers(key) and self._source.has_key(key)
        return self.get_by_key(key) is not None

    def get_by_key(self, key: str) -> Object | None:
        obj = self._source.get_by_key(key) if self._scope.covers(key) else None
        return obj if not isinstance(obj, KubeObject) or self._scope.selects(obj) else None

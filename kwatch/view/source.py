"""Where the rows of a table come from, and which objects of a resource belong to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from kwatch.base.namespaces import holds, is_one
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.informer.selectors import parse_field_selector, parse_label_selector
from kwatch.query.context import IndexAccess, JournalAccess


class Source(Protocol):
    """Objects under their keys. An Indexer is one."""

    def list_keys(self) -> Sequence[str]: ...

    def get_by_key(self, key: str) -> Object | None: ...


@runtime_checkable
class _Indexed(Protocol):
    def index_key_set(self, name: str, values: Sequence[str]) -> set[str]: ...


@runtime_checkable
class Knowing(Protocol):
    """A source that knows what there is without making it."""

    def has_key(self, key: str) -> bool: ...


class KnowingSource(Source, Knowing, Protocol):
    """Both, as `history.as_of.AsOf` is."""


class RowSource(Protocol):
    """Where the rows of a table come from: objects of one resource or of several, as they are or as they were.

    A row is known by its key: of a single resource the object's own, of several one that also says of which it is
    (`query.keys`).
    """

    @property
    def objects(self) -> Source:
        """The objects under the keys of their rows."""
        ...

    @property
    def changes(self) -> JournalAccess | None: ...


class Unindexed:
    """A source without indexes, for queries: everything is scanned."""

    index_names: Sequence[str] = ()

    def __init__(self, source: Source) -> None:
        self._source = source
        self._knowing = source if isinstance(source, Knowing) else None

    def list_keys(self) -> Sequence[str]:
        return self._source.list_keys()

    def get_by_key(self, key: str) -> Object | None:
        return self._source.get_by_key(key)

    def has_key(self, key: str) -> bool:
        return self._knowing.has_key(key) if self._knowing is not None else self.get_by_key(key) is not None

    def index_key_set(self, name: str, values: Sequence[str]) -> set[str]:
        raise KeyError(name)

    def index_counts(self, name: str) -> Mapping[str, int]:
        raise KeyError(name)


def index_access(source: Source) -> IndexAccess:
    """The source itself where it has indexes."""
    if isinstance(source, _Indexed):
        indexed: IndexAccess = source  # type: ignore[assignment]
        return indexed
    return Unindexed(source)


class DictSource(dict[str, Object]):
    """A dict of objects as a source."""

    def list_keys(self) -> Sequence[str]:
        return list(self)

    def get_by_key(self, key: str) -> Object | None:
        return self.get(key)


S = TypeVar("S")


class ViewScope:
    """Judges as the server does, as far as the object's head tells. `namespace` is a word of kwatch.base.namespaces."""

    def __init__(
        self, namespace: str | None = None, label_selector: str | None = None, field_selector: str | None = None
    ) -> None:
        self._namespace = namespace
        self._prefix = f"{namespace}/" if is_one(namespace) else ""
        self._labels = _parsed(parse_label_selector, label_selector)
        self._fields = _parsed(parse_field_selector, field_selector)

    @property
    def selects_all(self) -> bool:
        """Whether keys tell everything."""
        return self._labels is None and self._fields is None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self._namespace is None and self.selects_all

    def covers(self, key: str) -> bool:
        """Whether a key may belong to the view, as far as the key tells."""
        if self._prefix or self._namespace is None:
            return key.startswith(self._prefix)
        return holds(self._namespace, key.rpartition("/")[0])

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

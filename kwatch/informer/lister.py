"""Reads from the cache as one would from the server."""

from __future__ import annotations

from collections.abc import Iterable

from kwatch.informer.errors import NotFound
from kwatch.informer.index_functions import NAMESPACE_INDEX
from kwatch.informer.indexer import Indexer
from kwatch.informer.keys import join_key
from kwatch.informer.metadata import labels_of, namespace_of
from kwatch.informer.protocol import Object
from kwatch.informer.selectors import Selector, parse_label_selector


def _select(objects: Iterable[Object], selector: Selector) -> list[Object]:
    matches = selector.matches
    return [obj for obj in objects if matches(labels_of(obj))]


def _selector(selector: Selector | str | None) -> Selector | None:
    """None for one that matches everything."""
    if isinstance(selector, str):
        selector = parse_label_selector(selector)
    return None if selector is None or selector.matches_everything else selector


class Lister:
    """Of all namespaces. A selector is a label selector, as text (kubectl's -l) or parsed."""

    def __init__(self, indexer: Indexer, resource: str = "object") -> None:
        self._indexer = indexer
        self._resource = resource

    def list(self, selector: Selector | str | None = None) -> list[Object]:
        """Every object that matches; raise SelectorSyntaxError."""
        wanted = _selector(selector)
        if wanted is None:
            return self._indexer.list()
        return [] if wanted.matches_nothing else _select(self._indexer.list(), wanted)

    def get(self, key: str) -> Object:
        """The object of a key (`namespace/name`, or `name`); raise NotFound."""
        obj = self._indexer.get_by_key(key)
        if obj is None:
            raise NotFound(f"{self._resource} {key!r} not found")
        return obj

    def by_namespace(self, namespace: str) -> NamespaceLister:
        """The same for one namespace."""
        return NamespaceLister(self._indexer, namespace, self._resource)


class NamespaceLister:
    """Of one namespace, through the namespace index where there is one."""

    def __init__(self, indexer: Indexer, namespace: str, resource: str) -> None:
        self._indexer = indexer
        self._namespace = namespace
        self._resource = resource

    def list(self, selector: Selector | str | None = None) -> list[Object]:
        """Every object of the namespace that matches; raise SelectorSyntaxError."""
        wanted = _selector(selector)
        if wanted is not None and wanted.matches_nothing:
            return []
        if NAMESPACE_INDEX in self._indexer.index_names:
            objects = self._indexer.by_index(NAMESPACE_INDEX, self._namespace)
        else:
            objects = [obj for obj in self._indexer.list() if namespace_of(obj) == self._namespace]
        return [*objects] if wanted is None else _select(objects, wanted)

    def get(self, name: str) -> Object:
        """The object of a name; raise NotFound."""
        return Lister(self._indexer, self._resource).get(join_key(self._namespace, name))

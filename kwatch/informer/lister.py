"""Reads from the cache with the calls that one would make to the server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic

from kwatch.informer.errors import NotFound
from kwatch.informer.index import NAMESPACE_INDEX
from kwatch.informer.indexer import Indexer
from kwatch.informer.metadata import join_key, labels_of, namespace_of
from kwatch.informer.protocol import T_co
from kwatch.informer.selectors import Selector, parse_label_selector


def _select(objects: Iterable[Any], selector: Selector) -> list[Any]:
    matches = selector.matches
    return [obj for obj in objects if matches(labels_of(obj))]


def _selector(selector: Selector | str | None) -> Selector | None:
    """None for one that matches everything."""
    if isinstance(selector, str):
        selector = parse_label_selector(selector)
    return None if selector is None or selector.matches_everything else selector


class Lister(Generic[T_co]):
    """The cache of one informer, which `name` says (`pods`, `pods in shop, app=cart`); any thread may ask.

    A selector is a label selector, as text (kubectl's -l) or parsed. What is returned is shared: it is
    read-only, unless `read` makes a copy of it for the caller. What `read` raises is raised here.
    """

    def __init__(self, indexer: Indexer[Any], name: str = "object", read: Callable[[Any], T_co] | None = None) -> None:
        self._indexer = indexer
        self._read = read
        self.name = name

    def _read_all(self, objects: list[Any]) -> list[T_co]:
        read = self._read
        return objects if read is None else [read(obj) for obj in objects]

    def _in_namespace(self, namespace: str, wanted: Selector | None) -> list[T_co]:
        if NAMESPACE_INDEX in self._indexer.index_names:
            objects = [*self._indexer.by_index(NAMESPACE_INDEX, namespace)]
        else:
            objects = [obj for obj in self._indexer.list() if namespace_of(obj) == namespace]
        return self._read_all(objects if wanted is None else _select(objects, wanted))

    def by_index(self, index: str, value: str) -> list[T_co]:
        """Unordered; raise KeyError for an unknown index."""
        return self._read_all([*self._indexer.by_index(index, value)])

    def list(self, selector: Selector | str | None = None) -> list[T_co]:
        """Every object that matches, in no particular order; raise SelectorSyntaxError."""
        wanted = _selector(selector)
        if wanted is None:
            return self._read_all(self._indexer.list())
        return [] if wanted.matches_nothing else self._read_all(_select(self._indexer.list(), wanted))

    def get(self, key: str) -> T_co:
        """The object of a key (`namespace/name`, or `name`); raise NotFound."""
        obj = self._indexer.get_by_key(key)
        if obj is None:
            raise NotFound(f"{self.name} {key!r} not found")
        found: T_co = obj if self._read is None else self._read(obj)
        return found

    def by_namespace(self, namespace: str) -> NamespaceLister[T_co]:
        return NamespaceLister(self, namespace)

    def __repr__(self) -> str:
        return f"Lister({self.name})"


class NamespaceLister(Generic[T_co]):
    """Of one namespace, through the namespace index where there is one."""

    def __init__(self, lister: Lister[T_co], namespace: str) -> None:
        self._lister = lister
        self._namespace = namespace

    def list(self, selector: Selector | str | None = None) -> list[T_co]:
        """Every object of the namespace that matches, in no particular order; raise SelectorSyntaxError."""
        wanted = _selector(selector)
        if wanted is not None and wanted.matches_nothing:
            return []
        return self._lister._in_namespace(self._namespace, wanted)

    def get(self, name: str) -> T_co:
        """Raise NotFound."""
        return self._lister.get(join_key(self._namespace, name))

    def __repr__(self) -> str:
        return f"NamespaceLister({self._lister.name}: {self._namespace})"

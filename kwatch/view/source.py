"""Where a view's objects come from: a live cache, the past, or a dict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from kwatch.informer.protocol import Object
from kwatch.query.context import IndexAccess, JournalAccess


class Source(Protocol):
    """Objects under their keys. An Indexer is one."""

    def list_keys(self) -> Sequence[str]:
        """Every key."""
        ...

    def get_by_key(self, key: str) -> Object | None:
        """The object under a key."""
        ...


@runtime_checkable
class _Indexed(Protocol):
    def index_key_set(self, name: str, values: Sequence[str]) -> set[str]: ...


@runtime_checkable
class Knowing(Protocol):
    """A source that knows what there is without making it."""

    def has_key(self, key: str) -> bool:
        """Whether there is an object under a key."""
        ...


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
    def changes(self) -> JournalAccess | None:
        """What is remembered of their changes."""
        ...


class Unindexed:
    """A source without indices, for queries: everything is scanned."""

    index_names: Sequence[str] = ()

    def __init__(self, source: Source) -> None:
        self._source = source
        self._knowing = source if isinstance(source, Knowing) else None

    def list_keys(self) -> Sequence[str]:
        """Every key."""
        return self._source.list_keys()

    def get_by_key(self, key: str) -> Object | None:
        """The object under a key."""
        return self._source.get_by_key(key)

    def has_key(self, key: str) -> bool:
        """Whether there is an object under a key."""
        return self._knowing.has_key(key) if self._knowing is not None else self.get_by_key(key) is not None

    def index_key_set(self, name: str, values: Sequence[str]) -> set[str]:
        """Raise KeyError: there is no index."""
        raise KeyError(name)

    def index_counts(self, name: str) -> Mapping[str, int]:
        """Raise KeyError: there is no index."""
        raise KeyError(name)


def index_access(source: Source) -> IndexAccess:
    """The source itself where it has indices."""
    if isinstance(source, _Indexed):
        indexed: IndexAccess = source  # type: ignore[assignment]
        return indexed
    return Unindexed(source)


class DictSource(dict[str, Object]):
    """A dict of objects as a source."""

    def list_keys(self) -> Sequence[str]:
        """Every key."""
        return list(self)

    def get_by_key(self, key: str) -> Object | None:
        """The object under a key."""
        return self.get(key)

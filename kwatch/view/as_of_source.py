"""Objects as they were at a moment: the source of a table that shows the past, and indexes over it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.base.threads import reason_of
from kwatch.informer.index import IndexFunc
from kwatch.informer.protocol import Object
from kwatch.informer.resource import Resource
from kwatch.query.row import RowKeys
from kwatch.view.merged import changes_in, merged
from kwatch.view.source import Source, Unindexed, ViewScope, filtered

if TYPE_CHECKING:
    from kwatch.history.as_of import AsOf
    from kwatch.history.journal_changes import PastChanges


@dataclass(frozen=True, slots=True)
class AsOfPart:
    """One resource as it was, and how much of it belongs to the table."""

    resource: Resource
    scope: ViewScope
    as_of: AsOf
    changes: PastChanges


class AsOfSource:
    """A RowSource whose parts are moved through time as one. Move it in one thread; reading is safe in any."""

    def __init__(self, parts: Sequence[AsOfPart], contexts: Sequence[str] = ()) -> None:
        """`contexts`: where each is, if they are of several clusters."""
        self._parts = tuple(parts)
        self._keys = RowKeys(len(parts))
        self.objects: Source = merged(
            [(each.resource, Unindexed(filtered(each.as_of, each.scope))) for each in parts], contexts
        )
        self.changes = changes_in([(each.changes, each.scope) for each in parts])

    @property
    def first(self) -> AsOf:
        """The (first) resource as it was, moved along."""
        return self._parts[0].as_of

    @property
    def sequence(self) -> int:
        """After which delta it stands."""
        return self.first.sequence

    @property
    def forgotten(self) -> int:
        """How many objects there may have been whose versions had to make room."""
        return sum(each.as_of.forgotten for each in self._parts)

    def move_to(self, sequence: int) -> set[str]:
        """Go to another moment; returns the keys of what differs between the two, at most."""
        moved: set[str] = set()
        for place, each in enumerate(self._parts):
            moved.update(self._keys.of(place, each.as_of.move_to(sequence)))
            each.changes.sequence = sequence
        return moved


class AsOfIndex:
    """`source` must not be moved any more. Thread-safe; what asks first for an index reads every object."""

    def __init__(self, source: Source, indexers: Mapping[str, IndexFunc]) -> None:
        self._source = source
        self._functions = dict(indexers)
        self._lock = threading.Lock()
        self._filed: dict[str, dict[str, set[str]]] = {}
        self.problem = ""
        """Why it will never be made; empty if that is not so."""

    def give_up(self, error: BaseException) -> None:
        self.problem = f"internal error: {reason_of(error)}"

    @property
    def index_names(self) -> Sequence[str]:
        return tuple(self._functions)

    @property
    def is_made(self) -> bool:
        """Whether every index can be asked at once."""
        return len(self._filed) == len(self._functions)

    def make(self) -> None:
        """Make what is missing: not on the UI thread."""
        with self._lock:
            missing = {name: func for name, func in self._functions.items() if name not in self._filed}
            if missing:
                self._filed = {**self._filed, **self._read(missing)}

    def add_indexers(self, indexers: Mapping[str, IndexFunc]) -> None:
        """Add some; raise ValueError for one that exists."""
        with self._lock:
            if known := indexers.keys() & self._functions.keys():
                raise ValueError(f"there is an index {min(known)} already")
            self._functions = {**self._functions, **indexers}
        self.make()

    def remove_indexers(self, names: Iterable[str]) -> None:
        """Drop some; raise KeyError for one that does not exist."""
        with self._lock:
            for name in names:
                del self._functions[name]
                self._filed.pop(name, None)

    def list_keys(self) -> Sequence[str]:
        return self._source.list_keys()

    def get_by_key(self, key: str) -> Object | None:
        return self._source.get_by_key(key)

    def index_key_set(self, name: str, values: Sequence[str]) -> set[str]:
        filed = self._of(name)
        return {key for value in values for key in filed.get(value, ())}

    def index_keys(self, name: str, value: str) -> Sequence[str]:
        return sorted(self._of(name).get(value, ()))

    def index_counts(self, name: str) -> Mapping[str, int]:
        return {value: len(keys) for value, keys in self._of(name).items()}

    def _of(self, name: str) -> Mapping[str, set[str]]:
        if name not in self._functions:
            raise KeyError(name)
        if name not in self._filed:
            self.make()
        return self._filed[name]

    def _read(self, functions: Mapping[str, IndexFunc]) -> dict[str, dict[str, set[str]]]:
        filed: dict[str, dict[str, set[str]]] = {name: {} for name in functions}
        for key in self._source.list_keys():
            obj = self._source.get_by_key(key)
            if obj is None:
                continue
            for name, func in functions.items():
                for value in func(obj):
                    filed[name].setdefault(value, set()).add(key)
        return filed

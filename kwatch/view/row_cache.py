"""The rows of a view: one for every object of its source, shown or not; those of deleted objects; and when a row must
be looked at again although nothing changed."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from time import perf_counter

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import resource_version_of, uid_of
from kwatch.informer.protocol import Object
from kwatch.query.row import Row, RowReader, namespace_of
from kwatch.view.ordering import Ordering, tie
from kwatch.view.source import Knowing, Source


class DueTimes:
    """At most one moment a key, in seconds since the epoch; the earliest is known at once."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._at)

    def put(self, key: str, at: float | None) -> None:
        """Set or, with None, forget when a key is due."""
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            heapq.heappush(self._heap, (at, key))
            if len(self._heap) > 2 * len(self._at) + 64:
                self.fill(self._at.items())

    def fill(self, moments: Iterable[tuple[str, float]]) -> None:
        self._at = dict(moments)
        self._heap = [(at, key) for key, at in self._at.items()]
        heapq.heapify(self._heap)

    def clear(self) -> None:
        self.fill(())

    def next(self) -> float | None:
        heap = self._heap
        while heap:
            at, key = heap[0]
            if self._at.get(key) == at:
                return at
            # What was put again for another moment, or forgotten, still lies in the heap.
            heapq.heappop(heap)
        return None

    def pop(self, now: float) -> set[str]:
        ready: set[str] = set()
        while (at := self.next()) is not None and at <= now:
            _, key = heapq.heappop(self._heap)
            del self._at[key]
            ready.add(key)
        return ready


_FEW = 8
"""Up to one in this many keys, sorting them is quicker than going through all."""


class RowCache:
    """Rows by key, and the keys by namespace and name, so that no filter has to sort them."""

    def __init__(self, source: Source, reader: RowReader, *, lazy: bool = False) -> None:
        """`lazy`: an object is asked of the source when its row is first looked at."""
        self._source = source
        self._reader = reader
        self._lazy = lazy
        self._knowing = source if lazy and isinstance(source, Knowing) else None
        self._rows: dict[str, Row] = {}
        self._order = Ordering()
        self._order.fill_level((), set())
        self._unordered: set[str] = set()
        """Keys that came or went since the order was last asked for: nobody may ask for long."""
        self._cold: list[str] = []
        """Keys of rows that may not have been read; the next one last."""

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def rows(self) -> list[Row]:
        """All, unordered."""
        return [*self._rows.values()]

    def get(self, key: str) -> Row | None:
        """The row under a key, as of the last refresh."""
        return self._rows.get(key)

    def read_with(self, reader: RowReader) -> None:
        """Use another reader. Of the same kind, the values that were read stay; else every row starts afresh."""
        same = reader.kind is self._reader.kind
        self._reader = reader
        if self._lazy:
            self._rows = {key: LazyRow(key, self._source, reader) for key in self._rows}
        else:
            self._rows = {
                key: Row(key, row.obj, reader, row.known_values if same else None) for key, row in self._rows.items()
            }
        self._cold = list(self._rows)[::-1]

    def reload(self) -> None:
        """Take in everything the source holds; rows whose object is the same stay."""
        keys = sorted(self._source.list_keys(), key=tie)
        rows: dict[str, Row]
        if self._lazy:
            rows = {key: LazyRow(key, self._source, self._reader) for key in keys}
        else:
            rows = self._read(keys)
        self._rows = rows
        self._order.fill_level(list(rows), set(rows))
        self._unordered.clear()
        self._cold = list(rows)[::-1]

    def _read(self, keys: Sequence[str]) -> dict[str, Row]:
        get, reader, known = self._source.get_by_key, self._reader, self._rows
        rows: dict[str, Row] = {}
        for key in keys:
            obj = get(key)
            if obj is not None:
                row = known.get(key)
                rows[key] = row if row is not None and row.obj is obj else Row(key, obj, reader)
        return rows

    def refresh(self, key: str) -> tuple[Row | None, Row | None]:
        """Take in what the source holds under one key; the row before and the row now."""
        old = self._rows.get(key)
        obj = None if self._knowing is not None else self._source.get_by_key(key)
        if obj is None and (self._knowing is None or not self._knowing.has_key(key)):
            if old is not None:
                del self._rows[key]
                self._unordered.add(key)
            return old, None
        if old is not None and not self._lazy and old.obj is obj:
            return old, old
        if obj is None or self._lazy:
            new: Row = LazyRow(key, self._source, self._reader)
        elif old is not None and _is_same(old.obj, obj):
            # It was listed again: nothing happened, and what was read of it holds, unless the server's cells have come.
            known = old.known_values if _cells(old.obj) == _cells(obj) else None
            same = self._rows[key] = Row(key, obj, self._reader, known)
            return same, same
        else:
            new = Row(key, obj, self._reader)
        self._rows[key] = new
        if old is None:
            self._unordered.add(key)
            self._cold.append(key)
        return old, new

    def take_in(self, keys: Iterable[str]) -> tuple[list[str], set[str]]:
        """Take in what the source holds under many keys. Returns those that are new, and those of which `refresh` has
        more to say, because they changed or went; the rest is as it was.
        """
        get, rows, reader = self._source.get_by_key, self._rows, self._reader
        came: list[str] = []
        others: set[str] = set()
        for key in keys:
            obj, row = get(key), rows.get(key)
            if row is None and obj is not None:
                rows[key] = Row(key, obj, reader)
                came.append(key)
            elif row is not None and row.obj is not obj:
                others.add(key)
        self._unordered.update(came)
        self._cold += came
        return came, others

    def all(self) -> list[Row]:
        rows = self._rows
        return [rows[key] for key in self._ordered()]

    def keys(self, among: AbstractSet[str] | None = None) -> list[str]:
        """Every key that has a row, or those of some, by namespace and name."""
        if among is None:
            return list(self._ordered())
        if len(among) * _FEW < len(self._rows):
            return sorted(among & self._rows.keys(), key=tie)
        return [key for key in self._ordered() if key in among]

    def of_keys(self, keys: AbstractSet[str]) -> list[Row]:
        rows = self._rows
        return [rows[key] for key in self.keys(keys)]

    def warm(self, seconds: float) -> bool:
        """Read rows ahead for at most so long; False if none is left to read."""
        deadline = perf_counter() + seconds
        while self._cold:
            row = self._rows.get(self._cold.pop())
            if row is not None:
                row.search_text  # noqa: B018 - reading is what is wanted; the row keeps it
            if perf_counter() >= deadline:
                break
        return bool(self._cold)

    def _ordered(self) -> Ordering:
        if self._unordered:
            came = {key: 0 for key in self._unordered if key in self._rows}
            self._order.update(came, self._unordered - came.keys())
            self._unordered.clear()
        return self._order


def _cells(obj: Object) -> tuple[object, ...] | None:
    return obj.cells if isinstance(obj, KubeObject) else None


def _is_same(old: Object, new: Object) -> bool:
    """Whether they are one version of one object."""
    version = resource_version_of(new)
    return bool(version) and version == resource_version_of(old) and uid_of(new) == uid_of(old)


_NOTHING: Object = {}


class LazyRow(Row):
    """Keeps what was read, and not the object: there may be a hundred thousand of them, each unpacked."""

    __slots__ = ("_source",)

    def __init__(self, key: str, source: Source, reader: RowReader) -> None:
        super().__init__(key, _NOTHING, reader)
        self._source = source

    @property
    def obj(self) -> Object:
        """The object; one with nothing but its name if the source has lost it meanwhile."""
        obj = self._source.get_by_key(self.key)
        return obj if obj is not None else _nameplate(self.key)


def _nameplate(key: str) -> KubeObject:
    namespace, name = namespace_of(key), key.rpartition("/")[2]
    return KubeObject.of({"metadata": {"namespace": namespace, "name": name} if namespace else {"name": name}})


class DeletedRows:
    """Rows of deleted objects, and until when. It is also what a query knows of the states of rows."""

    def __init__(self, seconds: float, marked: AbstractSet[str]) -> None:
        self.keep_all = False
        """Whether they stay until this is unset and they are added again."""
        self.seconds = seconds
        """How long they stay."""
        self._marked = marked
        self._rows: dict[str, Row] = {}
        self._until = DueTimes()

    @property
    def deleted(self) -> AbstractSet[str]:
        """The keys whose object is gone, though their row is still there."""
        return self._rows.keys()

    @property
    def marked(self) -> AbstractSet[str]:
        return self._marked

    def row(self, key: str) -> Row | None:
        return self._rows.get(key)

    def rows(self) -> Iterable[Row]:
        return self._rows.values()

    def add(self, row: Row, now: float) -> None:
        if self.keep_all or self.seconds > 0:
            self._rows[row.key] = row
            # Those kept for a filter go with it, and then after the usual time.
            self._until.put(row.key, now + self.seconds)

    def read_with(self, reader: RowReader) -> None:
        """Use another reader, of which the columns may be others."""
        self._rows = {key: Row(key, row.obj, reader) for key, row in self._rows.items()}

    def discard(self, key: str) -> None:
        if self._rows.pop(key, None) is not None:
            self._until.put(key, None)

    def expire(self, now: float) -> set[str]:
        if self.keep_all:
            return set()
        expired = self._until.pop(now)
        for key in expired:
            self._rows.pop(key, None)
        return expired

    def next_due(self) -> float | None:
        return None if self.keep_all else self._until.next()

    def clear(self) -> None:
        self._rows.clear()
        self._until.clear()

"""One filtered, sorted view over one source, kept current a dirty key at a time. Used only on the UI thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from kwatch.catalog.kind import Kind, Values
from kwatch.informer.clock import Clock
from kwatch.informer.resource import Resource
from kwatch.query.access import JournalAccess, RowStates
from kwatch.query.compiled import CompiledQuery
from kwatch.query.matcher import Answer
from kwatch.query.query import Query
from kwatch.query.row import Row, RowReader
from kwatch.view.due_times import DueTimes
from kwatch.view.ordering import Ordering, tie
from kwatch.view.sorting import ExtraOrders, Ranking, Sort
from kwatch.view.source import Source, index_access

_HIDDEN = object()
"""The rank of a row that is not shown."""
_BULK = 16
"""When more than one of this many rows is dirty, sorting anew is cheaper than moving each."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What `apply` did. `moved`: the order is not what it was. `changed`: shown rows whose cells may differ."""

    moved: bool = False
    changed: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


class Projection:
    """Rows are read lazily: an object whose cells nobody looks at is not decoded."""

    def __init__(
        self,
        source: Source,
        kind: Kind,
        *,
        clock: Clock,
        resource: Resource | None = None,
        with_namespace: bool = False,
        shown: Sequence[int] | None = None,
        extras: ExtraOrders | None = None,
        journal: JournalAccess | None = None,
        states: RowStates | None = None,
    ) -> None:
        self.source = source
        self.kind = kind
        self._clock = clock
        self._resource = resource
        self._extras = extras or {}
        self._journal = journal
        self._states = states
        self._reader = RowReader(kind, shown, with_namespace=with_namespace)
        self.sort = Sort()
        self.query: Query | None = None
        self._compiled: CompiledQuery | None = None
        self._ranking = Ranking(self.sort, kind, self._extras)
        self._rows: dict[str, Row] = {}
        self._ranks: dict[str, Any] = {}
        self._order = Ordering()
        self._due = DueTimes()

    @property
    def order(self) -> Sequence[str]:
        """The shown keys in display order; live, so only valid until the next change."""
        return self._order

    @property
    def shown(self) -> int:
        """How many rows the filter lets through."""
        return len(self._ranks)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def explain(self) -> tuple[Answer, ...]:
        """How the terms of the filter were answered."""
        return self._compiled.explain if self._compiled is not None else ()

    def position(self, key: str) -> int | None:
        """Where a key is, None when it is not shown."""
        rank = self._ranks.get(key, _HIDDEN)
        return None if rank is _HIDDEN else self._order.position(key, rank)

    def values(self, key: str) -> Values:
        """One value a column of the kind; raise KeyError for an unknown key."""
        return self._rows[key].values

    def row(self, key: str) -> Row | None:
        """The row under a key, shown or not."""
        return self._rows.get(key)

    def set_query(self, query: Query | None) -> None:
        """Show only what matches, None everything; raise QuerySyntaxError and change nothing if it makes no sense."""
        compiled = None
        if query:
            compiled = query.compile(
                self.kind,
                self._resource,
                index=index_access(self.source),
                clock=self._clock,
                journal=self._journal,
                states=self._states,
            )
        self.query, self._compiled = query, compiled
        self._filter()

    def set_sort(self, by: int | str, descending: bool = False) -> None:
        """Order by a column; raise LookupError if there is no such column."""
        sort = Sort(by, descending)
        self._ranking = Ranking(sort, self.kind, self._extras)
        self.sort = sort
        self._reorder([self._rows[key] for key in self._ranks])

    def set_kind(self, kind: Kind, *, shown: Sequence[int] | None = None, with_namespace: bool | None = None) -> None:
        """Show other columns: everything is read anew. A sort or filter that they cannot answer is dropped."""
        if with_namespace is None:
            with_namespace = self._reader.with_namespace
        self._reader = RowReader(kind, shown, with_namespace=with_namespace)
        self.kind = kind
        if isinstance(self.sort.by, int) and self.sort.by >= len(kind.columns):
            self.sort = Sort()
        self._ranking = Ranking(self.sort, kind, self._extras)
        self._rows.clear()
        self.rebuild()
        self.set_query(self.query)

    def rebuild(self) -> None:
        """Start over from everything in the source."""
        get, reader, known = self.source.get_by_key, self._reader, self._rows
        rows: dict[str, Row] = {}
        for key in sorted(self.source.list_keys(), key=tie):
            obj = get(key)
            if obj is not None:
                row = known.get(key)
                rows[key] = row if row is not None and row.obj is obj else Row(key, obj, reader)
        self._rows = rows
        self._filter()

    def apply(self, dirty: AbstractSet[str]) -> Changes:
        """Take in the keys that changed since the last call, and those whose time has come."""
        now = self._clock.time()
        touched = dirty | self._due.pop(now)
        bulk = len(touched) * _BULK > len(self._rows)
        added, removed, changed = [], [], []
        moves: list[tuple[str, Any, Any]] = []
        for key in touched:
            old = self._ranks.get(key, _HIDDEN)
            new = self._rank_of(self._refreshed(key), now)
            if old is _HIDDEN and new is _HIDDEN:
                continue
            if new is _HIDDEN:
                removed.append(key)
            elif old is _HIDDEN:
                added.append(key)
            elif key in dirty:
                changed.append(key)
            if old is _HIDDEN or new is _HIDDEN or old != new:
                moves.append((key, old, new))
        self._move(moves, bulk)
        return Changes(bool(moves), frozenset(changed), frozenset(added), frozenset(removed))

    def due(self, now: float) -> float | None:
        """When `apply` must be called although nothing changed, in seconds since the epoch; None if never."""
        return self._due.next()

    def _refreshed(self, key: str) -> Row | None:
        """The row of what the source holds now."""
        obj = self.source.get_by_key(key)
        if obj is None:
            self._rows.pop(key, None)
            return None
        row = self._rows.get(key)
        if row is None or row.obj is not obj:
            row = self._rows[key] = Row(key, obj, self._reader)
        return row

    def _rank_of(self, row: Row | None, now: float) -> Any:
        compiled = self._compiled
        if row is None:
            return _HIDDEN
        if compiled is not None:
            if compiled.is_timed:
                self._due.put(row.key, compiled.due(row, now))
            if not compiled.test(row, now):
                return _HIDDEN
        return self._ranking.of(row)

    def _move(self, moves: Iterable[tuple[str, Any, Any]], bulk: bool) -> None:
        ranks, order = self._ranks, self._order
        try:
            for key, old, new in moves:
                if not bulk and old is not _HIDDEN:
                    order.remove(key, old)
                if new is _HIDDEN:
                    del ranks[key]
                else:
                    ranks[key] = new
                    if not bulk:
                        order.add(key, new)
        except TypeError:
            # The new rank cannot be compared with those of the others; so far only some have moved.
            self._filter()
        else:
            if bulk and moves:
                self._fill()

    def _filter(self) -> None:
        """Decide about every row."""
        now = self._clock.time()
        rows = self._matching(now)
        self._due.clear()
        compiled = self._compiled
        if compiled is not None and compiled.is_timed:
            looked_at = self._rows.values()
            self._due.fill([(row.key, due) for row in looked_at if (due := compiled.due(row, now)) is not None])
        self._reorder(rows)

    def _matching(self, now: float) -> Sequence[Row]:
        compiled, rows = self._compiled, self._rows
        if compiled is None:
            return list(rows.values())
        candidates = compiled.candidates()
        if candidates is None:
            looked_at = list(rows.values())
        elif len(candidates) * _BULK < len(rows):
            looked_at = [rows[key] for key in candidates if key in rows]
        else:
            looked_at = [row for key, row in rows.items() if key in candidates]
        return compiled.select_rest(looked_at, now)

    def _reorder(self, rows: Sequence[Row]) -> None:
        """Show exactly these rows, in order."""
        self._ranks = self._ranking.of_all(rows)
        self._fill()

    def _fill(self) -> None:
        order = Ordering(self.sort.descending)
        try:
            order.fill(self._ranks)
        except TypeError:
            self._ranking.by_type = True
            self._ranks = self._ranking.of_all([self._rows[key] for key in self._ranks])
            order.fill(self._ranks)
        self._order = order

"""One filtered, sorted view over one source, kept current a dirty key at a time. Used only on the UI thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from kwatch.catalog.kind import Kind, Values
from kwatch.informer.clock import Clock
from kwatch.informer.resource import Resource
from kwatch.query.access import JournalAccess
from kwatch.query.matcher import Answer
from kwatch.query.query import Query
from kwatch.query.row import Row, RowReader
from kwatch.view.background import Background, Progress
from kwatch.view.filtering import Filtering
from kwatch.view.lingering import Lingering
from kwatch.view.ordering import Ordering
from kwatch.view.recent import NOTHING_RECENT, RecentChanges
from kwatch.view.row_cache import RowCache
from kwatch.view.sorting import NAMESPACE, ExtraOrders, Ranking, Sort
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
    """Rows are read lazily: an object whose cells nobody looks at is not decoded.

    `in_background`: long scans and reads go on in a thread, and `apply` brings what they found. `recent` is told of
    every change that is seen here. `linger` is how many seconds the row of a deleted object stays.
    """

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
        marked: AbstractSet[str] = frozenset(),
        recent: RecentChanges = NOTHING_RECENT,
        linger: float = 0.0,
        in_background: bool = False,
    ) -> None:
        self.source = source
        self.kind = kind
        self.query: Query | None = None
        self.sort = Sort()
        self._clock = clock
        self._resource = resource
        self._extras = extras or {}
        self._journal = journal
        self._marked = marked
        self._recent = recent
        self._in_background = in_background
        self._reader = RowReader(kind, shown, with_namespace=with_namespace)
        self._cache = RowCache(source, self._reader)
        self._lingering = Lingering(linger, marked)
        self._filtering: Filtering | None = None
        self._ranking = Ranking(self.sort, kind, self._extras)
        self._background = Background(source)
        self._ranks: dict[str, Any] = {}
        self._order = Ordering()

    @property
    def order(self) -> Sequence[str]:
        """The shown keys in display order; live, so only valid until the next change."""
        return self._order

    @property
    def shown(self) -> int:
        """How many rows there are to show, those of deleted objects included."""
        return len(self._ranks)

    @property
    def total(self) -> int:
        """How many objects there are."""
        return len(self._cache)

    @property
    def gone(self) -> AbstractSet[str]:
        """The keys of rows whose object was deleted."""
        return self._lingering.deleted

    @property
    def explain(self) -> tuple[Answer, ...]:
        """How the terms of the filter were answered."""
        return self._filtering.compiled.explain if self._filtering is not None else ()

    @property
    def progress(self) -> Progress | None:
        """What goes on in the background, None for nothing."""
        scan = self._filtering.scan if self._filtering is not None else None
        if scan is not None:
            return Progress("filtering", scan.looked_at, scan.total)
        return self._background.progress

    def position(self, key: str) -> int | None:
        """Where a key is, None when it is not shown."""
        rank = self._ranks.get(key, _HIDDEN)
        return None if rank is _HIDDEN else self._order.position(key, rank)

    def values(self, key: str) -> Values:
        """One value a column of the kind; raise KeyError for an unknown key."""
        row = self.row(key)
        if row is None:
            raise KeyError(key)
        return row.values

    def row(self, key: str) -> Row | None:
        """The row under a key, shown or not; of a deleted object, the last one."""
        return self._cache.get(key) or self._lingering.row(key)

    def rows(self) -> Iterable[Row]:
        """Every row that is shown, in display order."""
        return (row for key in self._order if (row := self.row(key)) is not None)

    def set_query(self, query: Query | None) -> None:
        """Show only what matches, None everything; raise QuerySyntaxError and change nothing if it makes no sense."""
        filtering = self._compile(query) if query else None
        if self._filtering is not None:
            self._filtering.close()
        self.query, self._filtering = query, filtering
        self._filter()

    def set_sort(self, by: int | str, descending: bool = False) -> None:
        """Order by a column; raise LookupError if there is no such column. If many objects must be read for that, it
        happens in the background, and the order changes when they are.
        """
        sort = Sort(by, descending)
        ranking = Ranking(sort, self.kind, self._extras)
        self._background.cancel()
        if self._in_background and ranking.needs_values:
            unread = [row for row in self.rows() if row.known_values is None]
            if self._background.read(unread, lambda: self._sort_by(sort, ranking)):
                return
        self._sort_by(sort, ranking)

    def set_kind(self, kind: Kind, *, shown: Sequence[int] | None = None, with_namespace: bool | None = None) -> None:
        """Show other columns: everything is read anew. A sort or filter that they cannot answer is dropped."""
        if with_namespace is None:
            with_namespace = self._reader.with_namespace
        self._background.cancel()
        self._reader = RowReader(kind, shown, with_namespace=with_namespace)
        self._cache.read_with(self._reader)
        self.kind = kind
        if isinstance(self.sort.by, int) and self.sort.by >= len(kind.columns):
            self.sort = Sort()
        self._ranking = Ranking(self.sort, kind, self._extras)
        self.set_query(self.query)

    def rebuild(self) -> None:
        """Start over from everything in the source."""
        self._cache.reload()
        self._lingering.clear()
        self._filter()

    def apply(self, dirty: AbstractSet[str], *, notable: bool = True) -> Changes:
        """Take in the keys that changed since the last call, those whose time has come, and what was found in the
        background. `notable`: the changes are news, not part of a first list.
        """
        now = self._clock.time()
        touched = dirty | self._due_keys(now)
        moves: list[tuple[str, Any, Any]] = []
        changed: list[str] = []
        for key in touched:
            old = self._ranks.get(key, _HIDDEN)
            new = self._rank_of(key, now, notable)
            if old is not _HIDDEN and new is not _HIDDEN and key in dirty:
                changed.append(key)
            if old is not new and (old is _HIDDEN or new is _HIDDEN or old != new):
                moves.append((key, old, new))
        moves += self._arrived(touched)
        reordered = self._move(moves) | self._background.finish()
        added = frozenset([key for key, old, _ in moves if old is _HIDDEN])
        removed = frozenset([key for key, _, new in moves if new is _HIDDEN])
        return Changes(reordered, frozenset(changed), added, removed)

    def due(self, now: float) -> float | None:
        """When `apply` must be called although nothing is dirty, in seconds since the epoch; None if never."""
        if self.progress is not None or self._background.is_finished:
            return now
        filtering = self._filtering.next_due() if self._filtering is not None else None
        dues = [at for at in (filtering, self._lingering.next_due()) if at is not None]
        return min(dues, default=None)

    def warm(self, seconds: float) -> bool:
        """Read ahead for at most so long, so that sorting and searching find everything read; False if all is."""
        return self._cache.warm(seconds)

    def close(self) -> None:
        """End what goes on in the background."""
        self._background.cancel()
        if self._filtering is not None:
            self._filtering.close()

    def _compile(self, query: Query) -> Filtering:
        compiled = query.compile(
            self.kind,
            self._resource,
            index=index_access(self.source),
            clock=self._clock,
            journal=self._journal,
            states=self._lingering,
        )
        return Filtering(compiled, self._clock, in_background=self._in_background)

    def _filter(self) -> None:
        """Decide about every row."""
        filtering, now = self._filtering, self._clock.time()
        self._lingering.keep_all = filtering is not None and filtering.compiled.asks_for_deleted
        if filtering is None:
            rows = list(self._cache.in_order())
        else:
            rows = filtering.matching(self._cache, now, self._background.indexing(filtering.compiled.wanted))
        ghosts = self._ghosts(now)
        self._ranks = self._ranking.of_all([*rows, *ghosts])
        self._fill(tied=not ghosts)

    def _ghosts(self, now: float) -> list[Row]:
        """The rows of deleted objects that are to be shown."""
        lingering, filtering = self._lingering, self._filtering
        if lingering.keep_all and self._journal is not None:
            for key, obj in self._journal.deleted_objects().items():
                if self._cache.get(key) is None:
                    lingering.add(Row(key, obj, self._reader), now)
        return [row for row in lingering.rows() if filtering is None or filtering.test(row, now)]

    def _due_keys(self, now: float) -> set[str]:
        due = self._lingering.expire(now)
        return due | self._filtering.due_keys(now) if self._filtering is not None else due

    def _rank_of(self, key: str, now: float, notable: bool) -> Any:
        """The rank under which a key is to be shown from now on."""
        old, row = self._cache.refresh(key)
        if row is not old and notable:
            self._recent.note(key, old, row, now)
        if row is not None:
            self._lingering.discard(key)
        elif old is not None and (self._lingering.keep_all or key in self._ranks):
            self._lingering.add(old, now)
        row = row or self._lingering.row(key)
        if row is None:
            if self._filtering is not None:
                self._filtering.forget(key)
            return _HIDDEN
        if self._filtering is not None and not self._filtering.test(row, now):
            return _HIDDEN
        return self._ranking.of(row)

    def _arrived(self, touched: AbstractSet[str]) -> list[tuple[str, Any, Any]]:
        """What the scan in the background found, unless it was decided anew since."""
        if self._filtering is None:
            return []
        return [
            (row.key, _HIDDEN, self._ranking.of(row))
            for row in self._filtering.arrived()
            if row.key not in touched and row.key not in self._ranks and self._cache.get(row.key) is row
        ]

    def _move(self, moves: Sequence[tuple[str, Any, Any]]) -> bool:
        """Put rows in their new places; whether there were any."""
        ranks, order = self._ranks, self._order
        bulk = len(moves) * _BULK > len(ranks)
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
            return True
        if bulk and moves:
            self._fill()
        return bool(moves)

    def _sort_by(self, sort: Sort, ranking: Ranking) -> None:
        self.sort, self._ranking = sort, ranking
        self._ranks = ranking.of_all([row for key in self._ranks if (row := self.row(key)) is not None])
        self._fill()

    def _fill(self, *, tied: bool = False) -> None:
        order = Ordering(self.sort.descending)
        try:
            self._put_all(order, tied)
        except TypeError:
            self._ranking.by_type = True
            self._ranks = self._ranking.of_all([row for key in self._ranks if (row := self.row(key)) is not None])
            self._put_all(order, tied)
        self._order = order

    def _put_all(self, order: Ordering, tied: bool) -> None:
        if tied and self._ranking.is_level:
            order.fill_level(self._ranks)
        else:
            order.fill(self._ranks, tied=tied)


__all__ = ["NAMESPACE", "Changes", "Progress", "Projection"]

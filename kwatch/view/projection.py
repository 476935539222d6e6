"""One filtered, sorted view over one source, kept current a dirty key at a time. Used only on the UI thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from time import perf_counter
from typing import Any

from kwatch.catalog.kind import Kind, Values
from kwatch.informer.clock import Clock
from kwatch.informer.resource import Resource
from kwatch.query.context import NAMES_ONLY, Context, JournalAccess, OwnerAccess
from kwatch.query.index_names import BUILT_IN, IndexNames
from kwatch.query.query import CompiledQuery, Query
from kwatch.query.row import Row, RowReader, part_of
from kwatch.query.syntax import QuerySyntaxError
from kwatch.query.term import Answer
from kwatch.view.filtering import Filtering, Filters
from kwatch.view.ordering import ABSENT, NAMESPACE, Changes, ExtraOrders, Ordering, Ranking, Sort
from kwatch.view.recent import NOTHING_RECENT, RecentChanges
from kwatch.view.row_cache import DeletedRows, RowCache
from kwatch.view.scan import Background, Progress
from kwatch.view.source import Source, index_access

_PART = 100
"""Rows between two looks at the clock."""


class Projection:
    """Rows are read lazily: an object whose cells nobody looks at is not decoded.

    `in_background`: long scans and reads go on in a thread, and `apply` brings what they found. `recent` hears of every
    change that is seen here. `retention`: how many seconds the row of a deleted object stays. `lazy`: objects are only
    asked of the source when their row is looked at, for sources that make them each time, like the past. `others`: the
    resources beside the first one, where the source is a merged one.
    """

    def __init__(
        self,
        source: Source,
        kind: Kind,
        *,
        clock: Clock,
        resource: Resource | None = None,
        others: tuple[Resource, ...] = (),
        with_namespace: bool = False,
        shown: Sequence[int] | None = None,
        extras: ExtraOrders | None = None,
        journal: JournalAccess | None = None,
        marked: AbstractSet[str] = frozenset(),
        recent: RecentChanges = NOTHING_RECENT,
        retention: float = 0.0,
        in_background: bool = False,
        lazy: bool = False,
        names: IndexNames = BUILT_IN,
        owners: OwnerAccess = NAMES_ONLY,
        contexts: tuple[str, ...] = (),
    ) -> None:
        self.source = source
        self.kind = kind
        self.names = names
        """Of the indexes that filters may name."""
        self.owners = owners
        """What is known of the owners of owners."""
        self._clock = clock
        self._resource = resource
        self._others, self._contexts = others, contexts
        self._extras = extras or {}
        self._journal = journal
        self._marked, self._recent = marked, recent
        self.in_background = in_background
        """Whether long scans and reads go on in a thread; to be unset while it is all made in one."""
        self._reader = RowReader(kind, shown, with_namespace=with_namespace, contexts=contexts)
        self._cache = RowCache(source, self._reader, lazy=lazy)
        self._deleted = DeletedRows(retention, marked)
        self._ranking = Ranking(Sort(), kind, self._extras)
        self._background = Background()
        self._order = Ordering()
        self._filters = Filters(self._filtering_by(Query()))

    @property
    def query(self) -> Query | None:
        return self._filtering.query or None

    @property
    def sort(self) -> Sort:
        return self._ranking.sort

    @property
    def order(self) -> Sequence[str]:
        """The shown keys in display order; live, so only valid until the next change."""
        return self._order

    @property
    def shown(self) -> int:
        """How many rows there are to show, those of deleted objects included."""
        return len(self._order)

    @property
    def total(self) -> int:
        return len(self._cache)

    @property
    def deleted_shown(self) -> int:
        """How many of the rows to show are those of deleted objects."""
        order = self._order
        return sum([key in order for key in self._deleted.deleted])

    @property
    def shown_by_part(self) -> Mapping[int, int]:
        """How many rows there are of each of several resources, by its place, without those of deleted objects."""
        order = self._order
        return order.counts_by_part() - Counter(part_of(key) for key in self._deleted.deleted if key in order)

    @property
    def gone(self) -> AbstractSet[str]:
        return self._deleted.deleted

    @property
    def retention(self) -> float:
        """Seconds that the row of a deleted object stays."""
        return self._deleted.seconds

    @retention.setter
    def retention(self, seconds: float) -> None:
        self._deleted.seconds = seconds

    @property
    def context(self) -> Context:
        """What queries are compiled against here; also for completion and facets."""
        index, known = index_access(self.source), (self._others, self.names, self.owners, self._contexts)
        return Context(self.kind, self._resource, index, self._clock, self._journal, self._deleted, *known)

    @property
    def explain(self) -> tuple[Answer, ...]:
        """How the terms of the filter were answered."""
        return self.compiled.explain

    @property
    def problem(self) -> str:
        """Why not every row was filtered, or read to be ordered, in a sentence; empty where all were."""
        if self._filtering.problem:
            return f"The filter did not look at every row: {self._filtering.problem}"
        return f"Not every row could be read: {self._background.problem}" if self._background.problem else ""

    @property
    def compiled(self) -> CompiledQuery:
        """The filter in force, as it is asked: what it depends on."""
        return self._filtering.compiled

    @property
    def progress(self) -> Progress | None:
        """What goes on in the background, None for nothing."""
        scan = self._filters.scan
        if scan is not None:
            return Progress("filtering", scan.looked_at, scan.total)
        return self._background.progress

    def position(self, key: str) -> int | None:
        return self._order.position(key)

    def values(self, key: str) -> Values:
        """One value a column of the kind; raise KeyError for an unknown key."""
        row = self.row(key)
        if row is None:
            raise KeyError(key)
        return row.values

    def row(self, key: str) -> Row | None:
        """The row under a key, shown or not; of a deleted object, the last one."""
        return self._cache.get(key) or self._deleted.row(key)

    def rows(self) -> Iterable[Row]:
        return (row for key in self._order if (row := self.row(key)) is not None)

    def set_query(self, query: Query | None) -> None:
        """Show only what matches, None everything; raise QuerySyntaxError and change nothing if it makes no sense."""
        self._filters.put_in_force(self._filtering_by(query or Query()))
        self._filter()

    def try_query(self, query: Query) -> bool:
        """As `set_query`, but what is shown stays until a row matches. False while none was found: either none does,
        or `is_trying`, and `apply` may yet put it in force.
        """
        filtering = self._filtering_by(query)
        order = self._order_by(filtering)
        if len(order):
            self._filters.put_in_force(filtering)
            self._order = order
            return True
        self._keep_deleted(self._filtering)
        self._filters.try_out(filtering)
        return False

    @property
    def is_trying(self) -> bool:
        """Whether rows are still looked at for a filter that is tried."""
        return self._filters.is_trying

    def refilter(self) -> None:
        """Decide about every row again, by the same query. Where that has come to mean nothing, because the last
        object with a label is gone, what it meant goes on.
        """
        try:
            self.set_query(self.query)
        except QuerySyntaxError:
            self._filter()

    def set_sort(self, by: int | str, descending: bool = False) -> None:
        """Order by a column; raise LookupError if there is no such column. If many objects must be read for that, it
        happens in the background, and the order changes when they are.
        """
        ranking = Ranking(Sort(by, descending), self.kind, self._extras)
        self._background.cancel()
        if self.in_background and ranking.needs_values:
            unread = [row for row in self.rows() if row.known_values is None]
            if self._background.read(unread, lambda: self._sort_by(ranking)):
                return
        self._sort_by(ranking)

    def set_kind(
        self, kind: Kind, *, shown: Sequence[int] | None = None, with_namespace: bool | None = None
    ) -> QuerySyntaxError | None:
        """Show other columns. An order or a filter that they cannot answer is given up; returns what the filter says
        of that.
        """
        if with_namespace is None:
            with_namespace = self._reader.with_namespace
        self._background.cancel()
        self._reader = RowReader(kind, shown, with_namespace=with_namespace, contexts=self._contexts)
        self._cache.read_with(self._reader)
        self._deleted.read_with(self._reader)
        self.kind = kind
        is_lost = isinstance(self.sort.by, int) and self.sort.by >= len(kind.columns)
        self._ranking = Ranking(Sort() if is_lost else self.sort, kind, self._extras)
        try:
            self.set_query(self.query)
        except QuerySyntaxError as error:
            self.set_query(None)
            return error
        return None

    def rebuild(self) -> None:
        self._cache.reload()
        self._deleted.clear()
        self._filter()

    def take_in(self, arrived: set[str], seconds: float) -> Changes:
        """Take in, and out of the set, keys that a first list brought; if rows must be read, for so many seconds."""
        deadline = perf_counter() + seconds
        if self.takes_in_all:
            came, others = self._cache.take_in(arrived)
            arrived.clear()
            self._move(dict.fromkeys(came, 0), ())
            return Changes(bool(came), added=frozenset(came)).then(self.apply(others, notable=False))
        changes = Changes()
        while arrived:
            part = {arrived.pop() for _ in range(min(_PART, len(arrived)))}
            came, others = self._cache.take_in(part)
            if came or others:
                changes = changes.then(self.apply(others.union(came), notable=False))
            if perf_counter() >= deadline:
                break
        return changes

    @property
    def takes_in_all(self) -> bool:
        """Whether no row must be read to be put in its place."""
        return self._ranking.is_level and not self._filtering.query and not self._filters.is_trying

    def apply(self, dirty: AbstractSet[str], *, notable: bool = True) -> Changes:
        """Take in the keys that changed since the last call, those whose time has come, and what was found in the
        background. `notable`: the changes are news, not part of a first list.
        """
        now = self._clock.time()
        is_refiltered = self._filtering.is_outdated
        if is_refiltered:
            self.refilter()
        touched = dirty | self._deleted.expire(now) | self._filtering.due_keys(now)
        moved: dict[str, Any] = {}
        changed, added, removed = [], [], []
        for key in touched:
            old = self._order.rank(key)
            new = self._rank_of(key, now, notable)
            if new is ABSENT:
                if old is not ABSENT:
                    removed.append(key)
            elif old is ABSENT:
                added.append(key)
                moved[key] = new
            else:
                if key in dirty:
                    changed.append(key)
                if old != new:
                    moved[key] = new
        found = self._filters.look(self._cache, touched, now)
        if found:
            self._keep_deleted(self._filtering)
            self._show(self._cache.of_keys(found), self._deleted_rows(self._filtering, now))
            return Changes(True, frozenset(changed), frozenset(added), frozenset(removed))
        found_later = [row for row in self._filtering.arrived(self.shown) if row.key not in self._order]
        arrived = {row.key: self._ranking.of(row) for row in found_later}
        moved |= arrived
        is_other = self._move(moved, removed) | self._background.finish() | is_refiltered
        return Changes(is_other, frozenset(changed), frozenset([*added, *arrived]), frozenset(removed))

    def due(self, now: float) -> float | None:
        """When `apply` must be called although nothing is dirty, in seconds since the epoch; None if never."""
        if self.progress is not None or self._background.is_finished:
            return now
        dues = [at for at in (self._filtering.next_due(), self._deleted.next_due()) if at is not None]
        return min(dues, default=None)

    def warm(self, seconds: float) -> bool:
        """Read ahead for at most so long, so that sorting and searching find everything read; False if all is."""
        return self._cache.warm(seconds)

    @property
    def all_rows(self) -> list[Row]:
        """Those that no filter lets through too, unordered."""
        return self._cache.rows

    def close(self) -> None:
        self._background.cancel()
        self._filters.close()

    @property
    def _filtering(self) -> Filtering:
        """The one in force."""
        return self._filters.filtering

    def _filtering_by(self, query: Query) -> Filtering:
        return Filtering(query, self.context, in_background=self.in_background)

    def _keep_deleted(self, filtering: Filtering) -> None:
        self._deleted.keep_all = filtering.compiled.asks_for_deleted

    def _filter(self) -> None:
        self._order = self._order_by(self._filtering)

    def _order_by(self, filtering: Filtering) -> Ordering:
        self._keep_deleted(filtering)
        deleted = self._deleted_rows(filtering, self._clock.time())
        if self._ranking.is_level and not deleted:
            keys = filtering.answered(self._cache)
            if keys is not None:
                order = Ordering()
                order.fill_level(keys, set(keys))
                return order
        rows = filtering.matching(self._cache)
        return self._ranking.arranged([*rows, *deleted], tied=not deleted)

    def _deleted_rows(self, filtering: Filtering, now: float) -> list[Row]:
        """The rows of deleted objects that are to be shown."""
        deleted = self._deleted
        if deleted.keep_all and self._journal is not None:
            for key, obj in self._journal.deleted_objects().items():
                if self._cache.get(key) is None:
                    deleted.add(Row(key, obj, self._reader), now)
        return [row for row in deleted.rows() if filtering.test(row, now)]

    def _rank_of(self, key: str, now: float, notable: bool) -> Any:
        """The rank under which a key is to be shown from now on."""
        old, row = self._cache.refresh(key)
        if row is not old and notable:
            self._recent.note(key, old, row, now)
        if row is not None:
            self._deleted.discard(key)
        elif old is not None and notable and (self._deleted.keep_all or key in self._order):
            self._deleted.add(old, now)
        row = row or self._deleted.row(key)
        if row is None:
            self._filtering.forget(key)
        return self._ranking.of(row) if row is not None and self._filtering.test(row, now) else ABSENT

    def _move(self, moved: Mapping[str, Any], removed: Sequence[str]) -> bool:
        """Put rows in their new places; whether there were any."""
        try:
            self._order.update(moved, removed)
        except TypeError:
            # The new rank cannot be compared with those of the others; so far only some have moved.
            self._ranking.by_type = True
            self._filter()
            return True
        return bool(moved or removed)

    def _sort_by(self, ranking: Ranking) -> None:
        """Order the same rows again."""
        self._ranking, shown = ranking, self._order.members
        deleted = [row for row in self._deleted.rows() if row.key in shown]
        self._show(self._cache.all() if self.query is None else self._cache.of_keys(shown), deleted)

    def _show(self, rows: Sequence[Row], deleted: Sequence[Row]) -> None:
        """Exactly these rows, and those of deleted objects."""
        self._order = self._ranking.arranged([*rows, *deleted], tied=not deleted)


__all__ = ["NAMESPACE", "Changes", "Progress", "Projection"]

"""A compiled query at work: decides about all rows at once when it is set, then about one row at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import perf_counter

from kwatch.query.context import Context
from kwatch.query.query import CompiledQuery, Query
from kwatch.query.row import Row
from kwatch.view.indexes_on_demand import demand_indices
from kwatch.view.row_cache import DueTimes, RowCache
from kwatch.view.scan import Found, Scan, spread

_CHUNK = 250
"""Rows between two looks at the clock; some 15 ms where each must be parsed whole."""
PATIENCE = 0.015
"""Seconds that a scan may take before the rest of it goes on in a thread."""

_SCREENFUL = 100
"""Rows found in order with which the first screen is full: what comes later stands below it."""
_MANY = 2000
_LOT = 8
"""One in so many of the rows that are shown must be new to be shown too."""


class Filtering:
    """One query over one view's rows, until it is closed. The empty query is answered by all of them."""

    def __init__(self, query: Query, context: Context, *, in_background: bool = False) -> None:
        """Raise QuerySyntaxError if the query makes no sense in the view."""
        known = frozenset(context.index.index_names)
        compiled = query.compile(context)
        self._demand = demand_indices(context.index, compiled.indices)
        if not known <= frozenset(context.index.index_names):
            # One was dropped in between; from now on none is.
            compiled = query.compile(context)
        self._owners = context.owners.hold(compiled.owner_kinds) if compiled.owner_kinds else None
        self.query = query
        self.compiled = compiled
        self._clock = context.clock
        self._in_background = in_background
        self._due = DueTimes()
        self._scan: Scan | None = None
        self.problem = ""
        """Why not every row was looked at; empty where all were."""
        self._overtaken: set[str] = set()
        """Keys that were decided again while a scan was under way, which knows only what they were before."""

    def answered(self, cache: RowCache) -> list[str] | None:
        """The matching keys by namespace and name, if the indexes alone can tell; else None."""
        return None if self._asks_rows else cache.keys(self.compiled.candidates())

    def matching(self, cache: RowCache) -> list[Row]:
        """The rows that match, by namespace and name; a long scan goes on in a thread and delivers the rest through
        `arrived`, then makes the indexes that would have answered.
        """
        candidates = self.compiled.candidates()
        rows = cache.all() if candidates is None else cache.of_keys(candidates)
        self._due.fill(self._attended(cache))
        if not self._asks_rows:
            return rows
        return self._begin(rows) if self._in_background else self._look(rows)

    @property
    def _asks_rows(self) -> bool:
        """Whether rows must be looked at, because indices alone cannot tell."""
        return self.compiled.needs_scan or self.compiled.is_timed

    def _begin(self, rows: Sequence[Row]) -> list[Row]:
        """Look for a moment, at what is likely first; the rest goes to a thread."""
        deadline = perf_counter() + PATIENCE
        likely = self._likely(rows)
        found: list[Row] = []
        for part in (likely, rows):
            for start in range(0, len(part), _CHUNK):
                if perf_counter() > deadline:
                    self._scan_on(part[start:] if part is rows else rows, found)
                    return _in_order(found, rows) if likely else found
                found += self._look(part[start : start + _CHUNK])
        return _in_order(found, rows) if likely else found

    def _scan_on(self, rest: Sequence[Row], found: Sequence[Row]) -> None:
        """In a thread. Where a screen is not filled so far, what is found next may stand anywhere."""
        self._scan = Scan(rest if len(found) > _SCREENFUL else spread(rest), self._judge, self._demand.make)

    def _likely(self, rows: Sequence[Row]) -> list[Row]:
        parts = self.compiled.likely_in_name
        for part in parts:
            rows = [row for row in rows if part in row.key]
        return list(rows) if parts else []

    def _look(self, rows: Sequence[Row]) -> list[Row]:
        return list(self._take(self._judge(rows)))

    def test(self, row: Row, now: float) -> bool:
        """Whether one row matches now; remembers when to ask again."""
        if self._scan is not None:
            self._overtaken.add(row.key)
        if self.compiled.is_timed:
            self._due.put(row.key, self.compiled.due(row, now))
        return self.compiled.test(row, now)

    def forget(self, key: str) -> None:
        if self._scan is not None:
            self._overtaken.add(key)
        self._due.put(key, None)

    def arrived(self, shown: int) -> list[Row]:
        """The rows that the scan in the background found since the last time. Where many are shown already, they come
        by larger lots: each costs a look at all of those.
        """
        scan = self._scan
        if scan is None:
            return []
        is_over = scan.is_over
        if not is_over and shown > _MANY and scan.waiting * _LOT < shown:
            return []
        rows = [row for found in scan.take() for row in self._take(found)]
        if is_over:
            self.problem = scan.problem
            self._scan = None
            self._overtaken.clear()
        return rows

    @property
    def scan(self) -> Scan | None:
        return self._scan

    def next_due(self) -> float | None:
        if self._owners is not None and self._owners.look():
            return 0.0
        return self._due.next()

    def due_keys(self, now: float) -> set[str]:
        """The keys whose time has come, and those to whose owners something happened."""
        due = self._due.pop(now)
        return due | self._owners.take() if self._owners is not None else due

    @property
    def is_outdated(self) -> bool:
        """Whether so much has changed that everything must be decided again."""
        return self._owners is not None and self._owners.is_outdated

    def close(self) -> None:
        self._demand.release()
        if self._owners is not None:
            self._owners.release()
        if self._scan is not None:
            self._scan.cancel()
            self._scan = None

    def _judge(self, rows: Sequence[Row]) -> Found:
        now = self._clock.time()
        compiled = self.compiled
        dues = _dues(compiled, rows, now) if compiled.is_timed else ()
        return Found(compiled.select_rest(rows, now), dues)

    def _take(self, found: Found) -> Sequence[Row]:
        overtaken = self._overtaken
        for key, at in found.dues:
            if key not in overtaken:
                self._due.put(key, at)
        return [row for row in found.rows if row.key not in overtaken] if overtaken else found.rows

    def _attended(self, cache: RowCache) -> list[tuple[str, float]]:
        """The moments of rows that an index has excluded, but only for the time being."""
        rows = (cache.get(key) for key in self.compiled.attended)
        return _dues(self.compiled, (row for row in rows if row is not None), self._clock.time())


class Filters:
    """What a view's rows are filtered by: the one in force, and one that is tried. That comes into force as soon as a
    row matches; what is shown stays meanwhile.
    """

    def __init__(self, everything: Filtering) -> None:
        self.filtering = everything
        """The one in force."""
        self._tried: Filtering | None = None

    def put_in_force(self, filtering: Filtering) -> None:
        self.end_trial()
        self.filtering.close()
        self.filtering = filtering

    def try_out(self, filtering: Filtering) -> None:
        """What has found nothing so far; `look` tells when it has."""
        self.end_trial()
        if filtering.scan is not None:
            self._tried = filtering
        else:
            filtering.close()

    def look(self, cache: RowCache, touched: Iterable[str], now: float) -> set[str]:
        """The keys of what the tried query found since the last time, or what matches since it was `touched`: if there
        is any, it is in force now.
        """
        filtering = self._tried
        if filtering is None:
            return set()
        found = {row.key for row in filtering.arrived(0)}
        for key in touched:
            row = cache.get(key)
            if row is None:
                filtering.forget(key)
            elif filtering.test(row, now):
                found.add(key)
        if found:
            self._tried = None
            self.put_in_force(filtering)
        elif filtering.scan is None:
            self.end_trial()
        return found

    def end_trial(self) -> None:
        """What was tried never comes into force."""
        tried, self._tried = self._tried, None
        if tried is not None:
            tried.close()

    @property
    def is_trying(self) -> bool:
        return self._tried is not None

    @property
    def scan(self) -> Scan | None:
        """The scan under way, that of what is tried first."""
        return (self._tried or self.filtering).scan

    def close(self) -> None:
        self.end_trial()
        self.filtering.close()


def _in_order(found: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """What was found, in the order of all rows and each once."""
    keys = {row.key for row in found}
    return [row for row in rows if row.key in keys] if keys else []


def _dues(compiled: CompiledQuery, rows: Iterable[Row], now: float) -> list[tuple[str, float]]:
    return [(row.key, due) for row in rows if (due := compiled.due(row, now)) is not None]

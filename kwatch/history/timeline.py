"""The causal view of one object: its deltas between those of its owners, children, node and Events, on one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import inf

from kwatch.history.gap import Gap, joined
from kwatch.history.history_entries import HistoryEntries
from kwatch.history.object_history import ObjectHistory
from kwatch.history.ownership import OwnershipGraph, Relation, relations
from kwatch.history.store import JournalStore
from kwatch.history.timeline_entry import TimelineEntry
from kwatch.history.watches import Hole, Scope, Watches
from kwatch.informer.metadata import split_key

TOGETHER = 3.0
"""Seconds within which lists, and gaps of several resources, are one."""


class Timeline:
    """One object's line, to be read again and again: only what came since is looked at. Used by one thread."""

    def __init__(self, store: JournalStore, graph: OwnershipGraph, context: str, resource: str, key: str) -> None:
        self._store = store
        self._graph = graph
        self._context = context
        self._resource = resource
        self._key = key
        self._known: dict[int, HistoryEntries] = {}

    def read(self, limit: int | None = None) -> tuple[TimelineEntry, ...]:
        """Everything journalled about the object and what is related to it, oldest first; empty if unknown.

        With `limit` only the newest. Only resources that are watched are journalled.
        """
        with self._store.lock:
            stream = self._store.streams.get((self._context, self._resource))
            subjects = stream.histories_of(self._key) if stream is not None else []
        if not subjects:
            return ()
        self._graph.refresh()
        family = relations(self._graph, subjects)
        self._known = {history.number: self._entries_of(history, relation) for history, relation in family}
        entries = [entry for each in self._known.values() for entry in each.read()]
        gaps = self._gaps([history for history, _ in family])
        entries = [_with_gaps(entry, gaps) for entry in entries]
        entries += [*_beginnings(entries), *_merged(_joined(_since_watched(gaps, entries), entries))]
        entries.sort(key=lambda entry: entry.order)
        return tuple(entries if limit is None else entries[-limit:])

    def _entries_of(self, history: ObjectHistory, relation: Relation) -> HistoryEntries:
        known = self._known.get(history.number)
        return (
            known
            if known is not None and known.relation == relation
            else HistoryEntries(self._store, history, relation)
        )

    def _gaps(self, histories: Iterable[ObjectHistory]) -> list[Gap]:
        with self._store.lock:
            scopes = {(history.stream, Scope(split_key(history.key)[0] or None)) for history in histories}
            found = [gap for stream, scope in scopes for gap in stream.gaps_of(_missed(stream.watches, scope))]
        return sorted(found, key=lambda gap: gap.since)


def _missed(watches: Watches, scope: Scope) -> Iterator[Hole]:
    """Related objects are watched by name and label, so a watch of their namespace counts as seeing them."""
    return watches.holes_where(lambda each: each.namespace in (None, scope.namespace), scope)


def _with_gaps(entry: TimelineEntry, gaps: Iterable[Gap]) -> TimelineEntry:
    """What a list found new after a gap happened in it, and is no first sight."""
    if not entry.first_listed or entry.version is None:
        return entry
    version = entry.version
    after_gap = any(gap.resource == version.resource and gap.since <= version.at for gap in gaps)
    return replace(entry, first_listed=False) if after_gap else entry


def _beginnings(entries: Iterable[TimelineEntry]) -> Iterator[TimelineEntry]:
    """From when on what was watched: first lists that came together are one entry."""
    listed = sorted(
        (entry.version.at, entry.version.resource)
        for entry in entries
        if entry.first_listed and entry.version is not None
    )
    begun, last, counts = -inf, -inf, Counter[str]()
    for received, resource in listed:
        if received - last > TOGETHER:
            if counts:
                yield TimelineEntry(begun, listed=tuple(counts.items()))
            begun, counts = received, Counter()
        last = received
        counts[resource] += 1
    if counts:
        yield TimelineEntry(begun, listed=tuple(counts.items()))


def _since_watched(gaps: Iterable[Gap], entries: Iterable[TimelineEntry]) -> Iterator[Gap]:
    """Before anything was seen of a resource there was nothing to miss."""
    first: dict[str, float] = {}
    for version in (entry.version for entry in entries if entry.version is not None):
        first[version.resource] = min(version.at, first.get(version.resource, inf))
    return (gap for gap in gaps if gap.since >= first.get(gap.resource, inf))


def _joined(gaps: Iterable[Gap], entries: Iterable[TimelineEntry]) -> list[Gap]:
    """What was not watched all the time is one gap from one thing that was found to the next."""
    seen: dict[str, list[float]] = {}
    for version in (entry.version for entry in entries if entry.version is not None):
        seen.setdefault(version.resource, []).append(version.at)
    by_resource: dict[str, list[Gap]] = {}
    for gap in gaps:
        by_resource.setdefault(gap.resource, []).append(gap)
    found = [each for name, those in by_resource.items() for each in joined(those, sorted(seen.get(name, ())))]
    return sorted(found, key=lambda gap: gap.since)


def _merged(gaps: Iterable[Gap]) -> Iterator[TimelineEntry]:
    """Gaps of several resources with one cause and time are one entry, which stands where it ended."""
    groups: list[list[Gap]] = []
    for gap in gaps:
        last = groups[-1][0] if groups else None
        if last is not None and last.cause == gap.cause and _coincide(last, gap):
            groups[-1].append(gap)
        else:
            groups.append([gap])
    for group in groups:
        whole = replace(group[0], since=min(each.since for each in group), until=max(each.until for each in group))
        yield TimelineEntry(whole.since, gap=whole, resources=tuple(dict.fromkeys(each.resource for each in group)))


def _coincide(one: Gap, other: Gap) -> bool:
    return abs(one.since - other.since) <= TOGETHER and abs(one.until - other.until) <= TOGETHER

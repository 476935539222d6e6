"""The causal view of one object: its deltas between those of its owners, children, node and Events, on one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import msgspec

from kwatch.history.coverage import Gap, merged_gaps
from kwatch.history.last_lines import ContainerEnd, LastLines
from kwatch.history.object_history import Content, ObjectHistory, Stream
from kwatch.history.ownership import OwnershipGraph, Relation, RelationType, relations
from kwatch.history.reconstruction import EventFacts, ReconstructedEntry, event_facts, joined, reconstruct
from kwatch.history.rollouts import Rollout
from kwatch.history.store import JournalStore
from kwatch.history.version import Version
from kwatch.informer.metadata import split_key

PROMPT = 2.0
"""Seconds within which the receipt of an Event is as good as its own time, which is in whole seconds."""
TOGETHER = 3.0
"""Seconds within which lists, and gaps of several resources, are one."""
_PROOFS = ("metadata", "managedFields", "condition", "container", "event")
"""Sources of what is proven, by how early within a second they tend to be."""
_SIGNED_DISTANCE = {RelationType.OWNER: -1, RelationType.CHILD: 1}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One of: a version, what the server proves of before (`proof`), the `end` of a container, a `rollout`, a gap, the
    beginning of the watch (`listed`).
    """

    at: float
    """When it happened, in seconds since the epoch."""
    relation: Relation | None = None
    """The object it is about; None for a gap or a beginning."""
    version: Version | None = None
    approximate: bool = False
    """`at` is the server's word, to the second, and not the receipt."""
    first_listed: bool = False
    """The first list brought it: it had been so for a while."""
    event: EventFacts | None = None
    proof: ReconstructedEntry | None = None
    end: ContainerEnd | None = None
    gap: Gap | None = None
    resources: tuple[str, ...] = ()
    """What was not watched in the gap."""
    listed: tuple[tuple[str, int], ...] = ()
    """From then on these were watched: a resource, and how many objects of it belong here."""
    rollout: Rollout | None = None
    """The template that came into force; alone, or with the version of the workload that brought it."""

    @property
    def relation_type(self) -> RelationType:
        """What it is to the object."""
        if self.relation is not None:
            return self.relation.type
        return RelationType.GAP if self.gap is not None else RelationType.LISTED

    @property
    def distance(self) -> int:
        """How many owners or children lie between: 1 is the nearest."""
        return self.relation.distance if self.relation is not None else 0

    @property
    def id(self) -> str:
        """The same whenever the timeline is read again."""
        if self.version is not None:
            return str(self.version.sequence)
        if self.end is not None:
            return f"{self.end.id}"
        if self.rollout is not None:
            return f"rollout\n{self.rollout.number}\n{self.at}"
        if self.relation is not None and self.proof is not None:
            return f"{self.relation.uid or self.relation.key}\n{self.at}\n{self.proof.source}\n{self.proof.words}"
        return f"{self.relation_type}\n{self.at}"

    @property
    def order(self) -> tuple[float, int, int, int]:
        """By when it happened; what is known to the second before what was seen in it, from owners down to children."""
        sequence = self.version.sequence if self.version is not None and not self.approximate else 0
        subject = self.relation.subject if self.relation is not None else None
        depth = _SIGNED_DISTANCE.get(subject.type, 0) * subject.distance if subject is not None else 0
        source = "event" if self.event is not None else self.proof.source if self.proof is not None else ""
        source = "container" if self.end is not None else source
        return self.at, sequence, depth, _PROOFS.index(source) if source in _PROOFS else -1


class Timeline:
    """One object's line, to be read again and again: only what came since is looked at. Used by one thread."""

    def __init__(
        self,
        store: JournalStore,
        graph: OwnershipGraph,
        context: str,
        resource: str,
        key: str,
        last_lines: LastLines,
    ) -> None:
        self._store = store
        self._graph = graph
        self._context = context
        self._resource = resource
        self._key = key
        self._last_lines = last_lines
        self._known: dict[int, _ObjectEntries] = {}
        self.left_out = 0
        """How many older entries there are beyond the limit, as far as they were counted: an Event that was not read
        counts as one.
        """

    def read(self, limit: int | None = None) -> tuple[TimelineEntry, ...]:
        """Everything journalled about the object and what is related to it, oldest first; empty if unknown.

        With a `limit`, only so many of the newest. Only resources that are watched are journalled.
        """
        with self._store.lock:
            stream = self._store.streams.get((self._context, self._resource))
            subjects = stream.histories_of(self._key) if stream is not None else []
        if not subjects:
            return ()
        self._graph.refresh()
        related, unread = relations(self._graph, subjects, limit)
        self._known = {history.number: self._entries_of(history, relation) for history, relation in related}
        entries = [entry for each in self._known.values() for entry in each.read(limit)]
        gaps = self._gaps([history for history, _ in related])
        entries = [_with_gaps(entry, gaps) for entry in entries]
        ends = [*self._ends(relation for _, relation in related)]
        entries = [*_without_proofs_of(ends, entries), *ends]
        entries += [*_beginnings(entries), *_gap_entries(_missed(gaps, entries))]
        entries.sort(key=lambda entry: entry.order)
        shown = entries if limit is None else entries[-limit:]
        self.left_out = len(entries) - len(shown) + unread + sum(each.left_out for each in self._known.values())
        return tuple(shown)

    def _entries_of(self, history: ObjectHistory, relation: Relation) -> _ObjectEntries:
        known = self._known.get(history.number)
        if known is not None and known.relation == relation:
            return known
        return _ObjectEntries(self._store, history, relation)

    def _ends(self, related: Iterable[Relation]) -> Iterator[TimelineEntry]:
        if not len(self._last_lines):
            return
        for relation in related:
            for end in self._last_lines.of(self._context, relation.uid):
                yield TimelineEntry(end.at, relation, approximate=not end.seen, end=end)

    def _gaps(self, histories: Iterable[ObjectHistory]) -> list[Gap]:
        with self._store.lock:
            places = {(history.stream, split_key(history.key)[0] or None) for history in histories}
            found = [gap for stream, namespace in places for gap in _gaps_in(stream, namespace)]
        return sorted(found, key=lambda gap: gap.since)


class _ObjectEntries:
    """What one object gives to a timeline: its versions, and what its first one proves of before.

    When it is read again, only the versions that came since are looked at.
    """

    def __init__(self, store: JournalStore, history: ObjectHistory, relation: Relation) -> None:
        self.relation = relation
        self._store = store
        self._history = history
        self._gone = (0, 0)
        self._sequence = 0
        self._entries: list[TimelineEntry] = []
        self.left_out = 0
        """How many entries were not read, or are not kept, because of the limit."""

    def read(self, limit: int | None) -> list[TimelineEntry]:
        """Every entry, or as many of the newest as the `limit` says, oldest first as they were received."""
        store, history = self._store, self._history
        with store.lock:
            gone = (history.gone, history.evicted)
            if gone != self._gone:
                self._gone, self._sequence, self._entries, self.left_out = gone, 0, [], 0
            start = max(history.gone, history.columns.until(self._sequence))
            if limit is not None and len(history.payloads) - start > limit:
                self.left_out += len(history.payloads) - limit - start
                start = len(history.payloads) - limit
            is_first = start == history.gone
            holds_events = history.stream.holds_events
            fresh = [
                (store.version(history, at), history.content(at) if holds_events or at == history.gone else None)
                for at in range(start, len(history.payloads))
            ]
        for index, (version, content) in enumerate(fresh):
            self._entries += self._of(version, content, is_first=is_first and index == 0)
            self._sequence = version.sequence
        if limit is not None and len(self._entries) > limit:
            self.left_out += len(self._entries) - limit
            self._entries = self._entries[-limit:]
        return self._entries

    def _of(self, version: Version, content: Content | None, *, is_first: bool) -> Iterator[TimelineEntry]:
        holds_events, evicted = self._history.stream.holds_events, self._history.evicted
        listed = is_first and version.relisted and not evicted
        tree = _tree(content) if content is not None and (is_first or holds_events) else {}
        if holds_events:
            facts = event_facts(tree)
            if is_first and facts.first is not None and facts.last is not None and facts.first < facts.last:
                yield self._proof(ReconstructedEntry(facts.first, facts.words, "event"), facts)
            yield self._event(version, facts, listed=listed)
            return
        if is_first and (version.relisted or evicted):
            yield from (self._proof(each) for each in joined(reconstruct(tree)) if each.at < version.at)
        yield TimelineEntry(version.at, self.relation, version, first_listed=listed)

    def _event(self, version: Version, facts: EventFacts, *, listed: bool) -> TimelineEntry:
        own = facts.last
        late = own is not None and not version.deleted and (listed or abs(version.at - own) > PROMPT)
        at = own if own is not None and late else version.at
        return TimelineEntry(at, self.relation, version, approximate=late, first_listed=listed, event=facts)

    def _proof(self, proof: ReconstructedEntry, event: EventFacts | None = None) -> TimelineEntry:
        return TimelineEntry(proof.at, self.relation, approximate=True, event=event, proof=proof)


def _gaps_in(stream: Stream, namespace: str | None) -> tuple[Gap, ...]:
    """Related objects are watched by name and label, so any watch in their namespace counts as seeing them."""
    return stream.watches.gaps_where(lambda scope: scope.namespace in (None, namespace), namespace)


def _tree(content: Content) -> Mapping[str, Any]:
    try:
        return content.object.tree()
    except (msgspec.DecodeError, RecursionError):
        return {}


def _without_proofs_of(ends: Sequence[TimelineEntry], entries: Iterable[TimelineEntry]) -> Iterator[TimelineEntry]:
    """An end says more than the server's proof of it."""
    known = {(each.relation.uid, each.end.finished_at) for each in ends if each.relation and each.end}
    for entry in entries:
        proof, relation = entry.proof, entry.relation
        is_end = proof is not None and proof.source == "container" and "exit code" in proof.words
        if not (is_end and relation is not None and (relation.uid, entry.at) in known):
            yield entry


def _with_gaps(entry: TimelineEntry, gaps: Iterable[Gap]) -> TimelineEntry:
    """What a list found new after a gap happened in the gap: it had not been there before."""
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


def _missed(gaps: Sequence[Gap], entries: Iterable[TimelineEntry]) -> list[Gap]:
    """Gaps of a resource as one, if nothing of it was found between them; none before its first version."""
    seen: dict[str, list[float]] = {}
    for version in (entry.version for entry in entries if entry.version is not None):
        seen.setdefault(version.resource, []).append(version.at)
    found: list[Gap] = []
    for resource in dict.fromkeys(gap.resource for gap in gaps if gap.resource in seen):
        moments = sorted(seen[resource])
        later = (gap for gap in gaps if gap.resource == resource and gap.since >= moments[0])
        found += merged_gaps(later, moments)
    return sorted(found, key=lambda gap: gap.since)


def _gap_entries(gaps: Iterable[Gap]) -> Iterator[TimelineEntry]:
    """Gaps of several resources with one cause and time are one entry."""
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

"""What one life gives to a timeline: its versions, and what its first one proves of before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kwatch.history.event_facts import EventFacts, event_facts
from kwatch.history.object_history import Content, ObjectHistory
from kwatch.history.ownership import Relation
from kwatch.history.reconstruction import ReconstructedEntry, joined, reconstruct
from kwatch.history.store import JournalStore
from kwatch.history.timeline_entry import TimelineEntry
from kwatch.history.version import Version

PROMPT = 2.0
"""Seconds within which the receipt of an Event is as good as its own time, which is in whole seconds."""


class HistoryEntries:
    """Read again, only the versions that came since are looked at. Used by one thread."""

    def __init__(self, store: JournalStore, history: ObjectHistory, relation: Relation) -> None:
        self.relation = relation
        self._store = store
        self._history = history
        self._gone = (0, 0)
        self._sequence = 0
        self._entries: list[TimelineEntry] = []

    def read(self) -> list[TimelineEntry]:
        """Every entry, oldest first as they were received."""
        store, history = self._store, self._history
        with store.lock:
            gone = (history.gone, history.evicted)
            if gone != self._gone:
                self._gone, self._sequence, self._entries = gone, 0, []
            start = max(history.gone, history.columns.until(self._sequence))
            is_first = start == history.gone
            holds_events = history.stream.holds_events
            fresh = [
                (
                    store.version(history, place),
                    history.content(place) if holds_events or place == history.gone else None,
                )
                for place in range(start, len(history.payloads))
            ]
        for index, (version, content) in enumerate(fresh):
            self._entries += self._of(version, content, is_first=is_first and index == 0)
            self._sequence = version.sequence
        return self._entries

    def _of(self, version: Version, content: Content | None, *, is_first: bool) -> Iterator[TimelineEntry]:
        listed = is_first and version.relisted and not self._history.evicted
        tree = _tree(content) if content is not None and (is_first or self._history.stream.holds_events) else {}
        if self._history.stream.holds_events:
            facts = event_facts(tree)
            if is_first and facts.first is not None and facts.last is not None and facts.first < facts.last:
                yield self._proof(ReconstructedEntry(facts.first, facts.words, "event"), facts)
            yield self._event(version, facts, listed=listed)
            return
        if is_first and (version.relisted or self._history.evicted):
            yield from (self._proof(each) for each in joined(reconstruct(tree)) if each.at < version.at)
        yield TimelineEntry(version.at, self.relation, version, first_listed=listed)

    def _event(self, version: Version, facts: EventFacts, *, listed: bool) -> TimelineEntry:
        own = facts.last
        late = own is not None and not version.deleted and (listed or abs(version.at - own) > PROMPT)
        at = own if own is not None and late else version.at
        return TimelineEntry(at, self.relation, version, approximate=late, first_listed=listed, event=facts)

    def _proof(self, proof: ReconstructedEntry, event: EventFacts | None = None) -> TimelineEntry:
        return TimelineEntry(proof.at, self.relation, approximate=True, event=event, proof=proof)


def _tree(content: Content) -> Mapping[str, Any]:
    try:
        return content.object.tree()
    except (msgspec.DecodeError, RecursionError):
        return {}

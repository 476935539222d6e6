"""What one life gives to a timeline: its versions, and what its first one proves of before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kwatch.history.archive import Archive
from kwatch.history.event_facts import EventFacts, event_facts
from kwatch.history.life import Content, Life
from kwatch.history.reconstruction import ReconstructedEntry, joined, reconstruct
from kwatch.history.relatives import Kin
from kwatch.history.timeline_entry import TimelineEntry
from kwatch.history.version import Version

PROMPT = 2.0
"""Seconds within which the receipt of an Event is as good as its own time, which is in whole seconds."""


class LifeEntries:
    """Read again, only the versions that came since are looked at. Used by one thread."""

    def __init__(self, archive: Archive, life: Life, kin: Kin) -> None:
        self.kin = kin
        self._archive = archive
        self._life = life
        self._gone = (0, 0)
        self._sequence = 0
        self._entries: list[TimelineEntry] = []

    def read(self) -> list[TimelineEntry]:
        """Every entry, oldest first as they were received."""
        archive, life = self._archive, self._life
        with archive.lock:
            gone = (life.gone, life.evicted)
            if gone != self._gone:
                self._gone, self._sequence, self._entries = gone, 0, []
            start = max(life.gone, life.ledger.until(self._sequence))
            is_first = start == life.gone
            holds_events = life.stream.holds_events
            fresh = [
                (archive.version(life, place), life.content(place) if holds_events or place == life.gone else None)
                for place in range(start, len(life.payloads))
            ]
        for index, (version, content) in enumerate(fresh):
            self._entries += self._of(version, content, is_first=is_first and index == 0)
            self._sequence = version.sequence
        return self._entries

    def _of(self, version: Version, content: Content | None, *, is_first: bool) -> Iterator[TimelineEntry]:
        listed = is_first and version.relisted and not self._life.evicted
        tree = _tree(content) if content is not None and (is_first or self._life.stream.holds_events) else {}
        if self._life.stream.holds_events:
            facts = event_facts(tree)
            if is_first and facts.first is not None and facts.last is not None and facts.first < facts.last:
                yield self._proof(ReconstructedEntry(facts.first, facts.words, "event"), facts)
            yield self._event(version, facts, listed=listed)
            return
        if is_first and (version.relisted or self._life.evicted):
            yield from (self._proof(each) for each in joined(reconstruct(tree)) if each.at < version.at)
        yield TimelineEntry(version.at, self.kin, version, first_listed=listed)

    def _event(self, version: Version, facts: EventFacts, *, listed: bool) -> TimelineEntry:
        own = facts.last
        late = own is not None and not version.deleted and (listed or abs(version.at - own) > PROMPT)
        at = own if own is not None and late else version.at
        return TimelineEntry(at, self.kin, version, approximate=late, first_listed=listed, event=facts)

    def _proof(self, proof: ReconstructedEntry, event: EventFacts | None = None) -> TimelineEntry:
        return TimelineEntry(proof.at, self.kin, approximate=True, event=event, proof=proof)


def _tree(content: Content) -> Mapping[str, Any]:
    try:
        return content.object.tree()
    except (msgspec.DecodeError, RecursionError):
        return {}

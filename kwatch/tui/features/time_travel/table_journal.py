"""The journal as far as a table goes: its deltas, its objects at a moment, and how much arrived when."""

from __future__ import annotations

from array import array
from time import perf_counter
from typing import TYPE_CHECKING

from kwatch.base.namespaces import asked_of_server, named
from kwatch.catalog.indices import indexers_for
from kwatch.history.coverage import Scope
from kwatch.view.as_of_source import AsOfIndex, AsOfPart, AsOfSource
from kwatch.view.merged import merged
from kwatch.view.source import filtered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwatch.history.as_of import Arrival
    from kwatch.history.coverage import Gap
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version
    from kwatch.query.context import IndexAccess
    from kwatch.tui.location import Location


class TableJournal:
    """Reads only. Sequences are those of the whole journal."""

    def __init__(self, journal: Journal, contexts: Sequence[str], place: Location) -> None:
        """`contexts`: those of the place, or the only one."""
        self.is_mixed, self.is_of_several_contexts = place.is_mixed, bool(place.contexts)
        self._journal = journal
        self._contexts = place.contexts_of_parts
        self._parts = tuple(place.alone(resource) for resource in place.parts)
        where = [context for context in contexts for _ in place.resources]
        self._of = tuple(
            (context, str(part.resource), part.scope) for context, part in zip(where, self._parts, strict=True)
        )
        self._beginnings = tuple(
            (context, str(part.resource), f"{each}/" if each else "", part.scope)
            for context, part in zip(where, self._parts, strict=True)
            for each in named(part.namespace) or ("",)
        )
        """What the keys of each part begin with."""
        self._last: tuple[int, Version | None] = (-1, None)
        self._next: tuple[int, Version | None] = (-1, None)

    def next_sequence(self, sequence: int) -> int | None:
        """The sequence of the table's next delta; None if there is none."""
        return min(self._seek(sequence, 1), default=None)

    def previous_sequence(self, sequence: int) -> int | None:
        """The sequence of the table's delta before; None if there is none."""
        return max(self._seek(sequence, -1), default=None)

    def _seek(self, sequence: int, by: int) -> Iterator[int]:
        """The sequence of the next delta of each part, passing over what is hidden."""
        for context, resource, prefix, scope in self._beginnings:
            found = self._journal.seek(sequence, by, context, resource, prefix)
            while found is not None and (version := self._version(found)) is not None and not scope.covers(version.key):
                found = self._journal.seek(found, by, context, resource, prefix)
            if found is not None:
                yield found

    def last_delta(self, sequence: int) -> Version | None:
        """The table's last delta up to a sequence; None if nothing is known. Asked of the journal once for each."""
        if sequence != self._last[0]:
            self._last = sequence, self._version(self.previous_sequence(sequence + 1))
        return self._last[1]

    def next_delta(self, sequence: int) -> Version | None:
        """The table's first delta after a sequence; None if there is none yet."""
        if sequence != self._next[0] or self._next[1] is None:
            self._next = sequence, self._version(self.next_sequence(sequence))
        return self._next[1]

    def arrivals(self, after: int, limit: int) -> tuple[list[tuple[Arrival, int]], int]:
        """The table's deltas among the next `limit` of all after a sequence, each with the place of its resource; and
        up to where was looked.
        """
        answers = [self._journal.arrivals(context, resource, after, limit) for context, resource, _ in self._of]
        # Something may have arrived between the questions.
        known = min(known for _, known in answers)
        found = [
            (arrival, place)
            for place, ((arrivals, _), (_, _, scope)) in enumerate(zip(answers, self._of, strict=True))
            for arrival in arrivals
            if arrival.sequence <= known and scope.covers(arrival.key)
        ]
        return (sorted(found) if self.is_mixed else found), known

    def gaps(self) -> tuple[Gap, ...]:
        """When something was not watched, oldest first."""
        found = [
            gap
            for part, (context, _, _) in zip(self._parts, self._of, strict=True)
            for asked in asked_of_server(part.namespace, part.field_selector)
            for gap in self._journal.gaps(
                context, str(part.resource), Scope(asked.namespace, part.label_selector or "", asked.fields or "")
            )
        ]
        return tuple(sorted(found, key=lambda gap: gap.since))

    def source(self, sequence: int) -> AsOfSource:
        """The table's objects after a delta, to be moved from there."""
        return AsOfSource(
            [
                AsOfPart(
                    part.resource,
                    part.scope,
                    self._journal.as_of(context, name, sequence=sequence),
                    self._journal.changes_as_of(context, name, sequence),
                )
                for part, (context, name, _) in zip(self._parts, self._of, strict=True)
            ],
            self._contexts,
        )

    def index(self, sequence: int) -> IndexAccess:
        """Indexes over the table's objects after a delta."""
        return merged(
            [
                (
                    part.resource,
                    AsOfIndex(
                        filtered(self._journal.as_of(context, name, sequence=sequence), part.scope),
                        indexers_for(part.resource),
                    ),
                )
                for part, (context, name, _) in zip(self._parts, self._of, strict=True)
            ],
            self._contexts,
        )

    def _version(self, sequence: int | None) -> Version | None:
        found = self._journal.log(sequence - 1, 1) if sequence is not None else ()
        return found[0] if found and found[0].sequence == sequence else None


MOST = 4096
"""Stretches; when there are more, they are made twice as long."""
CHUNK = 1000
"""Entries of the log looked at between two looks at the clock: some 2 ms."""
APART = 5.0
"""Seconds between two lists."""
FINEST = 0.05
"""Seconds that a stretch is long at first."""


class _Beginning:
    """When the first list of one resource was complete."""

    def __init__(self) -> None:
        self.at: float | None = None
        self.sequence = 0
        self._objects = 0
        """How many were first seen in lists."""
        self._listed = 0
        """How many of them in the list that came last."""
        self._listed_at = 0.0

    def take(self, arrival: Arrival) -> None:
        if not arrival.listed:
            if self.at is None:
                self.at, self.sequence = arrival.at, arrival.sequence
            return
        if abs(arrival.at - self._listed_at) > APART:
            self._listed = 0
        self._listed_at = arrival.at
        self._objects += 1
        self._listed += 1
        # Before a list that brings more than was known, most was not: only what follows it is the whole picture. What
        # a list after a gap brings is little.
        if 2 * self._listed >= self._objects:
            self.at, self.sequence = arrival.at, arrival.sequence


class Arrivals:
    """Of one table. Used on the UI thread, a few milliseconds a tick."""

    def __init__(self, journal: TableJournal) -> None:
        self.began: float | None = None
        """When the first lists were complete, in seconds since the epoch; None while nothing is known."""
        self.first_sequence = 0
        """The delta with which they were."""
        self.count = 0
        self.is_complete = False
        """Whether everything that had arrived was read at the last look."""
        self._journal = journal
        self._known = 0
        self._beginnings: dict[int, _Beginning] = {}
        self._since = 0.0
        self._stretch = FINEST
        self._counts = array("L")

    def follow(self, seconds: float) -> None:
        """Read what arrived since, for at most so long."""
        deadline = perf_counter() + seconds
        while True:
            arrived, known = self._journal.arrivals(self._known, CHUNK)
            self.is_complete = known == self._known
            self._known = known
            for arrival, place in arrived:
                self._take(arrival, place)
            if self.is_complete or perf_counter() >= deadline:
                return

    def _take(self, arrival: Arrival, place: int) -> None:
        """What a list shows for the first time was there before: that is no change, but the picture grew."""
        beginning = self._beginnings.setdefault(place, _Beginning())
        beginning.take(arrival)
        last = max(self._beginnings.values(), key=lambda each: each.sequence)
        self.began, self.first_sequence = last.at, last.sequence
        if not arrival.listed:
            self._add(arrival.at)

    def heights(self, began: float, ended: float, width: int) -> list[int]:
        """How many arrived in each of `width` equal stretches between two moments."""
        found = [0] * width
        if ended <= began:
            return found
        scale = width / (ended - began)
        for index, count in enumerate(self._counts):
            if count:
                place = int((self._since + (index + 0.5) * self._stretch - began) * scale)
                if -1 <= place <= width:
                    found[min(width - 1, max(0, place))] += count
        return found

    def _add(self, at: float) -> None:
        if not self.count:
            self._since = at
        self.count += 1
        index = max(0, int((at - self._since) / self._stretch))
        while index >= MOST:
            self._widen()
            index //= 2
        if index >= len(self._counts):
            self._counts.extend([0] * (index + 1 - len(self._counts)))
        self._counts[index] += 1

    def _widen(self) -> None:
        counts = self._counts
        if len(counts) % 2:
            counts.append(0)
        self._counts = array("L", map(sum, zip(counts[::2], counts[1::2], strict=True)))
        self._stretch *= 2

"""When a place's deltas arrived: read from the journal piece by piece, kept as counts of equal stretches of time."""

from __future__ import annotations

from array import array
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kwatch.history.as_of import Arrival
    from kwatch.tui.features.time_travel.table_journal import TableJournal

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
    """Of one place. Used on the UI thread, a few milliseconds a beat."""

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

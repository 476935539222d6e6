"""A place as it was: filtered and ordered like the live table it was opened on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kwatch.tui.live_table import QUIET, LiveTable, Step
from kwatch.tui.past.past_rows import PastRows
from kwatch.tui.past.scoped_past import ScopedPast
from kwatch.tui.table.projected_rows import NAMESPACE, shown_columns
from kwatch.view.projection import Projection

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version
    from kwatch.informer.clock import Clock

FARTHEST = 5000
"""Deltas of other places that one step may pass over."""


class PastTable(LiveTable):
    """Stands in the live table's place while one travels; `present` goes on behind it."""

    def __init__(self, present: LiveTable, journal: Journal, context: str, clock: Clock) -> None:
        self.present = present
        self.place = present.place
        self.feed = present.feed
        self.marks = present.marks
        self.recent = present.recent
        self.ailments = present.ailments
        self.problem = ""
        self._journal = journal
        self._context = context
        self._clock = clock
        self._columns = present._columns
        self._kind_version = present._kind_version
        self._usage = None
        self._usage_version = 0
        self._kind = self._chosen_kind()
        self._as_of = journal.as_of(context, str(self.place.resource))
        self._source = ScopedPast(self._as_of, self.place)
        self.version = self._version_at(self._as_of.sequence)
        """The delta after which the table stands; None before the first."""
        self.projection = Projection(
            self._source,
            self._kind,
            clock=clock,
            resource=self.place.resource,
            with_namespace=self._namespaces,
            shown=self._shown,
            marked=self.marks,
            in_background=True,
            lazy=True,
        )
        self.projection.rebuild()
        self.rows = self._new_rows()
        self._arrange(self.place)

    @property
    def at(self) -> float:
        """The moment, in seconds since the epoch."""
        return self.version.at if self.version is not None else self._clock.time()

    @property
    def moment(self) -> float | None:
        """Which moment is shown."""
        return self.at

    @property
    def sequence(self) -> int:
        """The delta it stands after, counted over everything."""
        return self._as_of.sequence

    @property
    def is_glowing(self) -> bool:
        """The past does not change by itself."""
        return False

    def step(self) -> Step:
        """Let the present go on; here only a filter's work in the background brings rows."""
        self.present.step()
        due = self.projection.due(self._clock.time())
        if due is None or due > self._clock.time():
            return QUIET
        changes = self.projection.apply(frozenset(), notable=False)
        return Step(changes.changed | changes.added | changes.removed, changes.moved)

    def move_by(self, direction: int) -> Step | None:
        """To the next (1) or the previous (-1) delta of the place; None where there is none."""
        resource = str(self.place.resource)
        sequence: int | None = self.sequence
        for _ in range(FARTHEST):
            assert sequence is not None
            neighbour = self._journal.next_sequence if direction > 0 else self._journal.previous_sequence
            sequence = neighbour(sequence, self._context, resource)
            if sequence is None:
                return None
            version = self._version_at(sequence)
            if version is not None and self._source.covers(version.key):
                return self.move_to(sequence)
        return self.move_to(sequence) if sequence is not None else None

    def move_to_time(self, moment: float) -> Step:
        """To the last delta before a moment, in seconds since the epoch."""
        return self.move_to(self._journal.sequence_at(moment))

    def move_to(self, sequence: int) -> Step:
        """To just after a delta."""
        dirty = self._as_of.move_to(sequence)
        self.version = self._version_at(sequence)
        self.rows.now = self.at
        changes = self.projection.apply(dirty, notable=False)
        return Step(changes.changed | changes.added | changes.removed, changes.moved)

    def close(self) -> None:
        """Only what belongs to the past: the feed is the present's."""
        self.projection.close()

    def _version_at(self, sequence: int) -> Version | None:
        found = self._journal.log(sequence - 1, 1)
        return found[0] if found and found[0].sequence == sequence else None

    def _new_rows(self) -> PastRows:
        rows = PastRows(
            self.projection,
            shown_columns(self.projection.kind, wide=self.place.wide),
            namespaces=self._namespaces,
            now=self.at,
            present=self.present.projection,
        )
        rows.sorted_by = self.place.sort or (NAMESPACE if self._namespaces else "name", False)
        return rows


def read_moment(text: str, now: float) -> float:
    """`14:02`, `14:02:10` today (or yesterday, if that is still to come), `-10m`, `10m`; raise ValueError."""
    text = text.strip().removeprefix("-")
    units = {"s": 1, "m": 60, "h": 3600}
    if text[-1:] in units and text[:-1].replace(".", "", 1).isdigit():
        return now - float(text[:-1]) * units[text[-1]]
    for form in ("%H:%M:%S", "%H:%M"):
        try:
            clock = time.strptime(text, form)
        except ValueError:
            continue
        today = time.localtime(now)
        moment = time.mktime((*today[:3], clock.tm_hour, clock.tm_min, clock.tm_sec, 0, 0, -1))
        return moment if moment <= now else moment - 86400
    raise ValueError(f"{text!r} is no moment: write 14:02, 14:02:10 or -10m")

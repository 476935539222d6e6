"""One visit to the past: the table as it was, the bar below it, and the way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kwatch.informer.delta import DeltaType
from kwatch.tui.object.comparisons import Comparisons
from kwatch.tui.object.history_rows import clock_time, type_of
from kwatch.tui.past.past_table import PastTable
from kwatch.tui.past.time_bar import TimeBar, TimeBarState
from kwatch.view.freshness import ago
from kwatch.view.printable import printable

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.informer.clock import Clock
    from kwatch.tui.live_table import LiveTable
    from kwatch.tui.palette import Palette

KNOWN = 100_000
"""Arrivals shown in the bar, at most."""
PERIOD = 1.0
"""Seconds between looks at what has arrived since."""


class Journey:
    """Ends with `end`, which gives the live table back."""

    def __init__(self, present: LiveTable, journal: Journal, context: str, clock: Clock) -> None:
        self.past = PastTable(present, journal, context, clock)
        self._journal = journal
        self._comparisons = Comparisons(journal)
        self._resource = str(present.place.resource)
        self._arrivals: list[float] = []
        self._began: float | None = None
        self._known = 0
        self._looked_at = 0.0
        self.bar: TimeBar | None = None

    def open_bar(self, palette: Palette) -> TimeBar:
        """The bar, to be mounted."""
        self.bar = TimeBar(palette)
        return self.bar

    def close_bar(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.remove()

    def end(self) -> LiveTable:
        """The live table, with the filter, order and columns that were chosen meanwhile."""
        present, place = self.past.present, self.past.place
        self.past.close()
        present.take_over(place)
        return present

    def show(self, now: float) -> None:
        """Write where one is."""
        if now - self._looked_at >= PERIOD:
            self._looked_at = now
            self._count()
        past, version = self.past, self.past.version
        began = self._began if self._began is not None else past.at
        since = f"{ago(now - past.at)} ago"
        state = TimeBarState(past.at, began, self._looked_at, clock_time(past.at), since, tuple(self._arrivals))
        if version is not None:
            sign, word, level = type_of(version)
            what = f"{word} {printable(version.key)}"
            state = replace(state, sign=sign, level=level, what=what, words=self._comparisons.words(version, 3))
        if self.bar is not None:
            self.bar.show(state)

    def _count(self) -> None:
        arrived = self._journal.log(self._known, KNOWN)
        if arrived:
            self._known = arrived[-1].sequence
            ours = [version for version in arrived if version.resource == self._resource]
            if ours and self._began is None:
                self._began = ours[0].at
            # A first list is no change, and would tower above all that follows.
            self._arrivals += [version.at for version in ours if version.type is not DeltaType.REPLACED]
            del self._arrivals[:-KNOWN]

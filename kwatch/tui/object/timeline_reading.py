"""Reads an object's timeline and puts it into words in a thread of its own, as often as something arrived."""

from __future__ import annotations

import threading
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from kwatch.base.threads import reason_of, spawn
from kwatch.tui.object.timeline_filter import TimelineFilter
from kwatch.tui.object.timeline_story import Line, Shown, Story, story_of
from kwatch.view.timeline import TimelineTelling

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.timeline_entry import TimelineEntry

LIMIT = 5_000
"""Entries that can be scrolled through, the newest."""
PERIOD = 0.2
"""Seconds between two readings while deltas arrive."""
_SLICE = 0.008
"""Seconds of work after which the other threads get their turn..."""
_BREATH = 0.006
"""...for so long."""
_PUBLISH = 0.25
"""Seconds after which what has been put into words is shown, the rest following."""


class TimelineReading:
    """`poke` it when something arrived; `story` is what it read last. Both at once, from any thread."""

    def __init__(self, journal: Journal, context: str, resource: str, key: str) -> None:
        self.story = Story()
        self._timeline = journal.timeline_of(context, resource, key)
        self._telling = TimelineTelling(journal)
        self._wanted: tuple[Shown, TimelineFilter | None] = (Shown.CHANGES, None)
        self._poked, self._stopped = threading.Event(), threading.Event()
        self._poked.set()
        self._thread = spawn("kwatch-timeline", self._run, self._crashed, until=self._stopped)

    def poke(self) -> None:
        """Read again, soon."""
        self._poked.set()

    def show(self, shown: Shown, sieve: TimelineFilter | None) -> None:
        """Show another part, or filter it otherwise."""
        self._wanted = (shown, sieve)
        self._poked.set()

    def close(self) -> None:
        """Stop soon."""
        self._stopped.set()
        self._poked.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._poked.wait()
            self._poked.clear()
            if not self._stopped.is_set():
                self._read()
            self._stopped.wait(PERIOD)

    def _crashed(self, error: BaseException) -> None:
        """What was read before stays, and nothing more is promised."""
        self.story = replace(self.story, unread=0, mistake=f"internal error: {reason_of(error)}")

    def _read(self) -> None:
        wanted = self._wanted
        entries = self._timeline.read(LIMIT + 1)
        older = len(entries) > LIMIT
        newest_first = entries[: -LIMIT - 1 : -1]
        lines: dict[str, Line] = {}
        breathed = published = perf_counter()
        for place, entry in enumerate(newest_first, 1):
            self._take(entry, lines, *wanted)
            now = perf_counter()
            if now - published >= _PUBLISH:
                published = now
                self._publish(lines, len(newest_first), place, wanted, older=older)
            if now - breathed >= _SLICE:
                if self._stopped.wait(_BREATH) or wanted != self._wanted:
                    return
                breathed = perf_counter()
        self._publish(lines, len(newest_first), len(newest_first), wanted, older=older)

    def _take(self, entry: TimelineEntry, lines: dict[str, Line], shown: Shown, sieve: TimelineFilter | None) -> None:
        told = self._telling.tell(entry)
        if shown.includes(entry, told) and (sieve is None or sieve.accepts(entry, told)):
            lines[entry.id] = Line(entry, told)

    def _publish(
        self, lines: dict[str, Line], total: int, read: int, wanted: tuple[Shown, TimelineFilter | None], *, older: bool
    ) -> None:
        shown, sieve = wanted
        mistake = sieve.complaint if sieve is not None else ""
        self.story = story_of(lines, shown=shown, total=total, unread=total - read, older=older, mistake=mistake)

"""What the time bar says of a journey."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.catalog.column import Level
from kwatch.tui.features.time_travel.moment import clock_text, length_text
from kwatch.tui.features.time_travel.playing import speed_text
from kwatch.tui.features.time_travel.time_bar import TimeBarState
from kwatch.tui.object.comparisons import Comparisons
from kwatch.view.freshness import ago
from kwatch.view.printable import printable
from kwatch.view.version_words import type_of

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version
    from kwatch.tui.features.time_travel.journey import Journey

PERIOD = 1.0
"""Seconds between looks at the end of the track, which goes on, and at what was not watched."""
WORDS = 3
"""Changes named in the bar."""
WORTH_TELLING = 5.0
"""Seconds from which on a stretch that was skipped is told."""
NOTED = 3.0
"""Seconds that one is told of a skipped stretch."""


class BarState:
    """Remembers what is not asked for at every beat."""

    def __init__(self, journal: Journal, context: str) -> None:
        self._journal = journal
        self._context = context
        self._comparisons = Comparisons(journal)
        self._looked_at = 0.0
        self._ended = 0.0
        self._gaps: tuple[tuple[float, float], ...] = ()
        self._lost = 0

    def of(self, journey: Journey, now: float, baseline: float | None) -> TimeBarState:
        """Everything, at a time in seconds since the epoch."""
        if abs(now - self._looked_at) >= PERIOD:
            self._look(journey, now)
        past = journey.past
        at = past.goal.at if past.goal is not None else past.at
        began, ended = journey.began, max(self._ended, past.at)
        version = journey.delta.at(past.stands.sequence)
        sign, word, level = type_of(version) if version is not None else (" ", "", Level.NONE)
        return TimeBarState(
            at=at,
            began=began,
            ended=ended,
            clock=clock_text(at, now),
            state=_state(journey),
            playing=journey.is_playing,
            place=_place(journey, at, now),
            began_text=clock_text(began, now, fine=False),
            ended_text=clock_text(ended, now, fine=False) if journey.recorded else "now",
            arrivals=journey.arrivals,
            count=journey.arrivals.count,
            gaps=self._gaps,
            baseline=baseline,
            warning=self._warning(journey, at),
            sign=sign,
            level=level,
            what=f"{word} {_name(journey, version)}" if version is not None else "",
            words=self._comparisons.words(version, WORDS) if version is not None else "",
        )

    def _look(self, journey: Journey, now: float) -> None:
        self._looked_at, self._ended = now, journey.ended
        self._gaps = tuple((gap.since, gap.until) for gap in journey.of_place.gaps())
        self._lost = journey.past.forgotten if self._journal.evicted.versions else 0

    def _warning(self, journey: Journey, at: float) -> str:
        past, idleness = journey.past, journey.idleness
        if past.failure:
            return printable(past.failure)
        if past.goal is not None and not journey.is_playing:
            return "going there …"
        if any(since < at < until for since, until in self._gaps):
            return "not watched then: this is what was known before"
        if self._lost:
            return f"{self._lost:,} more had to make room"
        since = at - idleness.skipped_to
        if journey.is_playing and idleness.skipped >= WORTH_TELLING and 0 <= since < NOTED * journey.playhead.speed:
            return f"skipped {ago(idleness.skipped)} of nothing"
        return ""


def _name(journey: Journey, version: Version) -> str:
    """`shop/web-1`; of several kinds, `pods shop/web-1`."""
    name = f"{version.resource} {version.key}" if journey.of_place.is_mixed else version.key
    return printable(name)


def _state(journey: Journey) -> str:
    speed = journey.playhead.speed
    if journey.is_playing:
        return f"▶ playing {speed_text(speed)}"
    if journey.recorded and journey.is_at_end:
        return "■ end"
    return "⏸ paused" + (f" {speed_text(speed)}" if speed != 1.0 else "")


def _place(journey: Journey, at: float, now: float) -> str:
    if not journey.recorded:
        return f"{ago(now - at)} ago"
    return f"{length_text(at - journey.began)} of {length_text(journey.ended - journey.began)}"

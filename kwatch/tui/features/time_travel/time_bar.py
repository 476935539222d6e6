"""The time bar: whether time is played, which delta one stands after, and where that is among all that arrived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.tui.features.object.comparisons import Comparisons
from kwatch.tui.features.time_travel.moment import clock_text, length_text, speed_text
from kwatch.tui.features.time_travel.table_journal import Arrivals
from kwatch.tui.kit.widgets.bar import Part, StateWidget, bar
from kwatch.tui.palette import Ground, Palette
from kwatch.view.freshness import ago
from kwatch.view.timeline import type_of

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version
    from kwatch.tui.features.time_travel.time_travel import TimeTravel


@dataclass(frozen=True, slots=True)
class TimeBarState:
    """Times in seconds since the epoch. `began_text` and `ended_text` stand at the ends of the track."""

    at: float
    began: float
    ended: float
    clock: str
    state: str
    """`▶ playing 10x`."""
    playing: bool = False
    place: str = ""
    """`44 min ago`, or `2:10 of 14:02`."""
    began_text: str = "first seen"
    ended_text: str = "now"
    arrivals: Arrivals | None = None
    count: int = 0
    """How many arrivals are known: another number is another picture."""
    gaps: Sequence[tuple[float, float]] = ()
    """When nothing was watched."""
    baseline: float | None = None
    warning: str = ""
    """What one must know of the moment."""
    sign: str = " "
    level: Level = Level.NONE
    what: str = ""
    words: str = ""


class TimeBar(StateWidget[TimeBarState | None]):
    """Two lines; a click on the track goes there."""

    DEFAULT_CSS = """
    TimeBar { height: 2; }
    """

    @dataclass
    class Chosen(Message):
        moment: float

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, None)
        self._heights: tuple[tuple[object, ...], list[int]] | None = None

    def render_line(self, y: int) -> Strip:
        style, width = self._palette.style, self.size.width
        blank = style(ground=Ground.PANEL)
        state = self._state
        if state is None:
            return Strip.blank(width, blank)
        if y == 0:
            right = [Part(f" {state.place} ", style("secondary", Ground.PANEL))] if state.place else []
            return bar(self._moment(state), right, width, blank)
        return bar(self._track(state, width), (), width, blank)

    def on_click(self, event: events.Click) -> None:
        state = self._state
        if state is None or event.y != 1:
            return
        left, room = _ends(state, self.size.width)
        if room > 0:
            share = min(1.0, max(0.0, (event.x - left + 0.5) / room))
            self.post_message(self.Chosen(state.began + share * (state.ended - state.began)))

    def _moment(self, state: TimeBarState) -> list[Part]:
        style = self._palette.style
        ink = "success" if state.playing else "secondary"
        parts = [
            Part(f" {state.state}  ", style(ink, Ground.PANEL, bold=True)),
            Part(f"{state.clock}  ", style("secondary", Ground.PANEL, bold=True)),
        ]
        if state.warning:
            parts.append(Part(f"! {state.warning}  ", style("kwatch-stale", Ground.PANEL, bold=True)))
        if state.what:
            parts.append(Part(f"{state.sign} ", style(self._palette.ink(state.level), Ground.PANEL, bold=True)))
            parts.append(Part(state.what, style("foreground", Ground.PANEL, bold=True)))
            parts.append(Part(f"  {state.words}", style("kwatch-muted", Ground.PANEL)))
        return parts

    def _track(self, state: TimeBarState, width: int) -> list[Part]:
        style = self._palette.style
        _, room = _ends(state, width)
        if room < 4:
            return []
        muted = style("kwatch-muted", Ground.PANEL)
        stretches = track(self._counted(state, room), state.at, state.began, state.ended, state.gaps, state.baseline)
        parts = [Part(each.text, style(each.ink, Ground.PANEL, bold=len(each.text) == 1)) for each in stretches]
        return [Part(f" {state.began_text} ", muted), *parts, Part(f" {state.ended_text} ", muted)]

    def _counted(self, state: TimeBarState, room: int) -> list[int]:
        if state.arrivals is None:
            return [0] * room
        asked = (state.count, state.began, state.ended, room)
        if self._heights is None or self._heights[0] != asked:
            self._heights = asked, state.arrivals.heights(state.began, state.ended, room)
        return self._heights[1]


def _ends(state: TimeBarState, width: int) -> tuple[int, int]:
    left, right = cell_len(state.began_text) + 2, cell_len(state.ended_text) + 2
    return left, width - left - right


_BARS = " ▁▂▃▄▅▆▇█"
NOT_WATCHED = "╳"
BASELINE = "◆"
HERE = "┃"


class Stretch(NamedTuple):
    """A piece of the track in one ink: a theme variable's name."""

    text: str
    ink: str


def track(
    heights: Sequence[int],
    at: float,
    began: float,
    ended: float,
    gaps: Sequence[tuple[float, float]] = (),
    baseline: float | None = None,
) -> list[Stretch]:
    """One cell for each height; moments in seconds since the epoch."""
    width = len(heights)
    if not width:
        return []
    bars = density(heights)
    hidden = {cell for gap in gaps for cell in _cells(gap, began, ended, width) if not heights[cell]}
    marked = _cell(baseline, began, ended, width) if baseline is not None and began <= baseline <= ended else None
    here = _cell(at, began, ended, width)

    def cells() -> Iterator[Stretch]:
        for cell in range(width):
            if cell == here:
                yield Stretch(HERE, "secondary")
            elif cell == marked:
                yield Stretch(BASELINE, "accent")
            elif cell in hidden:
                yield Stretch(NOT_WATCHED, "kwatch-stale")
            else:
                yield Stretch(bars[cell], "kwatch-changed" if cell < here else "kwatch-muted")

    return [Stretch("".join(each.text for each in run), ink) for ink, run in groupby(cells(), lambda each: each.ink)]


def density(heights: Sequence[int]) -> str:
    """Counts as bars; the square root lets single deltas show beside bursts."""
    most = max(heights, default=0) or 1
    return "".join(_BARS[0 if not count else max(1, round((count / most) ** 0.5 * 8))] for count in heights)


def _cells(gap: tuple[float, float], began: float, ended: float, width: int) -> range:
    since, until = gap
    if until < began or since > ended:
        return range(0)
    return range(_cell(since, began, ended, width), _cell(until, began, ended, width) + 1)


def _cell(at: float, began: float, ended: float, width: int) -> int:
    if ended <= began:
        return width - 1
    return min(width - 1, max(0, int((at - began) / (ended - began) * width)))


PERIOD = 1.0
"""Seconds between looks at the end of the track, which goes on, and at what was not watched."""
WORDS = 3
"""Changes named in the bar."""
WORTH_TELLING = 5.0
"""Seconds from which on a stretch that was skipped is mentioned."""
NOTED = 3.0
"""Seconds for which it is."""


class BarState:
    """Makes the state of the bar; remembers what need not be asked for at every tick."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._comparisons = Comparisons(journal)
        self._looked_at = 0.0
        self._ended = 0.0
        self._gaps: tuple[tuple[float, float], ...] = ()
        self._lost = 0

    def of(self, travel: TimeTravel, now: float, baseline: float | None) -> TimeBarState:
        if abs(now - self._looked_at) >= PERIOD:
            self._look(travel, now)
        past = travel.past
        at = past.goal.at if past.goal is not None else past.at
        began, ended = travel.began, max(self._ended, past.at)
        version = travel.journal.last_delta(past.stands.sequence)
        sign, word, level = type_of(version) if version is not None else (" ", "", Level.NONE)
        return TimeBarState(
            at=at,
            began=began,
            ended=ended,
            clock=clock_text(at, now),
            state=_state(travel),
            playing=travel.is_playing,
            place=_place(travel, at, now),
            began_text=clock_text(began, now, fine=False),
            ended_text=clock_text(ended, now, fine=False) if travel.recorded else "now",
            arrivals=travel.arrivals,
            count=travel.arrivals.count,
            gaps=self._gaps,
            baseline=baseline,
            warning=self._warning(travel, at),
            sign=sign,
            level=level,
            what=f"{word} {_name(travel, version)}" if version is not None else "",
            words=self._comparisons.words(version, WORDS) if version is not None else "",
        )

    def _look(self, travel: TimeTravel, now: float) -> None:
        self._looked_at, self._ended = now, travel.ended
        self._gaps = tuple((gap.since, gap.until) for gap in travel.journal.gaps())
        self._lost = travel.past.forgotten if self._journal.evicted.versions else 0

    def _warning(self, travel: TimeTravel, at: float) -> str:
        past, idleness = travel.past, travel.idleness
        if past.failure:
            return printable(past.failure)
        if past.goal is not None and not travel.is_playing:
            return "going there …"
        if any(since < at < until for since, until in self._gaps):
            return "not watched then: this is what was known before"
        if self._lost:
            return f"{self._lost:,} more had to make room"
        since = at - idleness.skipped_to
        if travel.is_playing and idleness.skipped >= WORTH_TELLING and 0 <= since < NOTED * travel.playhead.speed:
            return f"skipped {ago(idleness.skipped)} of nothing"
        return ""


def _name(travel: TimeTravel, version: Version) -> str:
    """`shop/web-1`; of several kinds, `pods shop/web-1`; of several contexts, `pods shop/web-1 in prod-eu`."""
    name = f"{version.resource} {version.key}" if travel.journal.is_mixed else version.key
    return printable(f"{name} in {version.context}" if travel.journal.is_of_several_contexts else name)


def _state(travel: TimeTravel) -> str:
    speed = travel.playhead.speed
    if travel.is_playing:
        return f"▶ playing {speed_text(speed)}"
    if travel.recorded and travel.is_at_end:
        return "■ end"
    return "‖ paused" + (f" {speed_text(speed)}" if speed != 1.0 else "")


def _place(travel: TimeTravel, at: float, now: float) -> str:
    if not travel.recorded:
        return f"{ago(now - at)} ago"
    return f"{length_text(at - travel.began)} of {length_text(travel.ended - travel.began)}"

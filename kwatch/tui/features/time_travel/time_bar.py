"""The time bar: whether time is played, which delta one stands after, and where that is among all that arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from kwatch.catalog.column import Level
from kwatch.tui.features.time_travel.arrivals import Arrivals
from kwatch.tui.features.time_travel.track import track
from kwatch.tui.palette import Ground, Palette
from kwatch.tui.widgets.bar import Part, bar
from kwatch.tui.widgets.painted import StateWidget


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
        """A moment was clicked."""

        moment: float

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, None)
        self._heights: tuple[tuple[object, ...], list[int]] | None = None

    def render_line(self, y: int) -> Strip:
        """The moment above, the track below."""
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
        """Go to the moment under the mouse."""
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
    """Where the track begins, and how long it is."""
    left, right = cell_len(state.began_text) + 2, cell_len(state.ended_text) + 2
    return left, width - left - right

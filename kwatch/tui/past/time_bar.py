"""The time bar: which delta one stands after, and where that is among all that arrived."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kwatch.catalog.column import Level
from kwatch.tui.palette import Ground, Palette
from kwatch.tui.widgets.bar import Part, bar

_BARS = " ▁▂▃▄▅▆▇█"
_EDGE = 12
"""Cells for the times at both ends of the track."""


@dataclass(frozen=True, slots=True)
class TimeBarState:
    """`arrivals` are the times of the resource's deltas, ascending; times in seconds since the epoch."""

    at: float
    began: float
    now: float
    clock: str
    ago: str
    arrivals: Sequence[float] = ()
    sign: str = " "
    level: Level = Level.NONE
    what: str = ""
    words: str = ""


class TimeBar(Widget):
    """Two lines; a click on the track goes there."""

    DEFAULT_CSS = """
    TimeBar { height: 2; }
    """

    @dataclass
    class Chosen(Message):
        """A moment was clicked."""

        moment: float

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._state: TimeBarState | None = None

    def show(self, state: TimeBarState) -> None:
        """Show another moment."""
        if state != self._state:
            self._state = state
            self.refresh()

    def set_palette(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The delta above, the track below."""
        style, width = self._palette.style, self.size.width
        blank = style(ground=Ground.PANEL)
        state = self._state
        if state is None:
            return Strip.blank(width, blank)
        if y == 0:
            return bar(self._delta(state), [Part(f"{state.ago} ", style("secondary", Ground.PANEL))], width, blank)
        return bar(self._track(state, width), (), width, blank)

    def on_click(self, event: events.Click) -> None:
        """Go to the moment under the mouse."""
        state, room = self._state, self.size.width - 2 * _EDGE
        if state is not None and event.y == 1 and room > 0:
            share = min(1.0, max(0.0, (event.x - _EDGE) / room))
            self.post_message(self.Chosen(state.began + share * (state.now - state.began)))

    def _delta(self, state: TimeBarState) -> list[Part]:
        style = self._palette.style
        return [
            Part(f" ◀ {state.clock}  ", style("secondary", Ground.PANEL, bold=True)),
            Part(f"{state.sign} ", style(self._palette.ink(state.level), Ground.PANEL, bold=True)),
            Part(state.what, style("foreground", Ground.PANEL, bold=True)),
            Part(f"  {state.words}", style("kwatch-muted", Ground.PANEL)),
        ]

    def _track(self, state: TimeBarState, width: int) -> list[Part]:
        style = self._palette.style
        room = width - 2 * _EDGE
        if room < 4:
            return []
        marks = density(state.arrivals, state.began, state.now, room)
        span = max(1e-9, state.now - state.began)
        here = min(room - 1, max(0, int((state.at - state.began) / span * room)))
        muted, passed = style("kwatch-muted", Ground.PANEL), style("kwatch-changed", Ground.PANEL)
        return [
            Part("first seen".ljust(_EDGE - 1).rjust(_EDGE), muted),
            Part(marks[:here], passed),
            Part("┃", style("secondary", Ground.PANEL, bold=True)),
            Part(marks[here + 1 :], muted),
            Part(" now", muted),
        ]


def density(arrivals: Sequence[float], began: float, ended: float, width: int) -> str:
    """How much arrived when, as `width` bars."""
    step = (ended - began) / width
    edges = [bisect_left(arrivals, began + index * step) for index in range(width)] + [len(arrivals)]
    counts = [later - earlier for earlier, later in pairwise(edges)]
    most = max(counts, default=0) or 1
    # The square root lets single deltas show beside the burst of the first list.
    return "".join(_BARS[0 if not count else max(1, round((count / most) ** 0.5 * 8))] for count in counts)

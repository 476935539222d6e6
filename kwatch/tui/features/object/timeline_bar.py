"""One line above a timeline: what is shown of it, and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from textual import events
from textual.message import Message
from textual.strip import Strip

from kwatch.tui.features.object.timeline_reading import Shown
from kwatch.tui.kit.widgets.bar import Part, StateWidget, bar
from kwatch.tui.palette import Palette
from kwatch.view.freshness import enumerated


@dataclass(frozen=True, slots=True)
class BarState:
    """A snapshot. `troubles`: what is not watched yet, and why (empty: it is being listed)."""

    shown: Shown = Shown.CHANGES
    filter: str = ""
    count: str = ""
    mistake: str = ""
    troubles: Mapping[str, str] = field(default_factory=dict)


class TimelineBar(StateWidget[BarState]):
    """The parts side by side, the one that is shown underlined."""

    DEFAULT_CSS = """
    TimelineBar { height: 1; }
    """

    @dataclass
    class Picked(Message):
        """A part was clicked."""

        shown: Shown

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, BarState())

    def render_line(self, y: int) -> Strip:
        style, state = self._palette.style, self._state
        muted = style("kwatch-muted")
        lefts = [Part("   ", muted)]
        for each in Shown:
            here = each is state.shown
            ink = style("primary", bold=True, underline=True) if here else muted
            lefts += [Part(each.value, ink, 0 if here else 2), Part("  ", muted, 0 if here else 2)]
        if state.filter:
            lefts.append(Part(f"/{state.filter}  ", style("accent"), 1))
        rights = []
        waits = [name for name, why in state.troubles.items() if not why]
        denied = {name: why for name, why in state.troubles.items() if why}
        if denied:
            words = f"! without {enumerated([*denied])}"
            rights.append(Part(f"{words}: {next(iter(denied.values()))}  ", style("warning"), 1, f"{words}  "))
        if waits:
            rights.append(Part(f"listing {enumerated(waits)} …  ", style("warning"), 3))
        if state.mistake:
            rights.append(Part(f"{state.mistake}  ", style("kwatch-unhealthy"), 1))
        rights.append(Part(f"{state.count} ", muted, 1))
        return bar(lefts, rights, self.size.width, style())

    def on_click(self, event: events.Click) -> None:
        position = 3
        for each in Shown:
            position += len(each.value) + 2
            if event.x < position:
                self.post_message(self.Picked(each))
                return

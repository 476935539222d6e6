"""The tabs of a screen: their titles in a line, one of them underlined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from kwatch.tui.palette import Ground, Palette
from kwatch.tui.widgets.bar import Part, bar
from kwatch.tui.widgets.painted import PaintedWidget


@dataclass(frozen=True, slots=True)
class Tab:
    """One title; `note` is what is said beside it, e.g. how many entries it has."""

    id: str
    title: str
    key: str = ""
    note: str = ""


class TabStrip(PaintedWidget):
    """One line."""

    DEFAULT_CSS = """
    TabStrip { height: 1; }
    """

    @dataclass
    class Clicked(Message):
        """A title was clicked."""

        tab: str

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self._tabs: Sequence[Tab] = ()
        self._active = ""

    def show(self, tabs: Sequence[Tab], active: str) -> None:
        """Show other titles."""
        if (tabs, active) != (self._tabs, self._active):
            self._tabs, self._active = tabs, active
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The titles."""
        style = self._palette.style
        parts = [Part("  ", style(ground=Ground.SURFACE))]
        for tab in self._tabs:
            active = tab.id == self._active
            ground = Ground.PLAIN if active else Ground.SURFACE
            ink = "primary" if active else "kwatch-muted"
            parts += [
                Part(f" {tab.title}", style(ink, ground, bold=active, underline=active and self._palette.plain)),
                Part(f" {tab.note} " if tab.note else " ", style("kwatch-muted", ground)),
                Part(" ", style(ground=Ground.SURFACE)),
            ]
        return bar(parts, (), self.size.width, style(ground=Ground.SURFACE))

    def on_click(self, event: events.Click) -> None:
        """Tell which title was clicked."""
        position = 2
        for tab in self._tabs:
            position += len(tab.title) + (len(tab.note) + 2 if tab.note else 1) + 2
            if event.x < position:
                self.post_message(self.Clicked(tab.id))
                return

"""The tabs of a screen: their titles in a line, one of them underlined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from kwatch.tui.kit.widgets.bar import PaintedWidget, Part, bar
from kwatch.tui.palette import Ground, Palette


@dataclass(frozen=True, slots=True)
class Tab:
    """One title; `note` is what is said beside it, e.g. how many entries it has."""

    id: str
    title: str
    key: str = ""
    note: str = ""


_MARGIN = 2


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
        style = self._palette.style
        surface = style(ground=Ground.SURFACE)
        first, gap = self._fitting()
        parts = [Part("  " if not first else "… ", surface)]
        for tab in self._tabs[first:]:
            active = tab.id == self._active
            ground = Ground.PLAIN if active else Ground.SURFACE
            ink = "primary" if active else "kwatch-muted"
            parts += [
                Part(f" {tab.title}", style(ink, ground, bold=active, underline=active and self._palette.plain)),
                Part(f" {tab.note} " if tab.note else " ", style("kwatch-muted", ground)),
                Part(" " * gap, surface),
            ]
        return bar(parts[:-1], (), self.size.width, surface)

    def on_click(self, event: events.Click) -> None:
        first, gap = self._fitting()
        position = _MARGIN
        for tab in self._tabs[first:]:
            position += _length(tab) + gap
            if event.x < position:
                self.post_message(self.Clicked(tab.id))
                return

    def _fitting(self) -> tuple[int, int]:
        """The first title that is shown, and the room between them: as much of all as fits, with the active one."""
        width, lengths = self.size.width - _MARGIN, [_length(tab) for tab in self._tabs]
        for gap in (1, 0):
            if sum(lengths) + gap * (len(lengths) - 1) <= width:
                return 0, gap
        end = next((place for place, tab in enumerate(self._tabs, 1) if tab.id == self._active), 1)
        more = end < len(self._tabs)
        return next((first for first in range(end) if sum(lengths[first:end]) + more <= width), max(0, end - 1)), 0


def _length(tab: Tab) -> int:
    return cell_len(tab.title) + (cell_len(tab.note) + 3 if tab.note else 2)

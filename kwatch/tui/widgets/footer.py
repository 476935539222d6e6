"""The footer: the keys that matter here, as they are mapped now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kwatch.tui.palette import Ground, Palette
from kwatch.tui.widgets.bar import Part, bar


@dataclass(frozen=True, slots=True)
class Hint:
    """One key in the footer. `action` runs when it is clicked."""

    key: str
    text: str
    action: str


class Footer(Widget):
    """One line of hints; as many as fit."""

    DEFAULT_CSS = """
    Footer { height: 1; dock: bottom; }
    """

    @dataclass
    class Clicked(Message):
        """A hint was clicked."""

        action: str

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._hints: Sequence[Hint] = ()

    def show(self, hints: Sequence[Hint]) -> None:
        """Show other hints."""
        if hints != self._hints:
            self._hints = hints
            self.refresh()

    def set_palette(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._palette = palette
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The hints, the last ones giving way."""
        style = self._palette.style
        blank = style(ground=Ground.SURFACE)
        key, text = style("primary", Ground.SURFACE, bold=True), style("kwatch-muted", Ground.SURFACE)
        parts = [Part(" ", blank)]
        room = self.size.width - 1
        for hint in self._hints:
            room -= len(hint.key) + len(hint.text) + 3
            if room < 0:
                break
            parts += [Part(f" {hint.key} ", key), Part(f"{hint.text} ", text)]
        return bar(parts, (), self.size.width, blank)

    def on_click(self, event: events.Click) -> None:
        """Run what the hint under the mouse stands for."""
        position = 1
        for hint in self._hints:
            position += len(hint.key) + len(hint.text) + 3
            if event.x < position:
                self.post_message(self.Clicked(hint.action))
                return

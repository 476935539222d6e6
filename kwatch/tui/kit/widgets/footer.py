"""The footer: the keys that matter here, as they are mapped now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from kwatch.tui.kit.widgets.bar import PaintedWidget, Part, bar
from kwatch.tui.palette import Ground, Palette


@dataclass(frozen=True, slots=True)
class Hint:
    """One key in the footer. `action` runs when it is clicked. What `leaves` a mode or a screen always stays."""

    key: str
    text: str
    action: str
    leaves: bool = False


class Footer(PaintedWidget):
    """One line of hints; as many as fit."""

    DEFAULT_CSS = """
    Footer { height: 1; dock: bottom; }
    """

    @dataclass
    class Clicked(Message):
        """A hint was clicked."""

        action: str

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self._here: Sequence[Hint] = ()
        self._everywhere: Sequence[Hint] = ()

    def show(self, here: Sequence[Hint], everywhere: Sequence[Hint] = ()) -> None:
        """Show other hints; those for `everywhere` stand to the right and always stay."""
        if getattr(self.app, "is_plain", False):
            here, everywhere = map(_spoken, (here, everywhere))
        if (here, everywhere) != (self._here, self._everywhere):
            self._here, self._everywhere = here, everywhere
            self.refresh()

    def render_line(self, y: int) -> Strip:
        style, width = self._palette.style, self.size.width
        blank = style(ground=Ground.SURFACE)
        key, text = style("primary", Ground.SURFACE, bold=True), style("kwatch-muted", Ground.SURFACE)
        parts = [Part(" ", blank)]
        for hint in self._fitting(width):
            parts += [Part(f" {hint.key} ", key), Part(f"{hint.text} ", text)]
        right = [
            part for hint in self._everywhere for part in (Part(f" {hint.key} ", key), Part(f"{hint.text} ", text))
        ]
        return bar(parts, right, width, blank)

    def _fitting(self, width: int) -> list[Hint]:
        always = (*self._everywhere, *(hint for hint in self._here if hint.leaves))
        room = width - 1 - sum(map(_length, always))
        fitting = []
        for hint in self._here:
            if not hint.leaves:
                room -= _length(hint)
            if hint.leaves or room >= 0:
                fitting.append(hint)
        return fitting

    def on_click(self, event: events.Click) -> None:
        width = self.size.width
        position = 1
        for hint in self._fitting(width):
            position += _length(hint)
            if event.x < position:
                self.post_message(self.Clicked(hint.action))
                return
        position = width
        for hint in reversed(self._everywhere):
            position -= _length(hint)
            if event.x >= position:
                self.post_message(self.Clicked(hint.action))
                return


_WORDS = str.maketrans({"↵": "Enter", "←": "Left", "→": "Right", "↑": "Up", "↓": "Down"})


def _spoken(hints: Sequence[Hint]) -> Sequence[Hint]:
    """With keys by their names, for who does not see signs."""
    return tuple(replace(hint, key=hint.key.translate(_WORDS)) for hint in hints)


def _length(hint: Hint) -> int:
    return cell_len(hint.key) + cell_len(hint.text) + 3

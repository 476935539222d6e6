"""The candidates of a completion, above the line that is typed into."""

from __future__ import annotations

from textual.strip import Strip

from kwatch.tui.kit.table.painter import fit
from kwatch.tui.palette import Ground, Palette
from kwatch.tui.widgets.bar import Part, bar
from kwatch.tui.widgets.painted import PaintedWidget
from kwatch.tui.widgets.prompt import Completions

MAX_LINES = 8


class Candidates(PaintedWidget):
    """As many lines as there are candidates, at most MAX_LINES, with the chosen one always among them."""

    DEFAULT_CSS = """
    Candidates { height: 0; max-height: 8; }
    """

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self._offer = Completions()
        self._chosen: int | None = None

    def show(self, offer: Completions, chosen: int | None) -> None:
        """Show other candidates."""
        self._offer, self._chosen = offer, chosen
        self.styles.height = min(MAX_LINES, len(offer.candidates))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One candidate and its note."""
        candidates = self._offer.candidates
        top = max(0, (self._chosen or 0) - MAX_LINES + 1)
        index = top + y
        style, width = self._palette.style, self.size.width
        if index >= len(candidates):
            return Strip.blank(width, style(ground=Ground.PANEL))
        ground = Ground.CURSOR if index == self._chosen else Ground.PANEL
        widest = min(width // 2, max(len(candidate.text) for candidate in candidates))
        candidate = candidates[index]
        parts = [
            Part("   " + fit(candidate.text, widest) + "  ", style("foreground", ground, bold=index == self._chosen)),
            Part(candidate.note, style("kwatch-muted", ground), 1),
        ]
        return bar(parts, (), width, style(ground=ground))

"""For screen readers and braille: no drawing characters, the terminal's own cursor on the selected row, and one line
that says what changed.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Offset
from textual.strip import Strip
from textual.widget import Widget

from kwatch.base.printable import printable
from kwatch.tui.kit.table.canvas import TableCanvas
from kwatch.tui.kit.widgets.bar import PaintedWidget, Part, bar
from kwatch.tui.palette import Ground, Palette

if TYPE_CHECKING:
    from kwatch.tui.kit.table.rows import Rows

QUIET = 2.0
"""Seconds between two sentences about rows that one is not on: a reader reads each of them aloud."""
_MOST_CELLS = 4

_WORDS = {
    **dict(zip("▌●◆◌▲✗◀▶‖›…·×≈↑↓→←↵▸▾⚠✓│─", ">* o!x<>=>..x~^v><E+-!+  ", strict=True)),
    **{bar: str(height) for height, bar in enumerate("▁▂▃▄▅▆▇█", 1)},
}
"""What stands for the signs of kwatch: each is one cell, so that columns stay where they are."""
_DRAWN = ((0x2190, 0x21FF), (0x2300, 0x23FF), (0x2500, 0x25FF), (0x2700, 0x27BF), (0x2800, 0x28FF), (0xE0A0, 0xE0D7))
"""Arrows, technical signs, boxes, blocks, shapes, dingbats, braille patterns, and the symbols of terminal fonts."""
_TABLE = {
    **{code: " " for first, last in _DRAWN for code in range(first, last + 1) if cell_len(chr(code)) == 1},
    **{ord(sign): word for sign, word in _WORDS.items()},
}


_BAR = frozenset("▁▂▃▄▅▆▇█▉▊▋▌▍▎▏")


def without_drawing(text: str) -> str:
    """The same text, as wide, in characters that are read aloud."""
    if text.isascii():
        return text
    # Alone it is the end of a scroll bar's thumb.
    return " " if text in _BAR and text != "▌" else text.translate(_TABLE)


class WithoutDrawing(LineFilter):
    """Of every widget's every line."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, without drawing characters."""
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [Segment(without_drawing(text), style, control) for text, style, control in segments]


WITHOUT_DRAWING = WithoutDrawing()


def place_of_cursor(focused: Widget | None) -> Offset | None:
    """Where the terminal's cursor belongs: on the row one is on; None where it stays, as in a line that is typed."""
    if not isinstance(focused, TableCanvas) or not focused.is_attached or not len(focused.rows):
        return None
    line = focused.cursor.row - focused.scroll_offset.y + focused.heading_lines
    if not 0 <= line < focused.size.height:
        return None
    return focused.region.offset + Offset(0, line)


class Announcement(PaintedWidget):
    """One line above the footer: what was said last."""

    DEFAULT_CSS = """
    Announcement { height: 1; }
    """

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self.text = ""

    def say(self, text: str) -> None:
        """Another sentence."""
        if text != self.text:
            self.text = text
            self.refresh()

    def render_line(self, y: int) -> Strip:
        style = self._palette.style
        words = " ".join(printable(line) for line in self.text.splitlines())
        return bar(
            [Part(words, style("foreground", Ground.SURFACE))], (), self.size.width, style(ground=Ground.SURFACE)
        )


class ChangesTold:
    """What is to be said of rows that changed: of the one that one is on at once, of others how many, now and then."""

    def __init__(self) -> None:
        self._said_at = float("-inf")
        self._others: set[str] = set()

    def sentence(self, rows: Rows, changed: Collection[str], cursor: str | None, now: float) -> str:
        """Empty for nothing."""
        own = _changes_of(rows, cursor) if cursor is not None and cursor in changed else ""
        self._others.update(key for key in changed if key != cursor)
        if own:
            return own
        if not self._others or now - self._said_at < QUIET:
            return ""
        self._said_at, count = now, len(self._others)
        self._others.clear()
        return "1 row changed" if count == 1 else f"{count:,} rows changed"


def _changes_of(rows: Rows, key: str) -> str:
    if rows.row_of(key) is None:
        return f"{key.rpartition('/')[2]} is gone"
    cells, said = rows.cells(key), []
    for place, heading in enumerate(rows.headings):
        hint = rows.hint(key, place) or ""
        if hint.startswith("was: "):
            said.append(f"{heading.title} {cells[place].text}, {hint.replace(': ', ' ', 1)}")
    return f"{key.rpartition('/')[2]}: {'; '.join(said[:_MOST_CELLS])}" if said else ""

"""The last gate before the screen: nothing that a terminal would obey passes, whoever drew it.

Cells, parts, spans and words clean their text when they are made, so that their widths are right; what forgot to is
caught here.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.widgets import Static

from kwatch.base.printable import printable, printable_lines


class OnlyPrintable(LineFilter):
    """Of every widget's every line: no control character, no reordering, no link. A line stays as wide as it was."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, cleaned where one needs it."""
        if all(map(_is_clean, segments)):
            return segments
        return [segment if _is_clean(segment) else _cleaned(segment) for segment in segments]


ONLY_PRINTABLE = OnlyPrintable()


class Words(Static):
    """Plain words: no markup, made safe to print."""

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(printable_lines(text), markup=False, id=id)

    def say(self, text: str) -> None:
        """Other words."""
        self.update(printable_lines(text))


def _is_clean(segment: Segment) -> bool:
    text, style, control = segment
    return (text.isprintable() or printable(text) == text) and not control and (style is None or style.link is None)


def _cleaned(segment: Segment) -> Segment:
    text, style, control = segment
    if style is not None and style.link is not None:
        style = style.update_link(None)
    return Segment("" if control else set_cell_size(printable(text), cell_len(text)), style)

"""Turns one row into a strip of styled segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from kwatch.base.printable import printable, urls_in
from kwatch.catalog.column import Level
from kwatch.tui.kit.table.layout import GUTTER, ColumnLayout
from kwatch.tui.kit.table.rows import Cell, Heading, Look
from kwatch.tui.palette import HEAT_STEPS, Ground, Palette, linked

BAR = "▌"
MARK = "●"


def fit(text: str, width: int, *, right: bool = False, middle: bool = False) -> str:
    """Exactly `width` cells of `text`, made safe to print; what does not fit is replaced by an ellipsis at the end, or
    in the middle.
    """
    text = printable(text)
    size = len(text) if text.isascii() else cell_len(text)
    if size <= width:
        return " " * (width - size) + text if right else text + " " * (width - size)
    if width <= 1:
        return "…"[:width]
    if middle and width >= 9 and text.isascii():
        tail = min(width // 2, 12)
        return text[: width - tail - 1] + "…" + text[-tail:]
    return set_cell_size(text, width - 1) + "…"


def _without_beginning(text: str, cells: int) -> str:
    """The same text, of which the first cells are out of sight: a sign says so in what is seen, if anything is lost."""
    if not cells:
        return text
    strip = Strip([Segment(text)])
    lost, seen = strip.crop(0, cells).text, strip.crop(cells).text
    if lost.strip() and seen.strip():
        seen = "…" + strip.crop(cells + 1).text
    return lost + seen


def _with_links(shown: str, text: str, style: Style) -> Iterator[Segment]:
    """A cell whose text has addresses, as far as it is shown: where it is cut, they still lead to the whole."""
    at = 0
    for start, end in urls_in(text):
        seen = next((place for place in range(start, end) if shown[place : place + 1] != text[place]), end)
        if seen > start:
            yield Segment(shown[at:start], style)
            yield Segment(shown[start:seen], linked(style, text[start:end]))
            at = seen
    yield Segment(shown[at:], style)


class RowPainter:
    """Paints rows and the heading line for one palette."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette

    def row(
        self,
        headings: Sequence[Heading],
        layout: ColumnLayout,
        cells: Sequence[Cell],
        look: Look,
        *,
        cursor: bool,
        marked: bool,
        scroll_x: int,
        width: int,
    ) -> Strip:
        """One row, `width` cells wide, the columns that are not frozen moved left by `scroll_x`."""
        ground = Ground((Ground.CURSOR if cursor else Ground.PLAIN) + (0 if not marked else 2 if cursor else 4))
        segments = self._gutter(look, ground, cursor, marked)
        gap = " " * layout.gap
        blank = self.palette.style(ground=ground)
        glow = look.glow or {}
        cut_off, clipped = layout.cut_off(scroll_x, width), layout.clipped(scroll_x, width)
        for index, (heading, cell, size) in enumerate(zip(headings, cells, layout.widths, strict=True)):
            if not size or index == cut_off:
                segments.append(Segment(" " * (size and size + layout.gap), blank))
                continue
            heat = round(glow.get(index, 0.0) * HEAT_STEPS)
            style = self._cell_style(heading, cell, look, ground, heat, cursor)
            left, right = clipped.get(index, (0, 0))
            text = fit(cell.text, size - right, right=heading.right, middle=heading.flexible) + " " * right
            text = _without_beginning(text, left)
            if "://" in text and not heading.right and not left:
                segments += _with_links(text + gap, cell.text, style)
            elif heat or look.gone:
                # Only the text itself glows or is struck through, not the room around it.
                body = text.strip()
                before = len(text) - len(text.lstrip())
                after = size - before - cell_len(body)
                segments += [Segment(" " * before, blank), Segment(body, style), Segment(" " * after + gap, blank)]
            else:
                segments.append(Segment(text + gap, style))
        return self._scrolled(segments, layout, scroll_x, width, blank)

    def heading(
        self,
        headings: Sequence[Heading],
        layout: ColumnLayout,
        sorted_by: tuple[str, bool] | None,
        chosen: int | None,
        scroll_x: int,
        width: int,
    ) -> Strip:
        """The line of titles, with an arrow on the column that orders the rows."""
        style = self.palette.style
        blank = style("kwatch-muted", Ground.SURFACE)
        segments = [Segment(" " * 3, blank)]
        gap = " " * layout.gap
        cut_off, clipped = layout.cut_off(scroll_x, width), layout.clipped(scroll_x, width)
        goes_on = layout.total_width - scroll_x > width
        end = GUTTER - scroll_x - layout.gap
        for index, (heading, size) in enumerate(zip(headings, layout.widths, strict=True)):
            end += size and size + layout.gap
            if not size or index == cut_off:
                segments.append(Segment(" " * (size and size + layout.gap), blank))
                continue
            orders = sorted_by is not None and sorted_by[0] == heading.id
            title = heading.title
            if orders and sorted_by is not None:
                arrow = "↓" if sorted_by[1] else "↑"
                title = fit(title, min(len(title), size - 1 if heading.right else size)) + arrow
            ink = "primary" if orders else "kwatch-muted"
            picked = style(ink, Ground.SURFACE, bold=True, underline=index == chosen)
            text = fit(title, size + (1 if orders and not heading.right else 0), right=heading.right)
            text = _without_beginning(text, clipped.get(index, (0, 0))[0])
            if goes_on and end >= width:
                # The sign for more takes the last cell: a title gives way that has room before it, be it in the gap.
                spare = min(end - width + 1, len(text) - len(text.lstrip()))
                text = text[spare:] + " " * spare
                hidden, room = end - width + 1 - (len(text) - len(text.rstrip())), segments[-1].text
                if 0 < hidden < len(room) and not room.strip():
                    segments[-1] = Segment(room[hidden:], blank)
                    text += " " * hidden
            segments.append(Segment(text, picked))
            segments.append(Segment(gap[len(text) - size :], blank))
        strip = self._scrolled(segments, layout, scroll_x, width, blank)
        if goes_on:
            # There is more to the right.
            strip = Strip.join([strip.crop(0, width - 1), Strip([Segment("›", style("primary", Ground.SURFACE))])])
        return strip

    def _gutter(self, look: Look, ground: Ground, cursor: bool, marked: bool) -> list[Segment]:
        style = self.palette.style
        bar = BAR if cursor else MARK if marked else " "
        ink = self.palette.ink(look.level) if look.level else "kwatch-muted"
        return [
            Segment(bar, style("primary" if cursor else "accent", ground, bold=True)),
            Segment(look.sign, style(ink, ground, bold=True)),
            Segment(" ", style(ground=ground)),
        ]

    def _cell_style(self, heading: Heading, cell: Cell, look: Look, ground: Ground, heat: int, cursor: bool) -> Style:
        style = self.palette.style
        if look.gone:
            return style("kwatch-deleted", ground, strike=True)
        if cell.level:
            return style(self.palette.ink(cell.level), ground, heat=heat, bold=cell.level is Level.BAD)
        ink = "kwatch-muted" if heading.quiet and not heat else "foreground"
        return style(ink, ground, heat=heat, bold=(heading.flexible and cursor) or (look.heads and not heading.quiet))

    def _scrolled(
        self, segments: list[Segment], layout: ColumnLayout, scroll_x: int, width: int, blank: Style
    ) -> Strip:
        strip = Strip(segments)
        if scroll_x:
            frozen = layout.frozen_width
            rest = strip.crop(frozen + scroll_x, strip.cell_length)
            strip = Strip.join([strip.crop(0, frozen), rest])
        return strip.crop_extend(0, width, blank).simplify()

"""What a table shows: paints the lines on screen, keeps what was painted, and repaints what became another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region, Size
from textual.selection import Selection
from textual.strip import Strip

from kwatch.tui.kit.table.layout import ColumnLayout
from kwatch.tui.kit.table.painter import RowPainter, fit
from kwatch.tui.kit.table.rows import Cell, Rows, wrapped
from kwatch.tui.kit.text.line import extract, overlay
from kwatch.tui.kit.widgets.bar import LineView
from kwatch.tui.palette import Ground, Palette


class _Painted(NamedTuple):
    """A row's cells, how it was painted, and everything else it was painted from; nothing if only its width counted."""

    cells: Sequence[Cell]
    signature: tuple[object, ...] = ()
    strip: Strip = Strip([])


MOST_PAINTED = 1024
"""Rows that are kept painted."""


LOADING = ("Loading …",)
"""Shown until it is known why there are no rows."""


class TableCanvas(LineView):
    """Rows below a line of titles. Its subclass moves the cursor and sets the marks."""

    def __init__(self, rows: Rows, palette: Palette, *, headless: bool) -> None:
        super().__init__()
        self._heading_lines = 0 if headless else 1
        self.rows = rows
        self.cursor = Cursor()
        self.marks: frozenset[str] = frozenset()
        self.chosen_column: int | None = None
        """A column picked with the keyboard to sort by, underlined."""
        self.empty: tuple[str, ...] = LOADING
        """What is said where rows would be, when there are none."""
        self.layout_of_columns = ColumnLayout(rows.headings)
        self._painter = RowPainter(palette)
        self._painted: dict[str, _Painted] = {}

    @property
    def heading_lines(self) -> int:
        """How many lines are above the rows."""
        return self._heading_lines

    @property
    def visible_keys(self) -> list[str]:
        return self._keys_between(0, self._heading_lines + self._page)

    def set_palette(self, palette: Palette) -> None:
        self._painter = RowPainter(palette)
        self._painted.clear()
        self.refresh()

    def refresh_cells(self, keys: Iterable[str] | None = None) -> None:
        """Look again at rows on screen (all, or `keys`), and repaint those whose text or look is another now."""
        visible = self.visible_keys
        wanted = visible if keys is None else [key for key in visible if key in set(keys)]
        stale = {key for key in wanted if self._is_stale(key)}
        if stale:
            self._refresh_keys(stale)

    def set_empty(self, lines: tuple[str, ...]) -> None:
        """Say why there are no rows, and what to press."""
        if lines != self.empty:
            self.empty = lines
            if not len(self.rows):
                self.refresh()

    def pick_column(self, step: int) -> None:
        count = len(self.rows.headings)
        if not count:
            return
        if self.chosen_column is None:
            orders = self.rows.sorted_by[0] if self.rows.sorted_by else ""
            start = next((i for i, heading in enumerate(self.rows.headings) if heading.id == orders), 0)
        else:
            start = self.chosen_column
        self.chosen_column = (start + step) % count
        self.refresh(Region(0, 0, self._width, self._heading_lines))

    def render_line(self, y: int) -> Strip:
        top = self.scroll_offset.y
        if y < self._heading_lines and top:
            # A selection that begins in the titles means the rows below, not those that are scrolled away between.
            return self._line(y).apply_offsets(0, top + self._heading_lines)
        return self._with_selection(self._line(y), top + y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text that the mouse selected, as it is shown; without an end, as far as the screen goes."""
        top = self.scroll_offset.y
        first = selection.start.y if selection.start is not None else top
        last = selection.end.y if selection.end is not None else top + self.size.height - 1
        last = min(last, len(self.rows) + self._heading_lines - 1)
        return extract(selection, ((line, self._line(line - top).text) for line in range(first, last + 1))), "\n"

    def _with_selection(self, strip: Strip, line: int) -> Strip:
        """Number the lines for the toolkit's selection as if none was scrolled away."""
        selection = self.text_selection
        span = selection.get_span(line) if selection is not None else None
        if span is not None:
            row = line - self._heading_lines
            on_cursor = 0 <= row < len(self.rows) and self.rows.key_at(row) == self.cursor.key
            style = self._painter.palette.selected(Ground.CURSOR if on_cursor else Ground.PLAIN)
            end = len(strip.text.rstrip()) if span[1] == -1 else span[1]
            strip = Strip(overlay(list(strip), span[0], end, style), strip.cell_length)
        return strip.apply_offsets(0, line)

    def _line(self, y: int) -> Strip:
        x, top = self.scroll_offset
        width = self._width
        if 0 <= y < self._heading_lines or top + y < self._heading_lines:
            layout = self.layout_of_columns
            return self._painter.heading(self.rows.headings, layout, self.rows.sorted_by, self.chosen_column, x, width)
        row = top + y - self._heading_lines
        if row >= len(self.rows):
            return self._below_rows(y, width)
        return self._paint(self.rows.key_at(row), x, width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines of a region; columns first grow to what will be on screen, so that no line is painted twice."""
        # A scroll bar that came or went is another width, but no resize.
        self.layout_of_columns.resize(self._width)
        self._see(self._keys_between(crop.y, crop.bottom))
        return super().render_lines(crop)

    def _keys_between(self, first: int, end: int) -> list[str]:
        """The keys of the rows on these lines of the table."""
        above = self._heading_lines - self.scroll_offset.y
        return [
            self.rows.key_at(row)
            for row in range(max(first, self._heading_lines) - above, min(len(self.rows), end - above))
        ]

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _page(self) -> int:
        return max(1, self.size.height - self._heading_lines)

    def _resize_content(self) -> None:
        size = Size(self.layout_of_columns.total_width, len(self.rows) + self._heading_lines)
        if size == self.virtual_size:
            return
        fits = size.width <= self._width and size.height <= self.size.height
        if fits or not self.show_vertical_scrollbar or size.width != self.virtual_size.width:
            self.virtual_size = size
            return
        # Setting virtual_size lays out the whole screen; where the scroll bar stays, only its thumb must change.
        self.set_reactive(TableCanvas.virtual_size, size)
        self.vertical_scrollbar.window_virtual_size = size.height

    def _refresh_keys(self, keys: set[str]) -> None:
        visible = self.visible_keys
        if self._see(visible):
            self.refresh()
            return
        self._refresh_rows(row for row, key in enumerate(visible, self.scroll_offset.y) if key in keys)

    def _refresh_rows(self, rows: Iterable[int]) -> None:
        """Repaint those of these rows that are on screen."""
        width, top = self._width, self.scroll_offset.y
        lines = [row - top for row in rows if top <= row < top + self._page]
        if lines:
            self.refresh(*(Region(0, self._heading_lines + line, width, 1) for line in lines))

    def _see(self, keys: Sequence[str]) -> bool:
        """Let the columns grow to what is on screen; True if any did."""
        painted = self._painted
        unseen = {key: _Painted(self.rows.cells(key)) for key in keys if key not in painted}
        painted.update(unseen)
        grown = self.layout_of_columns.see(row.cells for row in unseen.values())
        if grown:
            self._resize_content()
        return grown

    def _is_stale(self, key: str) -> bool:
        painted = self._painted.get(key)
        if painted is None:
            return True
        look = self.rows.look(key)
        if painted.signature[-1:] == (look,) and painted.cells == self.rows.cells(key):
            return False
        del self._painted[key]
        return True

    def _below_rows(self, y: int, width: int) -> Strip:
        """A blank line, or a line of what is said when there are no rows."""
        style = self._painter.palette.style
        first = self._heading_lines + 1 if self._heading_lines else 0
        line = y - max(first, self.size.height // 3)
        said = wrapped(self.empty, width - 2) if line >= 0 and not len(self.rows) else []
        if not 0 <= line < len(said):
            return Strip.blank(width, style())
        words, heads = said[line]
        text = fit(words, min(width, cell_len(words)))
        ink = style(bold=True) if heads else style("kwatch-muted")
        indent = Segment(" " * ((width - cell_len(text)) // 2), style())
        return Strip([indent, Segment(text, ink)]).crop_extend(0, width, style())

    def _paint(self, key: str, x: int, width: int) -> Strip:
        cursor, marked = key == self.cursor.key, key in self.marks
        look = self.rows.look(key)
        signature = (self.layout_of_columns.version, x, width, cursor, marked, look)
        painted = self._painted.get(key)
        if painted is not None and painted.signature == signature:
            return painted.strip
        cells = self.rows.cells(key) if painted is None else painted.cells
        strip = self._painter.row(
            self.rows.headings,
            self.layout_of_columns,
            cells,
            look,
            cursor=cursor,
            marked=marked,
            scroll_x=x,
            width=width,
        )
        # The last ones stand at the end: when there are too many, those go that were painted first.
        self._painted.pop(key, None)
        self._painted[key] = _Painted(cells, signature, strip)
        if len(self._painted) > MOST_PAINTED:
            del self._painted[next(iter(self._painted))]
        return strip


class Cursor:
    """`row` is where the object was when last looked; `pinned` says that the user chose it.

    Until then the cursor rests on the first row, so that a table that fills from anywhere does not carry it away.
    """

    def __init__(self) -> None:
        self.key: str | None = None
        self.row = 0
        self.pinned = False

    def reset(self) -> None:
        self.key, self.row, self.pinned = None, 0, False

    def put(self, row: int, key: str) -> None:
        self.key, self.row, self.pinned = key, row, True

    def follow(self, rows: Rows) -> None:
        """Find the object again after rows moved; the neighbour takes over from one that is gone."""
        if not len(rows):
            self.key, self.row = None, 0
            return
        if not self.pinned:
            self.key, self.row = rows.key_at(0), 0
            return
        row = rows.row_of(self.key) if self.key is not None else None
        if row is None:
            row = min(self.row, len(rows) - 1)
        self.key, self.row = rows.key_at(row), row

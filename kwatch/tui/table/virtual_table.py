"""The table: renders the lines on screen, repaints the dirty ones, and follows objects rather than row numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kwatch.tui.palette import Palette
from kwatch.tui.table.cursor import Cursor
from kwatch.tui.table.layout import ColumnLayout
from kwatch.tui.table.no_rows import wrapped
from kwatch.tui.table.painter import RowPainter, fit
from kwatch.tui.table.rows import Cell, Rows


class _Painted(NamedTuple):
    """A painted row and everything it was painted from."""

    cells: Sequence[Cell]
    signature: tuple[object, ...]
    strip: Strip


class VirtualTable(ScrollView, can_focus=True):
    """Rows by key, any number of them. Whoever owns the rows calls `rows_changed` and `refresh_cells`."""

    DEFAULT_CSS = """
    VirtualTable { background: $background; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="table.down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="table.page-up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="table.page-down"),
        Binding("home,g", "edge(-1)", "First row", show=False, id="table.first"),
        Binding("end,G", "edge(1)", "Last row", show=False, id="table.last"),
        Binding("left,h", "sideways(-8)", "Scroll left", show=False, id="table.left"),
        Binding("right", "sideways(8)", "Scroll right", show=False, id="table.right"),
        Binding("space", "mark", "Mark", show=False, id="table.mark", tooltip="Mark the row, or take the mark away"),
    ]

    @dataclass
    class Chosen(Message):
        """A double click on a row."""

        table: VirtualTable
        key: str

    @dataclass
    class CursorMoved(Message):
        """The cursor stands on another row; None when there is none."""

        table: VirtualTable
        key: str | None

        def can_replace(self, message: Message) -> bool:
            """Only the last of several moves counts."""
            return isinstance(message, VirtualTable.CursorMoved) and message.table is self.table

    @dataclass
    class MarksChanged(Message):
        """Rows were marked or unmarked."""

        table: VirtualTable
        marks: frozenset[str]

    @dataclass
    class HeadingClicked(Message):
        """A column's title was clicked."""

        table: VirtualTable
        column_id: str

    def __init__(self, rows: Rows, palette: Palette, *, headless: bool = False, markable: bool = True) -> None:
        super().__init__()
        self._markable = markable
        self._heading_lines = 0 if headless else 1
        self.rows = rows
        self.cursor = Cursor()
        self.marks: frozenset[str] = frozenset()
        self.chosen_column: int | None = None
        """A column picked with the keyboard to sort by, underlined."""
        self.empty: tuple[str, ...] = ()
        """What is said where rows would be, when there are none."""
        self.layout_of_columns = ColumnLayout(rows.headings)
        self._painter = RowPainter(palette)
        self._painted: LRUCache[str, _Painted] = LRUCache(1024)

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor."""
        return self.cursor.key

    @property
    def visible_keys(self) -> list[str]:
        """The keys on screen, from top to bottom."""
        top = self.scroll_offset.y
        return [self.rows.key_at(row) for row in range(top, min(len(self.rows), top + self._page))]

    def set_palette(self, palette: Palette) -> None:
        """Use other colours from now on."""
        self._painter = RowPainter(palette)
        self._painted.clear()
        self.refresh()

    def show(self, rows: Rows, *, keep_cursor: bool = False) -> None:
        """Show other rows, or the same ones with other columns."""
        self.rows = rows
        if not keep_cursor:
            self.cursor.reset()
            self.marks = frozenset()
            self.scroll_to(0, 0, animate=False, force=True)
        self.chosen_column = None
        self.layout_of_columns.reset(rows.headings, self._width)
        self._painted.clear()
        self.rows_changed((), moved=True)

    def rows_changed(self, changed: Iterable[str], *, moved: bool) -> None:
        """Repaint after `changed` keys got other cells; `moved` says that rows came, went or changed places."""
        for key in changed:
            self._painted.discard(key)
        if moved:
            self._follow_cursor()
            self._resize_content()
            self.refresh()
        else:
            self._refresh_keys(set(changed))

    def all_changed(self) -> None:
        """Repaint after every row became another one; the columns stay as wide as they are."""
        self._painted.clear()
        self.rows_changed((), moved=True)

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
        """Underline the next column to sort by."""
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

    def move_cursor_to(self, key: str) -> None:
        """Put the cursor on a row, if it is shown."""
        row = self.rows.row_of(key)
        if row is not None:
            self._go_to_row(row)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        x, top = self.scroll_offset
        width = self._width
        if y < self._heading_lines:
            layout = self.layout_of_columns
            return self._painter.heading(self.rows.headings, layout, self.rows.sorted_by, self.chosen_column, x, width)
        row = top + y - self._heading_lines
        if row >= len(self.rows):
            return self._below_rows(y, width)
        return self._paint(self.rows.key_at(row), x, width)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where rows cannot be marked, the key goes to the screen."""
        return self._markable or action != "mark"

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self._go_to_row(self._cursor_row + by)

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self._go_to_row(self._cursor_row + pages * max(1, self._page - 1))

    def action_edge(self, direction: int) -> None:
        """Move the cursor to the first or the last row."""
        self._go_to_row(0 if direction < 0 else len(self.rows) - 1)
        if direction < 0:
            self.cursor.pinned = False

    def action_sideways(self, by: int) -> None:
        """Scroll the columns that are not frozen."""
        self.scroll_to(x=self.scroll_offset.x + by, animate=False, force=True)

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go on to the next."""
        key = self.cursor.key
        if key is None:
            return
        self.marks = self.marks ^ {key}
        self._refresh_keys({key})
        self.post_message(self.MarksChanged(self, self.marks))
        self.action_move(1)

    def clear_marks(self) -> None:
        """Take all marks away."""
        marked, self.marks = self.marks, frozenset()
        self._refresh_keys(set(marked))
        self.post_message(self.MarksChanged(self, self.marks))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor, open on a double click, sort by a clicked title."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < self._heading_lines:
            column = self.layout_of_columns.column_at(offset.x, self.scroll_offset.x)
            if column is not None:
                self.post_message(self.HeadingClicked(self, self.rows.headings[column].id))
            return
        row = self.scroll_offset.y + offset.y - self._heading_lines
        if row < len(self.rows):
            self._go_to_row(row)
            if event.chain == 2:
                self.post_message(self.Chosen(self, self.rows.key_at(row)))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """A cell that changed a moment ago tells what it was."""
        tooltip = None
        row = self.scroll_offset.y + event.y - self._heading_lines
        if event.y >= self._heading_lines and row < len(self.rows):
            column = self.layout_of_columns.column_at(event.x, self.scroll_offset.x)
            tooltip = self.rows.hint(self.rows.key_at(row), column) if column is not None else None
        if tooltip != self.tooltip:
            self.tooltip = tooltip

    def on_resize(self) -> None:
        """Another width lets the columns settle anew."""
        self.layout_of_columns.reset(self.rows.headings, self._width)
        self._painted.clear()
        self._resize_content()
        self._keep_cursor_on_screen()

    def on_focus(self) -> None:
        """Show the cursor bright."""
        self.refresh()

    @property
    def _width(self) -> int:
        """The cells of a line, without the scroll bar."""
        return self.scrollable_content_region.width

    @property
    def _page(self) -> int:
        return max(1, self.size.height - self._heading_lines)

    @property
    def _cursor_row(self) -> int:
        return self.cursor.row

    def _go_to_row(self, row: int) -> None:
        if not len(self.rows):
            return
        row = max(0, min(len(self.rows) - 1, row))
        old = self.cursor.key
        self.cursor.put(row, self.rows.key_at(row))
        self._keep_cursor_on_screen()
        self._refresh_keys({key for key in (old, self.cursor.key) if key})
        self.post_message(self.CursorMoved(self, self.cursor.key))

    def _follow_cursor(self) -> None:
        """After rows moved: the cursor stays on its object, and the object on its line of the screen."""
        before, old_key = self.cursor.row, self.cursor.key
        top = self.scroll_offset.y
        self.cursor.follow(self.rows)
        self._resize_content()
        if top and top <= before < top + self._page and self.cursor.row != before:
            self.scroll_to(y=top + self.cursor.row - before, animate=False, force=True)
        elif self.cursor.pinned:
            self._keep_cursor_on_screen()
        if self.cursor.key != old_key:
            self.post_message(self.CursorMoved(self, self.cursor.key))

    def _keep_cursor_on_screen(self) -> None:
        row, top = self.cursor.row, self.scroll_offset.y
        if row < top:
            self.scroll_to(y=row, animate=False, force=True)
        elif row >= top + self._page:
            self.scroll_to(y=row - self._page + 1, animate=False, force=True)

    def _resize_content(self) -> None:
        size = Size(self.layout_of_columns.total_width, len(self.rows) + self._heading_lines)
        if size == self.virtual_size:
            return
        fits = size.width <= self._width and size.height <= self.size.height
        if fits or not self.show_vertical_scrollbar or size.width != self.virtual_size.width:
            self.virtual_size = size
            return
        # Setting virtual_size lays out the whole screen; where the scroll bar stays, only its thumb must change.
        self.set_reactive(VirtualTable.virtual_size, size)
        self.vertical_scrollbar.window_virtual_size = size.height

    def _refresh_keys(self, keys: set[str]) -> None:
        """Repaint the lines of these keys that are on screen."""
        visible = self.visible_keys
        if self._see(visible):
            self.refresh()
            return
        width = self._width
        regions = [Region(0, y, width, 1) for y, key in enumerate(visible, self._heading_lines) if key in keys]
        if regions:
            self.refresh(*regions)

    def _see(self, keys: Sequence[str]) -> bool:
        """Let the columns grow to what is on screen; True if any did."""
        unseen = [self.rows.cells(key) for key in keys if key not in self._painted]
        grown = self.layout_of_columns.see(unseen)
        if grown:
            self._resize_content()
        return grown

    def _is_stale(self, key: str) -> bool:
        painted = self._painted.get(key)
        if painted is None:
            return True
        look = self.rows.look(key)
        if painted.signature[-1] == look and painted.cells == self.rows.cells(key):
            return False
        self._painted.discard(key)
        return True

    def _below_rows(self, y: int, width: int) -> Strip:
        """A blank line, or a line of what is said when there are no rows."""
        style = self._painter.palette.style
        line = y - max(self._heading_lines + 1, self.size.height // 3)
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
        self._painted[key] = _Painted(cells, signature, strip)
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines of a region; columns first grow to what will be on screen, so that no line is painted twice."""
        # A scroll bar that came or went is another width, but no resize.
        self.layout_of_columns.resize(self._width)
        self._see(self.visible_keys)
        return super().render_lines(crop)

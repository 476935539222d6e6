"""The table: keys and mouse, marks, and a cursor that follows objects rather than row numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from kwatch.base.printable import printable_lines
from kwatch.tui.kit.table.canvas import LOADING, TableCanvas
from kwatch.tui.kit.table.rows import ListedRows, Rows
from kwatch.tui.palette import Palette

LONGEST_DOUBLE_CLICK = 1.0
"""Seconds; the toolkit takes no two clicks for one that are further apart."""


class VirtualTable(TableCanvas, can_focus=True):
    """Rows by key, any number of them. The owner of the rows calls `rows_changed` and `refresh_cells`."""

    DEFAULT_CSS = """
    VirtualTable { background: $background; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # Priority: done at once, and not after the key went through the queues of all that is above.
        Binding("up,k", "move(-1)", "Up", show=False, priority=True, id="table.up"),
        Binding("down,j", "move(1)", "Down", show=False, priority=True, id="table.down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, priority=True, id="table.page-up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, priority=True, id="table.page-down"),
        Binding("home,g", "edge(-1)", "First row", show=False, priority=True, id="table.first"),
        Binding("end,G", "edge(1)", "Last row", show=False, priority=True, id="table.last"),
        Binding("left,h", "sideways(-8)", "Scroll left", show=False, priority=True, id="table.left"),
        Binding("right", "sideways(8)", "Scroll right", show=False, priority=True, id="table.right"),
        Binding("space", "mark", "Mark", show=False, id="table.mark", tooltip="Mark the row, or take the mark away"),
        Binding("ctrl+space,ctrl+@", "mark_range", "Mark from the nearest mark to here", show=False, id="table.range"),
        Binding("ctrl+backslash", "unmark", "Take all marks away", show=False, id="table.unmark"),
    ]

    @dataclass
    class Chosen(Message):
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
        table: VirtualTable
        marks: frozenset[str]

    @dataclass
    class HeadingClicked(Message):
        table: VirtualTable
        column_id: str

    def __init__(
        self,
        rows: Rows,
        palette: Palette,
        *,
        headless: bool = False,
        markable: bool = True,
        one_click: bool = False,
    ) -> None:
        """`one_click`: a row is chosen by the first click, not by the second."""
        super().__init__(rows, palette, headless=headless)
        self._markable = markable
        self._clicks = 1 if one_click else 2
        self._clicked_at = float("-inf")
        self._width_before = -1
        self._tops = 0, 0
        """Where the rows stood before another size moved them, and where they stood then."""
        self._hint: str | None = None
        """What the tooltip says."""

    @property
    def top(self) -> int:
        """How far the rows are scrolled; with less room than when they were scrolled, as far as they were then."""
        before, moved = self._tops
        return before if self.scroll_offset.y == moved else self.scroll_offset.y

    @property
    def cursor_key(self) -> str | None:
        return self.cursor.key

    def show(self, rows: Rows, *, keep_cursor: bool = False) -> None:
        """Show other rows, or the same ones with other columns."""
        self.rows = rows
        if not keep_cursor:
            self.empty = LOADING
            self.cursor.reset()
            self.marks = frozenset()
            self.scroll_to(0, 0, animate=False, force=True)
        self.chosen_column = None
        self.layout_of_columns.reset(rows.headings, self._width)
        self._painted.clear()
        self.rows_changed((), moved=True)

    def show_listed(self, rows: ListedRows, *, keep_cursor: bool = True) -> None:
        """Show a whole list, unless that is what is shown."""
        if rows != self.rows:
            self.show(rows, keep_cursor=keep_cursor)

    def rows_changed(self, changed: Iterable[str], *, moved: bool) -> None:
        """Repaint after `changed` keys got other cells; `moved` says that rows came, went or changed places."""
        for key in changed:
            self._painted.pop(key, None)
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

    def move_cursor_to(self, key: str, *, line: int | None = None, left: int | None = None) -> None:
        """Put the cursor on a row, if it is shown; on that line of the screen, and so far to the side, if possible."""
        row = self.rows.row_of(key)
        if row is None:
            return
        self._go_to_row(row)
        if line is not None:
            self.scroll_rows_to(row - line, left)
            self._keep_cursor_on_screen()

    def step(self, by: int, is_wanted: Callable[[str], bool]) -> bool:
        """Put the cursor on the next row below (1) or above (-1) whose key is wanted; False where there is none."""
        row = self.cursor.row + by
        while 0 <= row < len(self.rows):
            if is_wanted(self.rows.key_at(row)):
                self._go_to_row(row)
                return True
            row += by
        return False

    def scroll_rows_to(self, top: int, left: int | None) -> None:
        """Down to a row, then to the side: how far that goes is known when the columns are as wide as these rows."""
        self.scroll_to(y=top, animate=False, force=True)
        self._see(self.visible_keys)
        self.scroll_to(x=left, animate=False, force=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where rows cannot be marked, the key goes to the screen."""
        return self._markable or action not in ("mark", "mark_range", "unmark")

    def action_move(self, by: int) -> None:
        self._go_to_row(self.cursor.row + by)

    def action_page(self, pages: int) -> None:
        self._go_to_row(self.cursor.row + pages * max(1, self._page - 1))

    def action_edge(self, direction: int) -> None:
        self._go_to_row(0 if direction < 0 else len(self.rows) - 1)
        if direction < 0:
            self.cursor.pinned = False

    def action_sideways(self, by: int) -> None:
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

    def action_mark_range(self) -> None:
        """Every row from the nearest mark above, else below, to the cursor; without one the row under the cursor."""
        if self.cursor.key is None:
            return
        here = self.cursor.row
        marked = [row for row in map(self.rows.row_of, self.marks) if row is not None]
        above, below = [row for row in marked if row <= here], [row for row in marked if row > here]
        there = max(above) if above else min(below, default=here)
        added = {self.rows.key_at(row) for row in range(min(here, there), max(here, there) + 1)}
        self.marks = self.marks | added
        self._refresh_keys(added)
        self.post_message(self.MarksChanged(self, self.marks))

    def action_unmark(self) -> None:
        if self.marks:
            self.clear_marks()

    def clear_marks(self) -> None:
        marked, self.marks = self.marks, frozenset()
        self._refresh_keys(set(marked))
        self.post_message(self.MarksChanged(self, self.marks))

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()  # which is to select everything on a double click
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        if offset.y < self._heading_lines:
            column = self.layout_of_columns.column_at(offset.x, self.scroll_offset.x)
            if column is not None:
                self.post_message(self.HeadingClicked(self, self.rows.headings[column].id))
            return
        row = self.scroll_offset.y + offset.y - self._heading_lines
        if row < len(self.rows):
            self._go_to_row(row)
            if event.chain == 1:
                self._clicked_at = event.time
            # The first of two may have chosen something elsewhere, which stood before this.
            if event.chain == self._clicks and event.time - self._clicked_at <= LONGEST_DOUBLE_CLICK:
                self.post_message(self.Chosen(self, self.rows.key_at(row)))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The tooltip of a cell that changed a moment ago says what it was."""
        hint = None
        row = self.scroll_offset.y + event.y - self._heading_lines
        if event.y >= self._heading_lines and row < len(self.rows):
            column = self.layout_of_columns.column_at(event.x, self.scroll_offset.x)
            hint = self.rows.hint(self.rows.key_at(row), column) if column is not None else None
        if hint != self._hint:
            self._hint = hint
            # A string would be taken for markup.
            self.tooltip = Content(printable_lines(hint)) if hint is not None else None

    def on_resize(self) -> None:
        """Another width lays the columns out again; another height leaves them."""
        if self._width != self._width_before:
            self._width_before = self._width
            self.layout_of_columns.reset(self.rows.headings, self._width)
            self._painted.clear()
        self._resize_content()
        # What a line that is typed into took, and gives back, leaves the rows where they were.
        top = self.top
        self.scroll_to(y=top, animate=False, force=True)
        self._keep_cursor_on_screen()
        self._tops = top, self.scroll_offset.y

    def on_focus(self) -> None:
        self.refresh()

    def _go_to_row(self, row: int) -> None:
        if not len(self.rows):
            return
        row = max(0, min(len(self.rows) - 1, row))
        moved = self.cursor.row, row
        self.cursor.put(row, self.rows.key_at(row))
        self._keep_cursor_on_screen()
        self._refresh_rows(moved)
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

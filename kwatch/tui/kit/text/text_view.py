"""A text of any length: renders the lines on screen, finds, folds, wraps, follows its end."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip

from kwatch.tui.kit.table.rows import wrapped
from kwatch.tui.kit.text.document import Document, Search
from kwatch.tui.kit.text.line import Line, extract, is_narrow, overlay
from kwatch.tui.kit.widgets.bar import LineView
from kwatch.tui.kit.widgets.prompt import Mistake
from kwatch.tui.palette import Ground, Palette, linked

LONG = 2000
"""Characters of a line from which on only what is seen of it is drawn."""
MARGIN = 2
"""Cells before a line, for its sign and the fold marks."""


class TextView(LineView, can_focus=True):
    """Shows a Document. With `foldable` it has a cursor line, and blocks fold."""

    DEFAULT_CSS = """
    TextView { background: $background; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # Priority: done at once, and not after the key went through the queues of all that is above.
        Binding("up,k", "move(-1)", show=False, priority=True, id="text.up"),
        Binding("down,j", "move(1)", show=False, priority=True, id="text.down"),
        Binding("pageup,ctrl+b", "page(-1)", show=False, priority=True, id="text.page-up"),
        Binding("pagedown,ctrl+f", "page(1)", show=False, priority=True, id="text.page-down"),
        Binding("home,g", "edge(-1)", show=False, priority=True, id="text.first"),
        Binding("end,G", "edge(1)", show=False, priority=True, id="text.last"),
        Binding("left,h", "sideways(-8)", show=False, priority=True, id="text.left"),
        Binding("right", "sideways(8)", show=False, priority=True, id="text.right"),
        Binding("enter,space", "fold", "Fold", show=False, id="text.fold"),
        Binding("n", "next(1)", "Next match", show=False, id="text.next"),
        Binding("N", "next(-1)", "Previous match", show=False, id="text.previous"),
    ]

    @dataclass
    class Found(Message):
        """A search ended: the number of the current match, from 1, and how many there are; or why it is none."""

        view: TextView
        current: int
        total: int
        mistake: Mistake | None = None

        @property
        def told(self) -> tuple[Mistake | None, str]:
            """What a prompt marks, and says."""
            return self.mistake, f"{self.current:,} of {self.total:,}" if self.total else "no match"

    def __init__(
        self,
        palette: Palette,
        *,
        foldable: bool = False,
        limit: int | None = None,
        empty: tuple[str, ...] = (),
        wrap: bool = False,
        document: Document | None = None,
    ) -> None:
        super().__init__()
        self.document = document or Document(limit=limit)
        self.following = False
        """Whether the end stays on screen while lines are added."""
        self.empty = empty
        self._palette = palette
        self._foldable = foldable
        self._cursor = 0
        self._wrap = wrap
        self._search = Search(self.document)

    def set_palette(self, palette: Palette) -> None:
        self._palette = palette
        self.refresh()

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show other content; the position stays."""
        self.document.set_lines(lines)
        self._cursor = min(self._cursor, max(0, len(self.document.rows) - 1))
        self._search.renew()
        self._resize_content()

    def set_empty(self, lines: tuple[str, ...]) -> None:
        if lines != self.empty:
            self.empty = lines
            if not self.document.rows:
                self.refresh()

    def append(self, lines: Sequence[Line]) -> None:
        gone = self.document.append(lines)
        self._search.renew()
        self._resize_content()
        if self.following:
            self.scroll_to(y=len(self.document.rows), animate=False, force=True)
        elif gone:
            self.scroll_to(y=max(0, self.scroll_offset.y - gone), animate=False, force=True)

    def follow(self, following: bool) -> None:
        self.following = following
        if following:
            self.scroll_to(y=len(self.document.rows), animate=False, force=True)

    @property
    def wrapped(self) -> bool:
        return self._wrap

    def toggle_wrap(self) -> None:
        self._wrap = not self._wrap
        self._lay_out()

    @property
    def is_searched(self) -> bool:
        return bool(self._search.wanted)

    def search(self, wanted: str) -> None:
        """Mark every occurrence and go to the first one from here; for an expression that is none nothing changes."""
        try:
            self._search.begin(wanted, self.scroll_offset.y)
        except ValueError as error:
            self.post_message(self.Found(self, 0, 0, Mistake(0, len(wanted), str(error))))
        else:
            self._go_to_match()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing folds or was found, the key goes to the screen."""
        if action == "fold":
            return self._foldable
        return action != "next" or bool(self._search.rows)

    def action_next(self, by: int) -> None:
        self._search.go(by)
        self._go_to_match()

    def action_move(self, by: int) -> None:
        self.following = False
        if not self._foldable:
            self.scroll_to(y=self.scroll_offset.y + by, animate=False, force=True)
            return
        self._put_cursor(self._cursor + by)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.size.height - 1))

    def action_edge(self, direction: int) -> None:
        self.action_move(direction * (len(self.document.rows) + 1))

    def action_sideways(self, by: int) -> None:
        self.scroll_to(x=self.scroll_offset.x + by, animate=False, force=True)

    def action_fold(self) -> None:
        document = self.document
        if self._foldable and document.rows and document.can_fold(document.line_of[self._cursor]):
            document.toggle_fold(document.line_of[self._cursor])
            self._search.renew()
            self._resize_content()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; on the fold mark, or twice, fold."""
        offset = event.get_content_offset(self)
        if offset is None or not self._foldable or self.text_selection is not None:
            return
        event.prevent_default()  # which is to select everything
        row = self.scroll_offset.y + offset.y
        if row < len(self.document.rows):
            self._put_cursor(row)
            if event.chain == 2 or offset.x < MARGIN:
                self.action_fold()

    def on_mouse_scroll_up(self) -> None:
        """Who scrolls up wants to read what is there."""
        self.following = False

    def on_resize(self) -> None:
        self._lay_out()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        document, rows = self.document, self.document.rows
        first = selection.start.y if selection.start is not None else 0
        last = selection.end.y if selection.end is not None else len(rows)
        numbers = range(max(0, first), min(last + 1, len(rows)))
        return extract(selection, ((row, rows[row].text) for row in numbers), MARGIN, document.continues), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        x, top = self.scroll_offset
        row, width = top + y, self.scrollable_content_region.width
        rows = self.document.rows
        if row >= len(rows):
            return self._blank(y, width).apply_offsets(0, row)
        line = rows[row]
        ground = Ground.CURSOR if self._foldable and row == self._cursor and self.has_focus else Ground.PLAIN
        base = self._palette.style(ground=ground, tint=line.tint)
        line, first, goes_on = _near(line, x, width)
        strip = Strip([self._margin(row, line, ground), *self._segments(row, line, ground, first)])
        cut = Segment("…", self._palette.style("kwatch-muted", ground, tint=line.tint))
        return _in_sight(strip, x - first, width, base, cut, goes_on).apply_offsets(x, row)

    def _blank(self, y: int, width: int) -> Strip:
        style = self._palette.style("kwatch-muted")
        line = y - self.size.height // 3
        said = wrapped(self.empty, width - 2) if line >= 0 and not self.document.rows else []
        if not 0 <= line < len(said):
            return Strip.blank(width, style)
        words, heads = said[line]
        ink = self._palette.style(bold=True) if heads and len(said) > 1 else style
        indent = Segment(" " * max(0, (width - cell_len(words)) // 2), style)
        return Strip([indent, Segment(words, ink)]).crop_extend(0, width, style)

    def _margin(self, row: int, line: Line, ground: Ground) -> Segment:
        sign = line.sign
        if not sign and self._foldable:
            number = self.document.line_of[row]
            sign = "▸" if number in self.document.folded else "▾" if self.document.can_fold(number) else ""
        return Segment(sign.ljust(MARGIN)[:MARGIN], self._palette.style("kwatch-muted", ground, tint=line.tint))

    def _segments(self, row: int, line: Line, ground: Ground, first: int) -> list[Segment]:
        """Of a row, or of a part of it that begins at its character `first`."""
        style = self._palette.style
        segments = [
            Segment(
                span.text,
                linked(style(span.ink, ground, tint=span.tint or line.tint, bold=span.strong), span.link),
            )
            for span in line.spans
        ]
        for start, end, mark in self._marks(row, first, first + len(line.text), ground):
            segments = overlay(segments, start - first, end - first, mark)
        return segments

    def _marks(self, row: int, first: int, last: int, ground: Ground) -> list[tuple[int, int, Style]]:
        """Ranges of characters with a style of their own, as far as they are seen: matches, then the selection."""
        marks: list[tuple[int, int, Style]] = []
        if places := self._search.places(row):
            found = self._palette.found(current=row == self._search.row)
            seen = places[bisect_left(places, first, key=itemgetter(1)) : bisect_right(places, last, key=itemgetter(0))]
            marks += [(start, end, found) for start, end in seen]
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(row)) is not None:
            start, end = span
            end = last + MARGIN if end == -1 else end
            marks.append((max(0, start - MARGIN), max(0, end - MARGIN), self._palette.selected(ground)))
        return marks

    def _go_to_match(self) -> None:
        row = self._search.row
        if row is not None:
            self.following = False
            if self._foldable:
                self._put_cursor(row)
            elif not self.scroll_offset.y <= row < self.scroll_offset.y + self.size.height:
                self.scroll_to(y=row - self.size.height // 3, animate=False, force=True)
        self.refresh()
        self.post_message(self.Found(self, self._search.number, len(self._search.rows)))

    def _put_cursor(self, row: int) -> None:
        old, self._cursor = self._cursor, max(0, min(len(self.document.rows) - 1, row))
        top, height = self.scroll_offset.y, self.size.height
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False, force=True)
        self.refresh_line(old)
        self.refresh_line(self._cursor)

    def _lay_out(self) -> None:
        self.document.wrap(max(10, self.scrollable_content_region.width - MARGIN) if self._wrap else None)
        self._search.renew()
        self._resize_content()

    def _resize_content(self) -> None:
        document = self.document
        self._cursor = min(self._cursor, max(0, len(document.rows) - 1))
        width = 0 if self._wrap else document.width + MARGIN
        self.virtual_size = Size(width, len(document.rows))
        self.refresh()


def _near(line: Line, x: int, width: int) -> tuple[Line, int, tuple[bool, bool]]:
    """The part of a line that is seen from `x` on, its first character, and whether there is more to its left and to
    its right. The whole line, unless that is long: a key shall not cost what is not seen.
    """
    text = line.text
    if len(text) <= LONG or not is_narrow(text):
        return line, 0, (False, False)
    first, last = max(0, x - MARGIN), x + width
    return line.part(first, last), first, (bool(text[:first].strip()), bool(text[last:].strip()))


def _in_sight(
    strip: Strip, x: int, width: int, base: Style, cut: Segment, goes_on: tuple[bool, bool] = (False, False)
) -> Strip:
    """`width` cells from `x` on; `cut` stands where an edge hides something, of the strip or of what `goes_on`."""
    seen = strip.crop_extend(x, x + width, base)
    if (goes_on[0] or strip.crop(0, x).text.strip()) and seen.text.strip():
        seen = Strip.join([Strip([cut]), seen.crop(1)])
    if width and (goes_on[1] or strip.crop(x + width).text.strip()):
        seen = Strip.join([seen.crop(0, width - 1), Strip([cut])])
    return seen

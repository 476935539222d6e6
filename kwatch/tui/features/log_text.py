"""The widget of merged logs; and what they were filtered by and searched for when they were left."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection

from kwatch.tui.features.log_document import LogDocument
from kwatch.tui.kit.text.line import Line
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.palette import Ground, Palette
from kwatch.view.log_lines import LogLine

if TYPE_CHECKING:
    from kwatch.session.session import Session

_FILTERED = Style(bold=True, underline=True)
"""What the filter found: less loud than what was searched for."""


class LogView(TextView):
    """Follows the end until one moves up, or selects; End follows again."""

    document: LogDocument

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, document=LogDocument())

    def add(self, lines: Sequence[LogLine]) -> None:
        """More at the end."""
        row, gone = self._search.row, self.document.add(lines)
        self._search.renew(row and row - gone)
        self._resize_content()
        if gone:
            self._move_selection(-gone)
        if self.following:
            self.follow(True)
        elif gone:
            self.scroll_to(y=max(0, self.scroll_offset.y - gone), animate=False, force=True)

    def show(self, change: Callable[[LogDocument], None]) -> None:
        """Look otherwise; the line at the top stays there, and the match one stands on."""
        document, row = self.document, self._search.row
        top, match = document.number_at(self.scroll_offset.y), None if row is None else document.number_at(row)
        change(document)
        self._search.renew(None if match is None else document.row_of(match))
        self._forget_selection()
        self._resize_content()
        self.scroll_to(y=document.row_count if self.following else document.row_of(top), animate=False, force=True)

    def selection_updated(self, selection: Selection | None) -> None:
        """What is selected holds still."""
        if selection is not None:
            self.following = False
        super().selection_updated(selection)

    def _move_selection(self, by: int) -> None:
        selections = self.screen.selections
        if self in selections:
            moved = Selection(*(each and Offset(each.x, each.y + by) for each in selections[self]))
            self.screen.selections = {**selections, self: moved}

    def _forget_selection(self) -> None:
        if self in self.screen.selections:
            self.screen.clear_selection()

    def _marks(self, row: int, line: Line, ground: Ground) -> list[tuple[int, int, Style]]:
        filtered = [(start, end, _FILTERED) for start, end in self.document.places_filtered(row)]
        return [*filtered, *super()._marks(row, line, ground)]

    def action_edge(self, direction: int) -> None:
        super().action_edge(direction)
        if direction > 0:
            self.follow(True)

    @property
    def found(self) -> tuple[str, int, int]:
        """What is searched for, the number of the match one stands on, and how many there are."""
        return self._search.wanted, self._search.number, len(self._search.rows)


_REMEMBERED = 50
_memories: WeakKeyDictionary[Session, OrderedDict[str, tuple[str, str]]] = WeakKeyDictionary()


def remember(session: Session, whose: str, filter_: str, wanted: str) -> None:
    """By what logs were filtered, and what was searched for in them, when they were left."""
    memory = _memories.setdefault(session, OrderedDict())
    memory[whose] = (filter_, wanted)
    if len(memory) > _REMEMBERED:
        memory.popitem(last=False)


def remembered(session: Session, whose: str) -> tuple[str, str]:
    """The same, when one comes back."""
    memory = _memories.get(session)
    return memory.get(whose, ("", "")) if memory is not None else ("", "")

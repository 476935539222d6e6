"""A list to choose from, narrowed by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from kwatch.tui.framed_screen import FramedScreen
from kwatch.tui.kit.table.rows import Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.bar import Words
from kwatch.tui.palette import Palette


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. `current` is marked as the one in force."""

    id: str
    text: str
    note: str = ""
    current: bool = False


_HEADINGS = (
    Heading("text", "", frozen=True, max_width=60),
    Heading("note", "", max_width=120, quiet=True),
)


class _Narrowing(Input):
    takes_space = True
    """Where rows can be marked, Space marks one: names have none."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return super().check_consume_key(key, character) and (self.takes_space or key != "space")


class ChoiceScreen(FramedScreen[str | None]):
    """Dismissed with the chosen id, or None. `preview` is called as the cursor moves; `notice` says what is to be known
    of the list; `typed` makes a choice of what was typed, where that is not among the others. With `several`, Space
    marks, and Enter hands it the ids of all that are marked, in the order of the list.
    """

    help_title = "a list to choose from"

    DEFAULT_CSS = """
    ChoiceScreen > Vertical { width: 80%; max-width: 100; max-height: 80%; }
    ChoiceScreen Input, ChoiceScreen Input:focus {
        border: none; height: 1; padding: 0 1; margin: 0 0 1 0; background: $panel; background-tint: $panel 0%;
    }
    ChoiceScreen VirtualTable { height: 20; }
    ChoiceScreen Words { color: $kwatch-muted; width: 100%; text-align: right; }
    ChoiceScreen Words.-notice { color: $kwatch-stale; height: auto; text-align: left; padding: 0 1 1 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False, id="choice.cancel"),
        Binding("up", "move(-1)", show=False, priority=True, id="choice.up"),
        Binding("down", "move(1)", show=False, priority=True, id="choice.down"),
        Binding("pageup", "page(-1)", show=False, priority=True, id="choice.page-up"),
        Binding("pagedown", "page(1)", show=False, priority=True, id="choice.page-down"),
        Binding("space", "mark", show=False, priority=True, id="choice.mark"),
    ]

    def __init__(
        self,
        title: str,
        choices: Callable[[], Sequence[Choice]],
        palette: Palette,
        *,
        preview: Callable[[str], None] | None = None,
        empty: str = "Nothing matches.",
        notice: Callable[[], str] = str,
        typed: Callable[[str], Choice | None] = lambda text: None,
        several: Callable[[tuple[str, ...]], None] | None = None,
    ) -> None:
        marking = "Space mark  " if several is not None else ""
        super().__init__(title, f"↵ choose  {marking}Esc cancel  ↑ ↓ move")
        self._choices = choices
        self._preview = preview
        self._empty = empty
        self._notice = notice
        self._typed = typed
        self._several = several
        self._told = Words()
        self._told.add_class("-notice")
        self._shown: tuple[Choice, ...] = ()
        self._input = _Narrowing(placeholder="type to narrow", compact=True)
        self._input.takes_space = several is None
        self._table = VirtualTable(
            ListedRows(_HEADINGS, ()), palette, headless=True, markable=several is not None, one_click=True
        )
        self._amount = Words()
        self._is_shown = False

    def compose(self) -> ComposeResult:
        with self.frame:
            yield self._input
            yield self._told
            yield self._table
            yield self._amount

    def on_mount(self) -> None:
        """Everything, with the cursor on what is in force."""
        self._table.can_focus = False
        self._input.focus()
        self.tick(0.0)

    def tick(self, now: float) -> None:
        """What there is to choose may still be coming."""
        notice = self._notice()
        self._told.display = bool(notice)
        self._told.say(notice)
        text = self._input.value.strip()
        words = text.casefold().split()
        choices = self._choices()
        shown = tuple(
            choice for choice in choices if all(word in f"{choice.text} {choice.note}".casefold() for word in words)
        )
        own = self._typed(text) if text and all(choice.id != text for choice in choices) else None
        if own is not None:
            shown = (*shown, own)
        if shown != self._shown or not self._is_shown:
            self._is_shown = True
            self._shown = shown
            self._show()

    def on_input_changed(self, message: Input.Changed) -> None:
        self._table.cursor.reset()
        self._is_shown = False
        self.tick(0.0)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        self._choose(self._table.cursor_key)

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        """A click on a row: it is chosen, or is one more among those that are marked."""
        if self._table.marks:
            self._table.action_mark()
        else:
            self._choose(message.key)

    def on_virtual_table_marks_changed(self, message: VirtualTable.MarksChanged) -> None:
        self._say_amount()

    def _choose(self, key: str | None) -> None:
        marks = self._table.marks
        if self._several is None or not marks:
            self.dismiss(key)
            return
        chosen = [choice.id for choice in self._choices() if choice.id in marks]
        self.dismiss(None)
        self._several((*chosen, *sorted(marks.difference(chosen))))

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        if self._preview is not None and message.key is not None:
            self._preview(message.key)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing can be marked, Space is typed."""
        return super().check_action(action, parameters) if action != "mark" else self._several is not None

    def action_mark(self) -> None:
        self._table.action_mark()

    def action_move(self, by: int) -> None:
        self._table.action_move(by)

    def action_page(self, by: int) -> None:
        self._table.action_page(by)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def _show(self) -> None:
        rows = [
            ListedRow(
                choice.id,
                (Cell(choice.text), Cell(choice.note)),
                Look("*" if choice.current else " "),
            )
            for choice in self._shown
        ]
        table = self._table
        table.show(ListedRows(_HEADINGS, rows), keep_cursor=True)
        table.set_empty((self._empty,))
        current = next((choice.id for choice in self._shown if choice.current), None)
        if current is not None and not self._input.value and not table.cursor.pinned:
            table.move_cursor_to(current)
        table.styles.height = max(1, min(len(rows), max(5, self.app.size.height * 8 // 10 - 6)))
        self._say_amount()

    def _say_amount(self) -> None:
        marks = len(self._table.marks)
        self._amount.say(f"{marks:,} marked of {len(self._shown):,}" if marks else f"{len(self._shown):,}")

"""A list to choose from, narrowed by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from kwatch.base.printable import printable
from kwatch.tui.kit.table.rows import Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.tui.palette import Palette
from kwatch.tui.printing import Words


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


class ChoiceScreen(KwatchScreen[str | None]):
    """Dismissed with the chosen id, or None. `preview` is called as the cursor moves; `notice` says what is to be known
    of the list; `typed` makes a choice of what was typed, where that is not among the others.
    """

    help_title = "a list to choose from"

    DEFAULT_CSS = """
    ChoiceScreen { align: center middle; background: $background 60%; }
    ChoiceScreen:ansi { background: transparent; }
    ChoiceScreen > Vertical {
        width: 80%; max-width: 100; height: auto; max-height: 80%;
        background: $background; border: round $primary; border-title-color: $primary; border-title-style: bold;
        padding: 0 1;
    }
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
        Binding("ctrl+c", "quit", show=False, priority=True, id="choice.quit"),
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
    ) -> None:
        super().__init__()
        self._heading = title
        self._choices = choices
        self._preview = preview
        self._empty = empty
        self._notice = notice
        self._typed = typed
        self._told = Words()
        self._told.add_class("-notice")
        self._shown: tuple[Choice, ...] = ()
        self._input = Input(placeholder="type to narrow", compact=True)
        self._table = VirtualTable(ListedRows(_HEADINGS, ()), palette, headless=True, markable=False)
        self._amount = Words()
        self._is_shown = False

    @property
    def is_modal(self) -> bool:
        """The screen below is seen around it, and its keys rest."""
        return True

    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = Content(printable(self._heading))
            frame.border_subtitle = Content("↵ choose  Esc cancel  ↑ ↓ move")
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
        self.dismiss(self._table.cursor_key)

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        self.dismiss(message.key)

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        if self._preview is not None and message.key is not None:
            self._preview(message.key)

    def action_move(self, by: int) -> None:
        self._table.action_move(by)

    def action_page(self, by: int) -> None:
        self._table.action_page(by)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_quit(self) -> None:
        """Leave, as everywhere, unless text is selected: the input would copy what is selected in it."""
        if not self.copy_selection():
            self.app.exit(0)

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
        self._amount.say(f"{len(rows):,}")

"""The commands of kubectl for what is on screen: the first is copied at once, Enter copies another one. None is run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.tui.framed_screen import FramedScreen
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.bar import Words
from kwatch.tui.kubectl_of import commands_of
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.view.kubectl import CHANGES, KubectlCommand

if TYPE_CHECKING:
    from kwatch.tui.palette import Palette

NOTHING = "kubectl has no command for this."
_HEADINGS = (
    Heading("what", "", frozen=True, max_width=36),
    Heading("text", "", max_width=400, quiet=True),
)


class KubectlScreen(FramedScreen[None]):
    """The whole command under the cursor stands below the list, with what it does not do."""

    help_title = "the commands of kubectl"

    DEFAULT_CSS = """
    KubectlScreen > Vertical { width: 90%; max-width: 140; max-height: 90%; }
    KubectlScreen Words { width: 100%; height: auto; margin: 1 0 0 0; }
    KubectlScreen Words.-lacks { color: $kwatch-muted; margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,K", "close", show=False, id="kubectl.close"),
        Binding("enter,c", "copy", show=False, id="kubectl.copy"),
    ]

    def __init__(self, commands: Sequence[KubectlCommand], palette: Palette, first: int = 0) -> None:
        super().__init__("kubectl: copied", "↵ copy  Esc close  ↑ ↓ move")
        self._commands = commands
        self._first = first
        rows = [
            ListedRow(
                str(place), (Cell(each.what), Cell(each.text)), Look("!", Level.WARNING) if each.changes else PLAIN
            )
            for place, each in enumerate(commands)
        ]
        self._table = VirtualTable(ListedRows(_HEADINGS, rows), palette, headless=True, markable=False)
        self._whole, self._lacks = Words(), Words()
        self._lacks.add_class("-lacks")

    def compose(self) -> ComposeResult:
        with self.frame:
            yield self._table
            yield self._whole
            yield self._lacks

    def on_mount(self) -> None:
        self._table.styles.height = max(1, min(len(self._commands), max(3, self.app.size.height * 9 // 10 - 9)))
        self._table.focus()
        self._table.move_cursor_to(str(self._first))
        self.app.copy_to_clipboard(self._commands[self._first].text)
        self._tell(self._first)

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        if message.key is not None:
            self._tell(int(message.key))

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        self.action_copy()

    def action_copy(self) -> None:
        """The one under the cursor, and back."""
        key = self._table.cursor_key
        if key is not None:
            command = self._commands[int(key)]
            self.app.copy_to_clipboard(command.text)
            self.notify(f"Copied: {command.text}", markup=False, timeout=3)
        self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)

    def _tell(self, place: int) -> None:
        """The command in full, and what is to be known of it."""
        command = self._commands[place]
        self._whole.say(printable(command.text))
        about = [f"! It {CHANGES}; kwatch never runs it."] if command.changes else []
        lacks = "\n".join(printable(each) for each in (*about, *command.lacks))
        self._lacks.display = bool(lacks)
        self._lacks.say(lacks)


def open_kubectl(screen: KwatchScreen[Any]) -> None:
    """Of the screen on top; with the cursor on what the key before was for, if that would change something."""
    app = screen.kwatch
    commands = commands_of(screen)
    if not commands:
        screen.notify(NOTHING, markup=False, timeout=4)
        return
    places = {each.id: place for place, each in reversed([*enumerate(commands)])}
    first = next((places[each] for each in app.wish_before if each in places), 0)
    app.push_screen(KubectlScreen(commands, screen.palette, first))

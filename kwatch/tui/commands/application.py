"""What works on every screen."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.exporting import EXPORTING
from kwatch.tui.commands.lists import LISTS
from kwatch.tui.commands.problems import Problems


class Quit(Command[Screen[Any]]):
    """Leave; the terminal is restored before anything else ends."""

    id = "app.quit"
    keys = "q,ctrl+c"
    title = "Quit"
    footer = "quit"
    words = ("q", "quit", "exit")

    def run(self, screen: Screen[Any]) -> None:
        """Ctrl-C copies first, if text is selected."""
        selected = screen.get_selected_text()
        if selected:
            screen.app.copy_to_clipboard(selected)
            screen.clear_selection()
            return
        screen.app.exit(0)


APPLICATION_COMMANDS: tuple[type[Command[Any]], ...] = (*LISTS, Problems, *EXPORTING, Quit)

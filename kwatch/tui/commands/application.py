"""What works on every screen."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.exporting import EXPORTING
from kwatch.tui.commands.lists import LISTS
from kwatch.tui.commands.problems import Problems
from kwatch.tui.screens.kwatch_screen import KwatchScreen


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


class Repaint(Command[KwatchScreen[Any]]):
    """Ctrl-L."""

    id = "app.repaint"
    keys = "ctrl+l"
    title = "Draw the screen from scratch"
    words = ("redraw",)
    priority = True

    def run(self, screen: KwatchScreen[Any]) -> None:
        """As everywhere: when another program has written over it."""
        screen.kwatch.repaint()


APPLICATION_COMMANDS: tuple[type[Command[Any]], ...] = (*LISTS, Problems, *EXPORTING, Repaint, Quit)

"""What works on every screen."""

from __future__ import annotations

from typing import Any

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.exporting import EXPORTING
from kwatch.tui.commands.lists import LISTS
from kwatch.tui.commands.problems import Problems
from kwatch.tui.screens.kwatch_screen import KwatchScreen


class CopySelection(Command[KwatchScreen[Any]]):
    """`c`, where it means nothing else; Ctrl-C does it too, before it quits."""

    id = "copy-selection"
    keys = "c"
    title = "Copy the text that the mouse selected"
    footer = "copy selection"

    def available(self, screen: KwatchScreen[Any]) -> bool:
        """Only when there is some."""
        return screen.has_selection

    def run(self, screen: KwatchScreen[Any]) -> None:
        """Once: the selection is forgotten then."""
        screen.copy_selection()


class Quit(Command[KwatchScreen[Any]]):
    """Leave; the terminal is restored before anything else ends."""

    id = "app.quit"
    keys = "q,ctrl+c"
    title = "Quit"
    footer = "quit"
    words = ("q", "quit", "exit")

    def run(self, screen: KwatchScreen[Any]) -> None:
        """With exit code 0."""
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


APPLICATION_COMMANDS: tuple[type[Command[Any]], ...] = (*LISTS, Problems, *EXPORTING, CopySelection, Repaint, Quit)

"""Leaving a screen that stands before the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command
from kwatch.tui.trail import CLEAR_FILTER

if TYPE_CHECKING:
    from kwatch.tui.screens.kwatch_screen import KwatchScreen


class Close(Command["KwatchScreen[Any]"]):
    """Escape."""

    id = "screen.close"
    keys = "escape"
    title = "Back"
    footer = "back"

    def run(self, screen: KwatchScreen[Any]) -> None:
        """Leave."""
        screen.leave()


class ClearOrClose(Close):
    """Escape where something can be filtered. Each screen has an id of its own."""

    title = "Clear the filter, then back"

    def footer_on(self, screen: KwatchScreen[Any]) -> str:
        """What it does now."""
        return CLEAR_FILTER if screen.is_filtered else self.footer

    def run(self, screen: KwatchScreen[Any]) -> None:
        """One thing at a time."""
        if screen.is_filtered:
            screen.clear_filter()
            screen.show_hints()
        else:
            screen.leave()


CLOSING: tuple[type[Command[Any]], ...] = (Close,)

"""Leaving a screen that only shows something."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from kwatch.tui.commands.command import Command


class Close(Command[Screen[Any]]):
    """Escape."""

    id = "screen.close"
    keys = "escape"
    title = "Back"
    footer = "back"

    def run(self, screen: Screen[Any]) -> None:
        """Leave."""
        screen.dismiss()


CLOSING: tuple[type[Command[Any]], ...] = (Close,)

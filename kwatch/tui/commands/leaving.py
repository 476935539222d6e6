"""`:` on the screens that stand before the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.widgets import Input

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.kwatch_screen import KwatchScreen


class LeaveFor(Command["KwatchScreen[Any]"]):
    """`:`, as on the table."""

    id = "screen.command-line"
    keys = "colon"
    title = "Type a command: a resource, ns, ctx, theme, q"
    footer = "command"
    rank = 9
    priority = True  # taken before the next key is looked at, so that a burst of keys is typed into the line

    def available(self, screen: KwatchScreen[Any]) -> bool:
        """Not while something is typed, where the sign is a letter like others."""
        return not isinstance(screen.focused, Input)

    def run(self, screen: KwatchScreen[Any]) -> None:
        """Open the command line."""
        from kwatch.tui.screens.leaving_line import LeavingLine

        screen.query_one(LeavingLine).open()


LEAVING: tuple[type[Command[Any]], ...] = (LeaveFor,)

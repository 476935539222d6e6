"""What can be done with the versions of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.object_screen import ObjectScreen


class CompareVersions(Command["ObjectScreen"]):
    """Enter."""

    id = "history.compare"
    keys = "enter"
    title = "Side by side: the two marked versions, or this one and the one before"
    footer = "side by side"
    group = "History"

    def available(self, screen: ObjectScreen) -> bool:
        """Only on the history."""
        return screen.active == "history"

    def run(self, screen: ObjectScreen) -> None:
        """Open the diff."""
        screen.compare_versions()


HISTORY: tuple[type[Command[Any]], ...] = (CompareVersions,)

"""What can be done while two versions stand side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.closing import Close
from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.diff_screen import DiffScreen


class CloseDiff(Close):
    """Escape."""

    id = "diff.close"
    title = "Back to the list"


class Older(Command["DiffScreen"]):
    """Left."""

    id = "diff.older"
    keys = "left"
    title = "The version before"
    footer = "older"
    group = "History"
    priority = True

    def run(self, screen: DiffScreen) -> None:
        """One step into the past."""
        screen.step(1)


class Newer(Command["DiffScreen"]):
    """Right."""

    id = "diff.newer"
    keys = "right"
    title = "The version after"
    footer = "newer"
    group = "History"
    priority = True

    def run(self, screen: DiffScreen) -> None:
        """One step towards now."""
        screen.step(-1)


class Everything(Command["DiffScreen"]):
    """`a`."""

    id = "diff.everything"
    keys = "a"
    title = "The whole object, or only what changed"
    footer = "all lines"
    group = "History"
    needs = "All lines are shown: there is nothing to compare them with."

    def available(self, screen: DiffScreen) -> bool:
        """Whether there is more than changes, or less."""
        return not screen.alone

    def footer_on(self, screen: DiffScreen) -> str:
        """What it does now."""
        return "only changes" if screen.everything else self.footer

    def run(self, screen: DiffScreen) -> None:
        """Turn it around."""
        screen.toggle_everything()


DIFF_SCREEN: tuple[type[Command[Any]], ...] = (CloseDiff, Older, Newer, Everything)

"""The shape of a command that is of one tab of the object screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.object_screen import ObjectScreen


class TabCommand(Command["ObjectScreen"]):
    """`on` is what the tab is called."""

    on: ClassVar[str]

    def available(self, screen: ObjectScreen) -> bool:
        """Only while the tab is on top."""
        return screen.on_top is not None and screen.active == self.on

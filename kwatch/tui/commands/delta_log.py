"""What can be done in the delta log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.closing import ClearOrClose
from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.delta_log_screen import DeltaLogScreen


class CloseLog(ClearOrClose):
    """Escape."""

    id = "log.close"


class Pause(Command["DeltaLogScreen"]):
    """Space."""

    id = "log.pause"
    keys = "space"
    title = "Pause, or go on at the end"
    footer = "pause"
    group = "Delta log"

    def footer_on(self, screen: DeltaLogScreen) -> str:
        """What it does now."""
        return "go on" if screen.paused else self.footer

    def run(self, screen: DeltaLogScreen) -> None:
        """Turn it around."""
        screen.toggle_pause()


class FilterLog(Command["DeltaLogScreen"]):
    """`/`."""

    id = "log.filter"
    keys = "slash"
    title = "Filter the deltas by words in resource, name, type, who or changes"
    footer = "filter"
    group = "Delta log"

    def run(self, screen: DeltaLogScreen) -> None:
        """Open the filter bar."""
        screen.open_filter()


class OpenDelta(Command["DeltaLogScreen"]):
    """Enter."""

    id = "log.open"
    keys = "enter"
    title = "The history of the delta's object"
    footer = "history"
    group = "Delta log"

    def run(self, screen: DeltaLogScreen) -> None:
        """Open it."""
        screen.open_object()


DELTA_LOG: tuple[type[Command[Any]], ...] = (CloseLog, OpenDelta, Pause, FilterLog)

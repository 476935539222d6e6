"""What can be done on the object screen: its tabs' commands, each in its own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.containers import CONTAINERS
from kwatch.tui.commands.history import HISTORY
from kwatch.tui.commands.logs import LOGS
from kwatch.tui.commands.related import RELATED
from kwatch.tui.commands.tabs import TAB_STEPS, TABS
from kwatch.tui.commands.texts import TEXTS
from kwatch.tui.commands.timeline import TIMELINE
from kwatch.tui.commands.yaml import YAML

if TYPE_CHECKING:
    from kwatch.tui.screens.object_screen import ObjectScreen


class Close(Command["ObjectScreen"]):
    """Escape."""

    id = "object.close"
    keys = "escape"
    title = "Clear the filter, then back"
    footer = "back"

    def run(self, screen: ObjectScreen) -> None:
        """One thing at a time."""
        screen.back()


OBJECT_SCREEN: tuple[type[Command[Any]], ...] = (
    Close,
    *HISTORY,
    *TIMELINE,
    *RELATED,
    *CONTAINERS,
    *TABS,
    *TEXTS,
    *YAML,
    *LOGS,
    *TAB_STEPS,
)

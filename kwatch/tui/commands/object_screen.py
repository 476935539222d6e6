"""What can be done on the object screen: its tabs' commands, each in its own file."""

from __future__ import annotations

from typing import Any

from kwatch.tui.commands.closing import ClearOrClose
from kwatch.tui.commands.command import Command
from kwatch.tui.commands.containers import CONTAINERS
from kwatch.tui.commands.history import HISTORY
from kwatch.tui.commands.logs import LOGS
from kwatch.tui.commands.related import RELATED
from kwatch.tui.commands.tabs import TAB_STEPS, TABS
from kwatch.tui.commands.texts import TEXTS
from kwatch.tui.commands.timeline import TIMELINE
from kwatch.tui.commands.yaml import YAML


class CloseObject(ClearOrClose):
    """Escape."""

    id = "object.close"


OBJECT_SCREEN: tuple[type[Command[Any]], ...] = (
    CloseObject,
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

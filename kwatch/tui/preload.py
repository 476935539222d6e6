"""Modules that the first keys need, imported in quiet moments: once the first list is there, in a thread, one by one,
and none while somebody is at the keys.

The start imports what the first table needs and no more. The object's screen with its tabs, and the other screens, take
some 100 ms together; a key that comes before they are there imports what it needs itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module

from kwatch.tui.features.object.tabs import TABS
from kwatch.tui.navigation import SCREENS

_PAUSE = 0.005
"""Seconds between two modules, for the other threads."""
_LOOK = 0.1
"""Seconds between looks at whether it is quiet again."""
MODULES = (
    "kwatch.tui.features.table.drill_down",
    *(tab.module for tab in TABS),
    "kwatch.history.timeline",
    *(screen.partition(":")[0] for screen in SCREENS.values()),
    "kwatch.tui.features.problems.problems_screen",
    "kwatch.tui.features.choice_screen",
    "kwatch.tui.features.help_screen",
)


def preload(stopped: threading.Event, is_busy: Callable[[], bool]) -> None:
    """Import them, each when it is not busy; end early when stopped."""
    for module in MODULES:
        if stopped.wait(_PAUSE):
            return
        while is_busy():
            if stopped.wait(_LOOK):
                return
        import_module(module)

"""Modules that the first keys need, imported in a quiet moment: once the first list is there, in a thread, one by one.

The start imports what the first table needs and no more. The object's screen with its tabs, and the other screens, take
some 100 ms together; a key that comes before they are there imports what it needs itself.
"""

from __future__ import annotations

import threading
from importlib import import_module

from kwatch.tui.features.object.tabs import TABS
from kwatch.tui.navigation import SCREENS

_PAUSE = 0.005
"""Seconds between two modules, for the other threads."""
MODULES = (
    "kwatch.tui.features.table.drill_down",
    *(tab.module for tab in TABS),
    "kwatch.history.timeline",
    *(screen.partition(":")[0] for screen in SCREENS.values()),
    "kwatch.tui.features.problems.problems_screen",
    "kwatch.tui.features.choice_screen",
    "kwatch.tui.features.help_screen",
)


def preload(stopped: threading.Event) -> None:
    """Import them; end early when stopped."""
    for module in MODULES:
        if stopped.wait(_PAUSE):
            return
        import_module(module)

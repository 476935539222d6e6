"""Every command there is, for checking a key map; importing this imports them all."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from textual.binding import Binding

from kwatch.tui.commands.application import APPLICATION_COMMANDS
from kwatch.tui.commands.baseline import BASELINE
from kwatch.tui.commands.changes import CHANGES
from kwatch.tui.commands.closing import CLOSING
from kwatch.tui.commands.command import Command
from kwatch.tui.commands.delta_log import DELTA_LOG
from kwatch.tui.commands.diff_screen import DIFF_SCREEN
from kwatch.tui.commands.exploring import EXPLORING
from kwatch.tui.commands.going import GOING
from kwatch.tui.commands.leaving import LEAVING
from kwatch.tui.commands.narrowing import NARROWING
from kwatch.tui.commands.object_screen import OBJECT_SCREEN
from kwatch.tui.commands.objects import OBJECTS
from kwatch.tui.commands.problems import PROBLEMS
from kwatch.tui.commands.sorting import SORTING
from kwatch.tui.commands.time_travel import TIME_TRAVEL
from kwatch.tui.commands.views import VIEWS
from kwatch.tui.features.explorer.explorer_panel import NarrowingInput
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.text_view import TextView

COMMANDS: tuple[type[Command[Any]], ...] = (
    *OBJECTS,
    *PROBLEMS,
    *NARROWING,
    *EXPLORING,
    *SORTING,
    *GOING,
    *TIME_TRAVEL,
    *VIEWS,
    *OBJECT_SCREEN,
    *DIFF_SCREEN,
    *DELTA_LOG,
    *BASELINE,
    *CHANGES,
    *CLOSING,
    *LEAVING,
    *APPLICATION_COMMANDS,
)


def binding_ids() -> frozenset[str]:
    """Everything that a key map may name."""
    widgets = (VirtualTable, TextView, NarrowingInput)
    moving = (each.id for kind in widgets for each in kind.BINDINGS if isinstance(each, Binding))
    return frozenset([*(command.id for command in COMMANDS), *(name for name in moving if name)])


def unknown_bindings(key_map: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each name in a key map that nothing has."""
    known = binding_ids()
    sentences = []
    for name in key_map:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            sentences.append(f"keys: there is nothing called {name!r}{hint}")
    return tuple(sentences)

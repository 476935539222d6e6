"""Every command there is, and what a key map may name."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from textual.binding import Binding

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.everywhere import APPLICATION_COMMANDS
from kwatch.tui.commands.lists import (
    CHANGES_COMMANDS,
    DELTA_LOG_COMMANDS,
    DIFF_COMMANDS,
    INFORMERS_COMMANDS,
    PROBLEMS_COMMANDS,
)
from kwatch.tui.commands.object_commands import LOGS_SCREEN_COMMANDS, OBJECT_COMMANDS
from kwatch.tui.commands.table_commands import TABLE_COMMANDS

COMMANDS: tuple[Command, ...] = tuple(
    dict.fromkeys(
        (
            *TABLE_COMMANDS,
            *PROBLEMS_COMMANDS,
            *OBJECT_COMMANDS,
            *DIFF_COMMANDS,
            *DELTA_LOG_COMMANDS,
            *CHANGES_COMMANDS,
            *INFORMERS_COMMANDS,
            *LOGS_SCREEN_COMMANDS,
            *APPLICATION_COMMANDS,
        )
    )
)
"""Every command there is."""


def binding_ids() -> frozenset[str]:
    """Everything that a key map may name."""
    from kwatch.tui.features.explorer.explorer_panel import NarrowingInput
    from kwatch.tui.kit.table.virtual_table import VirtualTable
    from kwatch.tui.kit.text.text_view import TextView

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

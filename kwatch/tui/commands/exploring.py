"""Looking at the values that objects have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.table_screen import TableScreen


class Explore(Command["TableScreen"]):
    """`i`."""

    id = "explore"
    keys = "i"
    title = "Indexes: values with counts, to filter by"
    footer = "indexes"
    group = "Narrowing"
    words = ("indexes", "indices", "facets")

    def run(self, screen: TableScreen) -> None:
        """Open the explorer at the side."""
        screen.open_explorer()


EXPLORING: tuple[type[Command[TableScreen]], ...] = (Explore,)

"""Ordering the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.table_screen import TableScreen


class _SortBy(Command["TableScreen"]):
    needs = "There is no such column to sort by; Shift-← and Shift-→ choose one."
    column: str
    group = "Sorting"

    def available(self, screen: TableScreen) -> bool:
        """Whether there is such a column."""
        return screen.has_column(self.column)

    def run(self, screen: TableScreen) -> None:
        """Sort, or turn the order around if it is sorted so already."""
        screen.sort_by(self.column)


class SortByName(_SortBy):
    """Shift-N."""

    id = "sort.name"
    keys = "N"
    title = "Sort by name"
    column = "name"


class SortByAge(_SortBy):
    """Shift-A."""

    id = "sort.age"
    keys = "A"
    title = "Sort by age"
    column = "age"


class SortByStatus(_SortBy):
    """Shift-S."""

    id = "sort.status"
    keys = "S"
    title = "Sort by status"
    column = "status"


class SortByLastChange(_SortBy):
    """Shift-U."""

    id = "sort.changed"
    keys = "U"
    title = "Sort by last change: what was updated just now first"
    column = "changed"


class _PickColumn(Command["TableScreen"]):
    group = "Sorting"
    step: int

    def available(self, screen: TableScreen) -> bool:
        """Whether there are columns to pick from."""
        return bool(screen.table.rows.headings)

    def run(self, screen: TableScreen) -> None:
        """Underline the next column."""
        screen.table.pick_column(self.step)


class PickColumnLeft(_PickColumn):
    """Shift-Left."""

    id = "sort.pick-left"
    keys = "shift+left"
    title = "Choose the sort column to the left"
    step = -1


class PickColumnRight(_PickColumn):
    """Shift-Right."""

    id = "sort.pick-right"
    keys = "shift+right"
    title = "Choose the sort column to the right"
    step = 1


class SortByPicked(Command["TableScreen"]):
    """Shift-O."""

    id = "sort.picked"
    keys = "O"
    title = "Sort by the chosen column, again to reverse"
    group = "Sorting"

    def run(self, screen: TableScreen) -> None:
        """The underlined column, or the one that orders already."""
        headings = screen.table.rows.headings
        picked = screen.table.chosen_column
        if picked is not None:
            screen.sort_by(headings[picked].id)
        elif screen.table.rows.sorted_by is not None:
            screen.sort_by(screen.table.rows.sorted_by[0])


SORTING: tuple[type[Command[TableScreen]], ...] = (
    SortByName,
    SortByAge,
    SortByStatus,
    SortByLastChange,
    PickColumnLeft,
    PickColumnRight,
    SortByPicked,
)

"""Groups of changes are folded and unfolded as in any tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.screens.kwatch_screen import KwatchScreen

if TYPE_CHECKING:
    from kwatch.tui.features.changes.change_list import Line
    from kwatch.tui.screens.baseline_screen import BaselineScreen


class Folding(KwatchScreen[None]):
    """Part of the baseline screen."""

    @property
    def line(self) -> Line | None:
        """The line under the cursor."""
        screen = self._folder
        return screen.rows.line(screen.table.cursor_key)

    def toggle_group(self) -> None:
        """Fold or unfold the group that the cursor is in."""
        line, screen = self.line, self._folder
        if line is not None and line.group:
            screen.table.move_cursor_to(line.group)
            screen.wish_for(screen.wish.toggled(line.group))

    def go_out(self) -> None:
        """From an object to its heading; from there, fold."""
        line = self.line
        if line is None or not line.group:
            return
        if line.difference is not None:
            self._folder.table.move_cursor_to(line.group)
        elif line.is_open:
            self.toggle_group()

    def go_in(self) -> None:
        """Unfold a heading; from there, to the first object."""
        line = self.line
        if line is None or line.difference is not None:
            return
        if line.is_open:
            self._folder.table.action_move(1)
        else:
            self.toggle_group()

    @property
    def _folder(self) -> BaselineScreen:
        from kwatch.tui.screens.baseline_screen import BaselineScreen

        assert isinstance(self, BaselineScreen)
        return self

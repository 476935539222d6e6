"""The index explorer of the table screen. It is imported when it is first asked for: the first screen needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

if TYPE_CHECKING:
    from kwatch.tui.explorer.explorer_panel import ExplorerPanel
    from kwatch.tui.screens.table_screen import TableScreen

BESIDE = "beside"
"""The id of the container that holds the table and what is shown beside it."""


class Exploring(Widget):
    """Part of the table screen."""

    explorer: ExplorerPanel | None = None
    """The facets at the side, once they were asked for."""

    async def open_explorer(self) -> None:
        """Show the facets, or go to them if they are there already."""
        from kwatch.tui.explorer.explorer_panel import ExplorerPanel

        if self.explorer is None:
            self.explorer = ExplorerPanel(self._screen_of_table.palette)
            await self.query_one(f"#{BESIDE}").mount(self.explorer)
        self.explorer.open()

    def follow_in_explorer(self, now: float) -> None:
        """Let the facets follow the table."""
        if self.explorer is not None and self.explorer.is_mounted:
            self.explorer.tick(self._screen_of_table.live, now)

    def on_explorer_panel_filtered(self, message: ExplorerPanel.Filtered) -> None:
        """A value was chosen."""
        self._screen_of_table.use_filter(message.text)

    def on_explorer_panel_closed(self, message: ExplorerPanel.Closed) -> None:
        """Back to the rows."""
        self._screen_of_table.table.focus()

    @property
    def _screen_of_table(self) -> TableScreen:
        from kwatch.tui.screens.table_screen import TableScreen

        assert isinstance(self, TableScreen)
        return self

"""The index explorer of the table screen. It is imported when it is first asked for: the first screen needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.kit.widgets.footer import Footer, Hint
from kwatch.tui.screens.kwatch_screen import KwatchScreen

if TYPE_CHECKING:
    from kwatch.tui.features.explorer.explorer_panel import ExplorerPanel
    from kwatch.tui.screens.table_screen import TableScreen

BESIDE = "beside"
"""The id of the container that holds the table and what is shown beside it."""
_PREFIX = "explorer."
_TOLD = {"explorer.close": "escape"}


class Exploring(KwatchScreen[None]):
    """Part of the table screen."""

    explorer: ExplorerPanel | None = None
    """The facets at the side, once they were asked for."""

    def open_explorer(self) -> None:
        """Show the facets, or go to them if they are there already."""
        from kwatch.tui.features.explorer.explorer_panel import ExplorerPanel

        if self.explorer is None:
            self.explorer = ExplorerPanel(self._screen_of_table.palette)
            self.query_one(f"#{BESIDE}").mount(self.explorer)
        self.explorer.open()

    def own_hints(self) -> tuple[Hint, ...]:
        """While the explorer has the focus, its own keys."""
        screen = self._screen_of_table
        if self.explorer is None or not self.explorer.input.has_focus:
            return super().own_hints()
        from kwatch.tui.features.explorer.explorer_panel import explorer_hints

        return explorer_hints(screen.kwatch.keys_in_force, typed=bool(self.explorer.input.value))

    def hints_everywhere(self) -> tuple[Hint, ...]:
        """Not while the explorer has the focus: letters are typed into it."""
        is_typed_into = self.explorer is not None and self.explorer.input.has_focus
        return () if is_typed_into else super().hints_everywhere()

    def on_input_changed(self) -> None:
        """What is typed into the explorer comes to know other keys."""
        self._screen_of_table.show_hints()

    def on_descendant_blur(self) -> None:
        """Other keys matter."""
        self._screen_of_table.show_hints()

    def on_footer_clicked(self, message: Footer.Clicked) -> None:
        """A clicked hint of the explorer does what its key does."""
        if self.explorer is None or not message.action.startswith(_PREFIX):
            return
        if message.action == f"{_PREFIX}table":
            self._screen_of_table.table.focus()
        else:
            self.explorer.input.action_tell(_TOLD.get(message.action, message.action.removeprefix(_PREFIX)))

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

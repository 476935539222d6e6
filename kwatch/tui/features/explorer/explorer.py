"""The index explorer of the table screen. Its panel is imported when it is first asked for: a start needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.kit.widgets.footer import Footer, Hint

if TYPE_CHECKING:
    from kwatch.tui.features.explorer.explorer_panel import ExplorerPanel
    from kwatch.tui.features.table.live_table_screen import LiveTableScreen

BESIDE = "beside"
"""The id of the container that holds the table and what is shown beside it."""
_PREFIX = "explorer."
_TOLD = {"explorer.close": "escape"}


class Explorer:
    """The facets at the side, once they were asked for."""

    def __init__(self, screen: LiveTableScreen) -> None:
        self._screen = screen
        self.panel: ExplorerPanel | None = None

    def open(self) -> None:
        """Show the facets, or go to them if they are there already."""
        from kwatch.tui.features.explorer.explorer_panel import ExplorerPanel

        if self.panel is None:
            self.panel = ExplorerPanel(self._screen.palette)
            self._screen.query_one(f"#{BESIDE}").mount(self.panel)
        self.panel.open()

    @property
    def is_open(self) -> bool:
        return self.panel is not None and self.panel.is_open

    @property
    def has_focus(self) -> bool:
        """Whether keys are typed into it."""
        return self.panel is not None and self.panel.input.has_focus

    def hints(self) -> tuple[Hint, ...]:
        """Its own keys, while it has the focus."""
        from kwatch.tui.features.explorer.explorer_panel import explorer_hints

        assert self.panel is not None
        return explorer_hints(self._screen.kwatch.keys_in_force, typed=bool(self.panel.input.value))

    def hint_clicked(self, message: Footer.Clicked) -> None:
        """A clicked hint of the explorer does what its key does."""
        if self.panel is None or not message.action.startswith(_PREFIX):
            return
        if message.action == f"{_PREFIX}table":
            self._screen.table.focus()
        else:
            self.panel.input.action_tell(_TOLD.get(message.action, message.action.removeprefix(_PREFIX)))

    def tick(self, now: float) -> None:
        """Let the facets follow the table."""
        if self.panel is not None and self.panel.is_mounted:
            self.panel.tick(self._screen.live, now)

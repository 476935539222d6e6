"""What can be done with a container's log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.tab_command import TabCommand

if TYPE_CHECKING:
    from kwatch.tui.features.object.logs_tab import LogsTab
    from kwatch.tui.screens.object_screen import ObjectScreen


class _OnLogs(TabCommand):
    group = "Logs"
    on = "logs"
    needs = "That is for logs: l shows them."

    def tab(self, screen: ObjectScreen) -> LogsTab:
        """The logs."""
        from kwatch.tui.features.object.logs_tab import LogsTab

        return screen.tab_of(LogsTab)


class Follow(_OnLogs):
    """`f`."""

    id = "logs.follow"
    keys = "f"
    title = "Follow the log, or stay"
    footer = "follow"

    def footer_on(self, screen: ObjectScreen) -> str:
        """What it does now."""
        return "pause" if self.tab(screen).text.following else self.footer

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        self.tab(screen).toggle_follow()


class ChooseContainer(_OnLogs):
    """`o`."""

    id = "logs.container"
    keys = "o"
    title = "Choose the container"
    footer = "container"

    def run(self, screen: ObjectScreen) -> None:
        """From a list, or the only other one."""
        from kwatch.tui.screens.choices import choose_container

        choose_container(screen)


class Previous(_OnLogs):
    """`p`."""

    id = "logs.previous"
    keys = "p"
    title = "The log before the last restart, or the present one"
    footer = "previous"

    def footer_on(self, screen: ObjectScreen) -> str:
        """What it does now."""
        return "present" if self.tab(screen).previous else self.footer

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        self.tab(screen).toggle_previous()


class Timestamps(_OnLogs):
    """`t`."""

    id = "logs.timestamps"
    keys = "t"
    title = "With the node's time, or without"

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        self.tab(screen).toggle_timestamps()


LOGS: tuple[type[Command[Any]], ...] = (Follow, ChooseContainer, Previous, Timestamps)

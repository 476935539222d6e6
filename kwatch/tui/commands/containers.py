"""What can be done with a pod's containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.tab_command import TabCommand

if TYPE_CHECKING:
    from kwatch.tui.screens.object_screen import ObjectScreen


class ShowContainers(Command["ObjectScreen"]):
    """Without a key: tabs are gone through with Tab."""

    id = "tab.containers"
    title = "Containers"
    group = "Tabs"

    def available(self, screen: ObjectScreen) -> bool:
        """Only pods have any."""
        return "containers" in screen.tab_ids

    def run(self, screen: ObjectScreen) -> None:
        """Bring them on top."""
        screen.show_tab("containers")


class ContainerLogs(TabCommand):
    """Enter."""

    id = "containers.logs"
    keys = "enter"
    title = "The log of the container"
    footer = "logs of it"
    group = "Containers"
    on = "containers"

    def run(self, screen: ObjectScreen) -> None:
        """Bring the log on top."""
        from kwatch.tui.features.object.containers_tab import ContainersTab

        name = screen.tab_of(ContainersTab).table.cursor_key
        if name is not None:
            screen.show_logs_of(name)


CONTAINERS: tuple[type[Command[ObjectScreen]], ...] = (ContainerLogs, ShowContainers)

"""What can be done with the versions of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.tab_command import TabCommand

if TYPE_CHECKING:
    from kwatch.tui.features.object.history_tab import HistoryTab
    from kwatch.tui.screens.object_screen import ObjectScreen


class _OnHistory(TabCommand):
    group = "History"
    on = "history"

    def available(self, screen: ObjectScreen) -> bool:
        """Only on the history, and not while something is typed."""
        return super().available(screen) and not screen.is_typing

    def tab(self, screen: ObjectScreen) -> HistoryTab:
        """The history."""
        from kwatch.tui.features.object.history_tab import HistoryTab

        return screen.tab_of(HistoryTab)


class CompareVersions(_OnHistory):
    """Enter."""

    id = "history.compare"
    keys = "enter"
    title = "Side by side: the two marked versions, or this one and the one before"
    footer = "side by side"
    rank = 4

    def run(self, screen: ObjectScreen) -> None:
        """Open the diff."""
        screen.compare_versions()


class MarkVersion(_OnHistory):
    """Space."""

    id = "history.mark"
    keys = "space"
    title = "Mark a version; two marked ones are compared with each other"
    footer = "mark two"
    rank = 4

    def run(self, screen: ObjectScreen) -> None:
        """Or take the mark away."""
        self.tab(screen).table.action_mark()


class OlderVersion(_OnHistory):
    """Left."""

    id = "history.older"
    keys = "left"
    title = "To the version before"
    footer = "older"
    rank = 4
    priority = True

    def run(self, screen: ObjectScreen) -> None:
        """One step into the past."""
        self.tab(screen).move(1)


class NewerVersion(_OnHistory):
    """Right."""

    id = "history.newer"
    keys = "right"
    title = "To the version after"
    footer = "newer"
    rank = 4
    priority = True

    def run(self, screen: ObjectScreen) -> None:
        """One step towards now."""
        self.tab(screen).move(-1)


class JumpToTime(_OnHistory):
    """`t`."""

    id = "history.time"
    keys = "t"
    needs = "There is no time to go to here; the history and the timeline have it."
    title = "To the version that was in force at a time: 14:02, -10m"
    footer = "time"
    rank = 4

    def run(self, screen: ObjectScreen) -> None:
        """Ask when."""
        screen.ask_moment()


HISTORY: tuple[type[Command[Any]], ...] = (CompareVersions, MarkVersion, JumpToTime, OlderVersion, NewerVersion)

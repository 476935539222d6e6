"""Going from tab to tab of the object screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.object_screen import ObjectScreen


class _ShowTab(Command["ObjectScreen"]):
    group = "Tabs"
    tab: str

    def available(self, screen: ObjectScreen) -> bool:
        """Whether the object has it, and the tab on top means nothing else by the key."""
        return self.tab in screen.tab_ids and (self.tab, screen.active) != ("history", "timeline")

    def run(self, screen: ObjectScreen) -> None:
        """Bring it on top."""
        screen.show_tab(self.tab)


def _tab(name: str, key: str, meaning: str) -> type[Command[ObjectScreen]]:
    class ShowTab(_ShowTab):
        """One of the tabs' keys."""

        id = f"tab.{name}"
        keys = key
        title = meaning
        footer = name
        tab = name
        needs = f"It has no {name}."

    ShowTab.__name__ = f"Show{name.title()}"
    return ShowTab


class _Step(Command["ObjectScreen"]):
    group = "Tabs"
    by: int

    def run(self, screen: ObjectScreen) -> None:
        """Round and round."""
        screen.next_tab(self.by)


class NextTab(_Step):
    """Tab."""

    id = "tab.next"
    keys = "tab"
    title = "Next tab"
    by = 1


class PreviousTab(_Step):
    """Shift-Tab."""

    id = "tab.previous"
    keys = "shift+tab"
    title = "Previous tab"
    by = -1


TABS: tuple[type[Command[Any]], ...] = (
    _tab("overview", "d", "Overview"),
    _tab("yaml", "y", "YAML"),
    _tab("history", "v", "History"),
    _tab("timeline", "T", "Timeline: its changes among those of owners, children, node, and Events"),
    _tab("events", "e", "Events"),
    _tab("related", "r", "Related: owners, children, what it uses and what uses it"),
    _tab("logs", "l", "Logs"),
)
TAB_STEPS: tuple[type[Command[Any]], ...] = (NextTab, PreviousTab)

"""What can be done with an object's timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.tab_command import TabCommand

if TYPE_CHECKING:
    from kwatch.tui.features.object.timeline_tab import TimelineTab
    from kwatch.tui.screens.object_screen import ObjectScreen


class _OnTimeline(TabCommand):
    group = "Timeline"
    on = "timeline"

    def tab(self, screen: ObjectScreen) -> TimelineTab:
        """The timeline."""
        from kwatch.tui.features.object.timeline_tab import TimelineTab

        return screen.tab_of(TimelineTab)


class OpenRow(_OnTimeline):
    """Enter."""

    id = "timeline.open"
    keys = "enter"
    title = "Side by side with the version before; of an Event, the Event"
    footer = "side by side"
    rank = 4

    def run(self, screen: ObjectScreen) -> None:
        """What a row is about, as closely as it can be seen."""
        from kwatch.tui.screens.diff_screen import DiffScreen

        tab = self.tab(screen)
        line = tab.line
        if line is None:
            return
        if tab.compared() is not None:
            screen.app.push_screen(DiffScreen(tab))
        elif line.entry.relation is not None:
            screen.open_object(line.entry.relation.resource, line.entry.relation.key, "yaml")
        else:
            screen.notify("This row is about no object.", markup=False, timeout=2)


class HistoryOfRow(_OnTimeline):
    """`v`."""

    id = "timeline.history"
    keys = "v"
    title = "The history of the row's object"
    footer = "its history"
    rank = 4

    def run(self, screen: ObjectScreen) -> None:
        """Here, if it is this object's; else on top, and Escape comes back."""
        line = self.tab(screen).line
        if line is None or line.entry.relation is None:
            screen.show_tab("history")
        else:
            relation = line.entry.relation.subject
            screen.open_object(relation.resource, relation.key, "history")


class CycleTimeline(_OnTimeline):
    """`f`."""

    id = "timeline.cycle"
    keys = "f"
    title = "Show changes, everything, this object alone, or Events alone"
    footer = "show"
    rank = 4

    def run(self, screen: ObjectScreen) -> None:
        """The next of them."""
        self.tab(screen).cycle()


class FilterTimeline(_OnTimeline):
    """`/`."""

    id = "timeline.filter"
    keys = "slash"
    title = "Filter the timeline"
    footer = "filter"
    rank = 4
    priority = True  # taken before the next key is looked at, so that a burst of keys is typed into the bar

    def available(self, screen: ObjectScreen) -> bool:
        """Not while something is typed, where the sign is a letter like others."""
        return super().available(screen) and not screen.is_typing

    def run(self, screen: ObjectScreen) -> None:
        """Open the filter bar."""
        screen.open_search(self.tab(screen).filter)


class JumpOnTimeline(_OnTimeline):
    """`t`."""

    id = "timeline.time"
    keys = "t"
    title = "To what had happened last at a time: 14:02, -10m"
    footer = "time"
    rank = 4

    def run(self, screen: ObjectScreen) -> None:
        """Ask when."""
        screen.ask_moment()


TIMELINE: tuple[type[Command[Any]], ...] = (
    OpenRow,
    CycleTimeline,
    FilterTimeline,
    HistoryOfRow,
    JumpOnTimeline,
)

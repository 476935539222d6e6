"""What can be done in the list of problems, and how one gets there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command
from kwatch.tui.screens.kwatch_screen import KwatchScreen

if TYPE_CHECKING:
    from kwatch.tui.screens.problems_screen import ProblemsScreen


class Problems(Command[KwatchScreen[Any]]):
    """`!`."""

    id = "problems"
    keys = "exclamation_mark"
    title = "Everything that is wrong, across all watched kinds"
    group = "Going places"
    words = ("problems", "unhealthy")

    def run(self, screen: KwatchScreen[Any]) -> None:
        """In the namespace one is in."""
        from kwatch.tui.screens.problems_screen import ProblemsScreen

        app = screen.kwatch
        session = app.session
        if session is None or session.names is None:
            screen.notify("Not connected yet.", severity="warning", markup=False)
            return
        place = app.home.place
        namespaced = place is not None and place.namespaced
        namespace = place.namespace if place is not None and namespaced else app.home.home_namespace
        app.push_screen(ProblemsScreen(session, namespace))


class CloseProblems(Command["ProblemsScreen"]):
    """Escape."""

    id = "problems.close"
    keys = "escape"
    title = "Clear the filter, then back"
    footer = "back"

    def run(self, screen: ProblemsScreen) -> None:
        """One thing at a time."""
        if screen.narrowed:
            screen.narrow("")
        else:
            screen.dismiss()


class OpenProblem(Command["ProblemsScreen"]):
    """Enter."""

    id = "problems.open"
    keys = "enter"
    title = "The object that has the problem, at a glance"
    footer = "open"
    group = "Problems"

    def run(self, screen: ProblemsScreen) -> None:
        """Open it."""
        screen.open_object()


class FilterProblems(Command["ProblemsScreen"]):
    """`/`."""

    id = "problems.filter"
    keys = "slash"
    title = "Narrow by words in kind, name or problem"
    footer = "filter"
    group = "Problems"
    priority = True  # taken before the next key is looked at, so that a burst of keys is typed into the bar

    def available(self, screen: ProblemsScreen) -> bool:
        """Not while something is typed, where the sign is a letter like others."""
        return not screen.is_typing

    def run(self, screen: ProblemsScreen) -> None:
        """Open the filter bar."""
        screen.open_filter()


PROBLEMS: tuple[type[Command[Any]], ...] = (CloseProblems, OpenProblem, FilterProblems)

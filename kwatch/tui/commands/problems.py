"""What can be done in the list of problems, and how one gets there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.closing import ClearOrClose
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
        """In the namespace one is in, at the moment that is shown."""
        from kwatch.tui.screens.problems_screen import ProblemsScreen

        app = screen.kwatch
        session = app.session
        if session is None or session.names is None:
            screen.notify(app.home.why_not_yet, severity="warning", markup=False)
            return
        place = app.home.place
        namespaced = place is not None and place.namespaced
        namespace = place.namespace if place is not None and namespaced else app.home.home_namespace
        until = screen.moment_in_view()
        if until is not None:
            app.home.hold_moment()
        app.push_screen(ProblemsScreen(session, session.names, namespace, until))


class CloseProblems(ClearOrClose):
    """Escape."""

    id = "problems.close"


class OpenProblem(Command["ProblemsScreen"]):
    """Enter."""

    id = "problems.open"
    keys = "enter"
    title = "The object that has the problem, at a glance"
    footer = "open"
    group = "Problems"

    def run(self, screen: ProblemsScreen) -> None:
        """Open it."""
        screen.open_object("overview")


class _OpenProblemAt(Command["ProblemsScreen"]):
    group = "Problems"
    needs = "There is no problem to open."
    tab: str

    def available(self, screen: ProblemsScreen) -> bool:
        """Only when the cursor stands on something; while something is typed the keys are letters."""
        return not screen.is_typing and screen.table.cursor_key is not None

    def run(self, screen: ProblemsScreen) -> None:
        """Open the object there."""
        screen.open_object(self.tab)


class ProblemOverview(_OpenProblemAt):
    """`d`, as in a table."""

    id = "problems.overview"
    keys = "d"
    title = "The object that has the problem, at a glance"
    tab = "overview"


class ProblemHistory(_OpenProblemAt):
    """`v`, as in a table."""

    id = "problems.history"
    keys = "v"
    title = "What changed in the object, when and by whom"
    footer = "history"
    tab = "history"


class ProblemTimeline(_OpenProblemAt):
    """Shift-T, as in a table."""

    id = "problems.timeline"
    keys = "T"
    title = "Its changes among those of its owners, children and node, and the Events, on one time line"
    footer = "timeline"
    tab = "timeline"


class ProblemYaml(_OpenProblemAt):
    """`y`, as in a table."""

    id = "problems.yaml"
    keys = "y"
    title = "The object as YAML"
    footer = "yaml"
    tab = "yaml"


class ProblemEvents(_OpenProblemAt):
    """`e`, as in a table."""

    id = "problems.events"
    keys = "e"
    title = "Events about the object"
    footer = "events"
    tab = "events"


class ProblemLogs(_OpenProblemAt):
    """`l`, as in a table."""

    id = "problems.logs"
    keys = "l"
    title = "Logs of the pod"
    footer = "logs"
    tab = "logs"

    def available(self, screen: ProblemsScreen) -> bool:
        """Only pods have logs."""
        problem = screen.problem
        return super().available(screen) and problem is not None and str(problem.resource) == "pods"


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


PROBLEMS: tuple[type[Command[Any]], ...] = (
    CloseProblems,
    OpenProblem,
    FilterProblems,
    ProblemHistory,
    ProblemTimeline,
    ProblemOverview,
    ProblemYaml,
    ProblemEvents,
    ProblemLogs,
)

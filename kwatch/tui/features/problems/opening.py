"""`:problems`, and what may be said with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.query.index_names import UserIndices
from kwatch.query.parser import parse
from kwatch.query.syntax import QuerySyntaxError
from kwatch.tui.commands.command_line import Unclear, read_namespace
from kwatch.tui.features.problems.problems_screen import ProblemsScreen

if TYPE_CHECKING:
    from kwatch.tui.kwatch_screen import KwatchScreen


def open_problems(screen: KwatchScreen[Any]) -> None:
    """In the namespace one is in, at the moment that is shown."""
    open_problems_with(screen, "")


def open_problems_with(screen: KwatchScreen[Any], words: str) -> None:
    """`:problems since:1h kind:pod`: filtered from the beginning; `-A` and `-n shop` say where."""
    app = screen.kwatch
    home = app.home
    if home.navigation.is_connecting:
        screen.notify(home.navigation.why_not_yet, severity="warning", markup=False)
        return
    try:
        given, filter_text = read_namespace(words)
        parse(filter_text, UserIndices(app.settings.indices).names)
    except (Unclear, QuerySyntaxError) as error:
        screen.notify(str(error), severity="error", markup=False)
        return
    if isinstance(screen, ProblemsScreen):
        if given is not None:
            screen.look_in(given or None)
        screen.use_filter(filter_text)
        return
    place, namespace = home.place, home.navigation.home_namespace
    if given is not None:
        namespace = given or None
    elif place is not None and place.namespaced:
        namespace = place.namespace
    until = screen.moment_in_view()
    if until is not None:
        home.time_travel.hold()
    app.push_screen(ProblemsScreen(app.sessions_by_context, namespace, until, filter_text))

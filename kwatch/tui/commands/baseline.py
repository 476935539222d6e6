"""A baseline, and what changed since it: on every screen where objects are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command
from kwatch.tui.screens.kwatch_screen import KwatchScreen

if TYPE_CHECKING:
    from kwatch.tui.kit.widgets.prompt import Completion

AnyScreen = KwatchScreen[Any]
_MOMENTS = ("-5m", "-10m", "-1h", "now")


class SetBaseline(Command[AnyScreen]):
    """`m`."""

    id = "baseline"
    keys = "m"
    title = "Set a baseline here: what is now, or at the moment shown, is compared with from now on"
    footer = "baseline"
    rank = 7
    group = "What changed"
    words = ("baseline",)

    def run(self, screen: AnyScreen) -> None:
        """At the moment that the screen shows."""
        from kwatch.tui.features.changes.baseline import set_baseline

        set_baseline(screen)

    def say(self, screen: AnyScreen, argument: str) -> None:
        """`:baseline`, `:baseline 14:02`, `:baseline -10m`, `:baseline clear`."""
        from kwatch.tui.features.changes.baseline import say_baseline

        if argument:
            say_baseline(screen, argument)
        else:
            self.run(screen)

    def complete(self, screen: AnyScreen, prefix: str) -> Sequence[Completion]:
        """Some moments, and to have none."""
        return _starting_with(prefix, (*_MOMENTS, "clear"))


class ShowChanges(Command[AnyScreen]):
    """Shift-M; in the past up to the moment shown."""

    id = "changes"
    keys = "M"
    title = "Everything that changed since the baseline"
    footer = "changed since"
    rank = 7
    group = "What changed"
    words = ("changes", "since")

    def run(self, screen: AnyScreen) -> None:
        """By owner or by path."""
        from kwatch.tui.screens.baseline_screen import BaselineScreen

        session = screen.kwatch.session
        if session is None or session.names is None or session.journal is None:
            screen.notify("Nothing is remembered yet.", severity="warning", markup=False)
            return
        screen.app.push_screen(BaselineScreen(session, session.journal, screen.moment_in_view()))

    def say(self, screen: AnyScreen, argument: str) -> None:
        """`:since -10m` sets the baseline first."""
        from kwatch.tui.features.changes.baseline import say_baseline

        if not argument or say_baseline(screen, argument):
            self.run(screen)

    def complete(self, screen: AnyScreen, prefix: str) -> Sequence[Completion]:
        """Some moments."""
        return _starting_with(prefix, _MOMENTS)


def _starting_with(prefix: str, texts: Sequence[str]) -> list[Completion]:
    from kwatch.tui.kit.widgets.prompt import Completion

    return [Completion(text) for text in texts if text.startswith(prefix) and text != prefix]


BASELINE: tuple[type[Command[Any]], ...] = (SetBaseline, ShowChanges)

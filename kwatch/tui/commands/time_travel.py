"""Looking at the table as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.table_screen import TableScreen


class Travel(Command["TableScreen"]):
    """`t`."""

    id = "time.travel"
    keys = "t"
    title = "Time travel: the table as it was"
    footer = "time travel"
    rank = 6
    group = "Time travel"
    words = ("at", "time")

    def available(self, screen: TableScreen) -> bool:
        """Whether anything is remembered."""
        return (
            screen.live is not None and screen.kwatch.session is not None and screen.kwatch.session.journal is not None
        )

    def run(self, screen: TableScreen) -> None:
        """Open the time bar, or come back to now."""
        if screen.is_travelling:
            screen.return_to_now()
        else:
            screen.travel()

    def say(self, screen: TableScreen, argument: str) -> None:
        """`:at 14:02`, `:at -10m`, `:at now`."""
        if argument in ("now", "live"):
            screen.return_to_now()
        elif argument:
            screen.travel_to(argument)
        else:
            self.run(screen)


class _Travelling(Command["TableScreen"]):
    group = "Time travel"
    priority = True

    def available(self, screen: TableScreen) -> bool:
        """Only in the past, and not while something is typed."""
        return screen.is_travelling and not screen.is_typing and screen.kwatch.screen is screen


class OlderDelta(_Travelling):
    """Left."""

    id = "time.older"
    keys = "left"
    title = "To the delta before"
    footer = "older"
    rank = -2

    def run(self, screen: TableScreen) -> None:
        """One delta back."""
        screen.step_in_time(-1)


class NewerDelta(_Travelling):
    """Right."""

    id = "time.newer"
    keys = "right"
    title = "To the next delta"
    footer = "newer"
    rank = -2

    def run(self, screen: TableScreen) -> None:
        """One delta on."""
        screen.step_in_time(1)


class MinuteBack(_Travelling):
    """Ctrl-Left."""

    id = "time.minute-back"
    keys = "ctrl+left"
    title = "A minute back"

    def run(self, screen: TableScreen) -> None:
        """Sixty seconds."""
        screen.jump_in_time(-60)


class MinuteOn(_Travelling):
    """Ctrl-Right."""

    id = "time.minute-on"
    keys = "ctrl+right"
    title = "A minute on"

    def run(self, screen: TableScreen) -> None:
        """Sixty seconds."""
        screen.jump_in_time(60)


class Now(_Travelling):
    """End."""

    id = "time.now"
    keys = "end"
    title = "Back to now"
    footer = "now"
    rank = -1

    def run(self, screen: TableScreen) -> None:
        """Live again."""
        screen.return_to_now()


TIME_TRAVEL: tuple[type[Command[Any]], ...] = (OlderDelta, NewerDelta, Now, Travel, MinuteBack, MinuteOn)

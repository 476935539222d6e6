"""Going from place to place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.config.settings import Settings
    from kwatch.tui.screens.kwatch_screen import KwatchScreen


class _Step(Command["KwatchScreen[Any]"]):
    group = "Going places"
    by: int

    def run(self, screen: KwatchScreen[Any]) -> None:
        """Like a browser's arrows, over tables and objects."""
        screen.kwatch.home.step_back(self.by)


class Back(_Step):
    """`[`."""

    id = "go.back"
    keys = "left_square_bracket"
    title = "Back to the view before"
    by = -1


class Forward(_Step):
    """`]`."""

    id = "go.forward"
    keys = "right_square_bracket"
    title = "Forward again"
    by = 1


class LastView(Command["KwatchScreen[Any]"]):
    """`-`."""

    id = "go.last"
    keys = "minus"
    title = "The last view, there and back"
    group = "Going places"

    def run(self, screen: KwatchScreen[Any]) -> None:
        """Go there."""
        screen.kwatch.home.last_view()


def _favourite(number: int) -> type[Command[Any]]:
    class Favourite(Command["KwatchScreen[Any]"]):
        """One of the keys 1 to 9."""

        id = f"go.favourite-{number}"
        keys = str(number)
        title = f"Favourite {number}"
        needs = f"There is no favourite {number}: they are listed in config.yaml."
        group = "Going places"

        @classmethod
        def title_for(cls, settings: Settings) -> str:
            """Where it leads."""
            favourites = settings.favourites
            return f"Go to {favourites[number - 1]}" if number <= len(favourites) else cls.title

        def available(self, screen: KwatchScreen[Any]) -> bool:
            """Whether there are that many."""
            return len(screen.kwatch.settings.favourites) >= number

        def run(self, screen: KwatchScreen[Any]) -> None:
            """As if it had been typed after the colon."""
            from kwatch.tui.commands.command_line import say

            say(screen, screen.kwatch.settings.favourites[number - 1])

    Favourite.__name__ = f"Favourite{number}"
    return Favourite


GOING: tuple[type[Command[Any]], ...] = (
    Back,
    Forward,
    LastView,
    *(_favourite(number) for number in range(1, 10)),
)

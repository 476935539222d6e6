"""Going from place to place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.config.settings import Settings
    from kwatch.tui.screens.table_screen import TableScreen


class _Step(Command["TableScreen"]):
    group = "Going places"
    by: int

    def run(self, screen: TableScreen) -> None:
        """Like a browser's arrows."""
        screen.step_back(self.by)


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


class LastView(Command["TableScreen"]):
    """`-`."""

    id = "go.last"
    keys = "minus"
    title = "The last view, there and back"
    group = "Going places"

    def run(self, screen: TableScreen) -> None:
        """Go there."""
        screen.last_view()


def _favourite(number: int) -> type[Command[TableScreen]]:
    class Favourite(Command["TableScreen"]):
        """One of the keys 1 to 9."""

        id = f"go.favourite-{number}"
        keys = str(number)
        title = f"Favourite {number}"
        group = "Going places"

        @classmethod
        def title_for(cls, settings: Settings) -> str:
            """Where it leads."""
            favourites = settings.favourites
            return f"Go to {favourites[number - 1]}" if number <= len(favourites) else cls.title

        def available(self, screen: TableScreen) -> bool:
            """Whether there are that many."""
            return len(screen.kwatch.settings.favourites) >= number

        def run(self, screen: TableScreen) -> None:
            """As if it had been typed after the colon."""
            from kwatch.tui.commands.command_line import say

            say(screen, screen.kwatch.settings.favourites[number - 1])

    Favourite.__name__ = f"Favourite{number}"
    return Favourite


GOING: tuple[type[Command[TableScreen]], ...] = (
    Back,
    Forward,
    LastView,
    *(_favourite(number) for number in range(1, 10)),
)

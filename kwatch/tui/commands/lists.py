"""Screens that list things: contexts, namespaces, themes, help, and what kwatch itself does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command
from kwatch.tui.commands.command_line import ALL
from kwatch.tui.screens.kwatch_screen import KwatchScreen

if TYPE_CHECKING:
    from kwatch.tui.kit.widgets.prompt import Completion

AnyScreen = KwatchScreen[Any]


def _starting_with(prefix: str, texts: Sequence[str]) -> list[Completion]:
    from kwatch.tui.kit.widgets.prompt import Completion

    return [Completion(text) for text in texts if text.startswith(prefix) and text != prefix]


class Help(Command[AnyScreen]):
    """`?`."""

    id = "help"
    keys = "question_mark"
    title = "Keys and the filter language"
    footer = "help"
    words = ("help",)

    def run(self, screen: AnyScreen) -> None:
        """What works on the screen below."""
        from kwatch.tui.screens.help_screen import HelpScreen, HelpTopic

        screen.app.push_screen(HelpScreen(HelpTopic.of(screen)))


class Palette(Command[AnyScreen]):
    """Ctrl-P."""

    id = "palette"
    keys = "ctrl+p"
    title = "All commands"

    def run(self, screen: AnyScreen) -> None:
        """Search and run one."""
        from kwatch.tui.screens.choices import choose_command

        choose_command(screen)


class Contexts(Command[AnyScreen]):
    """`:ctx`."""

    id = "contexts"
    title = "Choose a context"
    group = "Going places"
    words = ("ctx", "context", "contexts")

    def run(self, screen: AnyScreen) -> None:
        """From a list."""
        from kwatch.tui.screens.choices import choose_context

        choose_context(screen)

    def say(self, screen: AnyScreen, argument: str) -> None:
        """`:ctx NAME` switches at once."""
        if argument:
            screen.kwatch.home.open_context(argument)
        else:
            self.run(screen)

    def complete(self, screen: AnyScreen, prefix: str) -> Sequence[Completion]:
        """The contexts of the kubeconfig."""
        session = screen.kwatch.session
        return _starting_with(prefix, [entry.name for entry in session.contexts] if session is not None else [])


class Namespaces(Command[AnyScreen]):
    """`:ns`."""

    id = "namespaces"
    title = "Choose a namespace"
    group = "Going places"
    words = ("ns", "namespace")

    def run(self, screen: AnyScreen) -> None:
        """From a list."""
        from kwatch.tui.screens.choices import choose_namespace

        choose_namespace(screen)

    def say(self, screen: AnyScreen, argument: str) -> None:
        """`:ns NAME` goes there at once, `:ns all` to all of them."""
        if argument:
            screen.kwatch.home.use_namespace(None if argument in ALL else argument)
        else:
            self.run(screen)

    def complete(self, screen: AnyScreen, prefix: str) -> Sequence[Completion]:
        """The namespaces there are."""
        return _starting_with(prefix, ["all", *screen.kwatch.names_of_namespaces])


class Themes(Command[AnyScreen]):
    """`:theme`."""

    id = "themes"
    title = "Choose a theme"
    words = ("theme", "themes", "skin")

    def run(self, screen: AnyScreen) -> None:
        """From a list, shown as the cursor moves."""
        from kwatch.tui.screens.choices import choose_theme

        choose_theme(screen)

    def say(self, screen: AnyScreen, argument: str) -> None:
        """`:theme NAME` at once."""
        if argument:
            screen.kwatch.use_theme(argument)
        else:
            self.run(screen)

    def complete(self, screen: AnyScreen, prefix: str) -> Sequence[Completion]:
        """The themes there are."""
        return _starting_with(prefix, screen.kwatch.theme_store.names())


class Informers(Command[AnyScreen]):
    """`I`."""

    id = "informers"
    keys = "I"
    title = "How the informers are doing"
    group = "Going places"
    words = ("informers",)

    def run(self, screen: AnyScreen) -> None:
        """One row each."""
        from kwatch.tui.screens.informers_screen import InformersScreen

        screen.app.push_screen(InformersScreen())


class DeltaLog(Command[AnyScreen]):
    """`D`."""

    id = "delta-log"
    keys = "D"
    title = "Everything that arrives"
    group = "Going places"
    words = ("deltas", "log")

    def run(self, screen: AnyScreen) -> None:
        """Newest at the bottom."""
        from kwatch.tui.screens.delta_log_screen import DeltaLogScreen

        screen.app.push_screen(DeltaLogScreen())


LISTS: tuple[type[Command[AnyScreen]], ...] = (
    DeltaLog,
    Informers,
    Contexts,
    Namespaces,
    Themes,
    Palette,
    Help,
)

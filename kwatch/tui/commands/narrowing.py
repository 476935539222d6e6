"""What part of the cluster is shown, and how much of each object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.table_screen import TableScreen


class Filter(Command["TableScreen"]):
    """`/`."""

    id = "filter"
    keys = "slash"
    title = "Filter the rows"
    footer = "filter"
    rank = 1
    group = "Narrowing"
    priority = True  # taken before the next key is looked at, so that a burst of keys is typed into the bar

    def available(self, screen: TableScreen) -> bool:
        """Not while something is typed, where the sign is a letter like others."""
        return not screen.is_typing

    def run(self, screen: TableScreen) -> None:
        """Open the filter bar with the filter in force."""
        screen.open_filter()


class CommandLine(Command["TableScreen"]):
    """`:`."""

    id = "command-line"
    keys = "colon"
    title = "Type a command: a resource, ns, ctx, theme, q"
    footer = "command"
    rank = 1
    group = "Going places"
    priority = True

    def available(self, screen: TableScreen) -> bool:
        """Not while something is typed, where the sign is a letter like others."""
        return not screen.is_typing

    def run(self, screen: TableScreen) -> None:
        """Open the command line."""
        screen.open_command_line()


class BackOrClear(Command["TableScreen"]):
    """Escape."""

    id = "back-or-clear"
    keys = "escape"
    title = "One step back: what was begun here ends, the last of it first; then back the way one came"
    footer = "back"
    rank = 9
    group = "Going places"
    needs = "This is where you began; q quits."

    def footer_on(self, screen: TableScreen) -> str:
        """What it does now."""
        return screen.way_back[0] if screen.way_back is not None else ""

    def available(self, screen: TableScreen) -> bool:
        """Whether there is a way back."""
        return screen.way_back is not None

    def run(self, screen: TableScreen) -> None:
        """One thing at a time."""
        if screen.way_back is not None:
            screen.way_back[1]()


class AllNamespaces(Command["TableScreen"]):
    """`0`."""

    id = "namespaces.all"
    keys = "0"
    needs = "All namespaces are shown already, or what is shown is in none."
    title = "All namespaces"
    footer = "all namespaces"
    group = "Narrowing"

    def available(self, screen: TableScreen) -> bool:
        """Only where there are namespaces, and one is chosen."""
        return screen.place is not None and screen.place.namespaced and screen.place.namespace is not None

    def run(self, screen: TableScreen) -> None:
        """Watch them all."""
        screen.use_namespace(None)


class Wide(Command["TableScreen"]):
    """Ctrl-W."""

    id = "wide"
    keys = "ctrl+w"
    title = "More columns, or fewer"
    group = "Narrowing"

    def run(self, screen: TableScreen) -> None:
        """Like kubectl's -o wide."""
        screen.toggle_wide()


class OnlyUnhealthy(Command["TableScreen"]):
    """Ctrl-Z."""

    id = "unhealthy"
    keys = "ctrl+z"
    title = "Only what is unhealthy, or everything again"
    group = "Narrowing"

    def run(self, screen: TableScreen) -> None:
        """Put the term into the filter, or take it out."""
        from kwatch.query.editing import toggled

        if screen.live is not None:
            screen.use_filter(toggled(screen.live.place.filter, "unhealthy", screen.live.projection.names))


NARROWING: tuple[type[Command[TableScreen]], ...] = (
    Filter,
    CommandLine,
    AllNamespaces,
    BackOrClear,
    Wide,
    OnlyUnhealthy,
)

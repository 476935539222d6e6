"""What can be done in the list of what changed since the baseline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.baseline import SetBaseline
from kwatch.tui.commands.closing import ClearOrClose
from kwatch.tui.commands.command import Command
from kwatch.tui.features.changes.change_list import Grouping

if TYPE_CHECKING:
    from kwatch.tui.screens.baseline_screen import BaselineScreen


class _OnChanges(Command["BaselineScreen"]):
    group = "What changed"


class _BeforeTheList(_OnChanges):
    """Keys that mean something else to the table, or are typed in a burst: taken before the next one is looked at."""

    priority = True

    def available(self, screen: BaselineScreen) -> bool:
        """Not while something is typed."""
        return not screen.is_typing and screen.kwatch.screen is screen


class CloseChanges(ClearOrClose):
    """Escape."""

    id = "changes.close"
    rank = 9
    group = "What changed"


class OpenChange(_OnChanges):
    """Enter."""

    id = "changes.open"
    keys = "enter"
    title = "Side by side: how it was at the baseline, and how it is now"
    footer = "side by side"
    rank = 0

    def available(self, screen: BaselineScreen) -> bool:
        """Only on an object."""
        return screen.difference is not None

    def run(self, screen: BaselineScreen) -> None:
        """Open it."""
        screen.open_line()


class ToggleGroup(_OnChanges):
    """Space anywhere in a group, Enter on its heading."""

    id = "changes.toggle"
    keys = "space,enter"
    title = "Fold or unfold the group"
    footer = "fold"
    rank = 1

    def available(self, screen: BaselineScreen) -> bool:
        """Only in a group."""
        return screen.line is not None and bool(screen.line.group)

    def run(self, screen: BaselineScreen) -> None:
        """The one the cursor is in."""
        screen.toggle_group()


class ToggleAll(_OnChanges):
    """`f`."""

    id = "changes.toggle-all"
    keys = "f"
    title = "Fold every group, or unfold every one"
    footer = "fold all"
    rank = 4

    def footer_on(self, screen: BaselineScreen) -> str:
        """What it does now."""
        return "unfold all" if screen.wish.folded else self.footer

    def run(self, screen: BaselineScreen) -> None:
        """The other way round."""
        screen.wish_for(screen.wish.all_folded(not screen.wish.folded))


class FoldGroup(_BeforeTheList):
    """Left."""

    id = "changes.fold"
    keys = "left"
    title = "To the heading, then fold the group"

    def run(self, screen: BaselineScreen) -> None:
        """As in any tree."""
        screen.go_out()


class UnfoldGroup(_BeforeTheList):
    """Right."""

    id = "changes.unfold"
    keys = "right"
    title = "Unfold the group, then into it"

    def run(self, screen: BaselineScreen) -> None:
        """As in any tree."""
        screen.go_in()


class Regroup(_BeforeTheList):
    """`g`, which elsewhere goes to the first row: Home does that here."""

    id = "changes.group"
    keys = "g"
    title = "Group by owner, or by changed path"
    footer = "by owner/path"
    rank = 2

    def footer_on(self, screen: BaselineScreen) -> str:
        """What it does now."""
        return "by path" if screen.wish.grouping is Grouping.OWNER else "by owner"

    def run(self, screen: BaselineScreen) -> None:
        """The other one."""
        screen.regroup()


class ShowNoise(_OnChanges):
    """`n`."""

    id = "changes.noise"
    keys = "n"
    title = "Noise too: versions, heartbeats, times that follow another change"
    footer = "noise"
    rank = 5

    def footer_on(self, screen: BaselineScreen) -> str:
        """What it does now."""
        return "no noise" if screen.wish.noise else self.footer

    def run(self, screen: BaselineScreen) -> None:
        """With or without."""
        screen.wish_for(replace(screen.wish, noise=not screen.wish.noise))


class ShowEverything(_OnChanges):
    """`a`."""

    id = "changes.everything"
    keys = "a"
    title = "Events and leases too, and what came and went since"
    footer = "all kinds"
    rank = 5

    def footer_on(self, screen: BaselineScreen) -> str:
        """What it does now."""
        return "fewer kinds" if screen.wish.everything else self.footer

    def run(self, screen: BaselineScreen) -> None:
        """With or without."""
        screen.wish_for(replace(screen.wish, everything=not screen.wish.everything))


class FilterChanges(_BeforeTheList):
    """`/`."""

    id = "changes.filter"
    keys = "slash"
    title = "Narrow by words in kind, name, owner, change or who"
    footer = "filter"
    rank = 3

    def run(self, screen: BaselineScreen) -> None:
        """Open the filter bar."""
        screen.open_filter()


class _OpenTab(_OnChanges):
    needs = "There is no object on this line."
    tab: str

    def available(self, screen: BaselineScreen) -> bool:
        """Only on an object."""
        return screen.difference is not None

    def run(self, screen: BaselineScreen) -> None:
        """Open the object there."""
        screen.open_object(self.tab)


class ChangeHistory(_OpenTab):
    """`v`."""

    id = "changes.history"
    keys = "v"
    title = "The history of the object"
    footer = "history"
    rank = 1
    tab = "history"


class ChangeOverview(_OpenTab):
    """`d`."""

    id = "changes.overview"
    keys = "d"
    title = "The object at a glance"
    tab = "overview"


class ChangeYaml(_OpenTab):
    """`y`."""

    id = "changes.yaml"
    keys = "y"
    title = "The object as YAML"
    tab = "yaml"


class BeginAnew(SetBaseline):
    """`m` here: from now on only what is to come."""

    id = "changes.begin"
    title = "Set the baseline to now: the list begins anew"
    footer = "from now on"
    rank = 6

    def run(self, screen: Any) -> None:
        """Empty the list."""
        super().run(screen)
        screen.begin_anew()


CHANGES: tuple[type[Command[Any]], ...] = (
    OpenChange,
    ChangeHistory,
    ToggleGroup,
    Regroup,
    FilterChanges,
    ToggleAll,
    ShowNoise,
    ShowEverything,
    BeginAnew,
    CloseChanges,
    FoldGroup,
    UnfoldGroup,
    ChangeOverview,
    ChangeYaml,
)

"""Two versions of an object side by side; left and right step through its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.tui.commands.command import Command, bindings
from kwatch.tui.commands.diff_screen import DIFF_SCREEN
from kwatch.tui.commands.leaving import LEAVING
from kwatch.tui.object.comparisons import Comparisons
from kwatch.tui.object.version_pair import VersionPair
from kwatch.tui.screens.kwatch_screen import KwatchScreen
from kwatch.tui.screens.leaving_line import LeavingLine
from kwatch.tui.text.diff_lines import DiffRow, diff_lines, diff_rows
from kwatch.tui.text.text_view import TextView
from kwatch.tui.widgets.footer import Footer
from kwatch.tui.widgets.header import Header, HeaderState, Mood
from kwatch.view.printable import printable
from kwatch.view.version_words import clock_time

if TYPE_CHECKING:
    from kwatch.history.version import Version


class DiffScreen(KwatchScreen[None]):
    """Only the changes with their surroundings, or everything."""

    COMMANDS_OF_SCREEN: ClassVar[tuple[type[Command[Any]], ...]] = (*DIFF_SCREEN, *LEAVING)
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    def __init__(self, versions: VersionPair) -> None:
        super().__init__()
        self._versions = versions
        self._rows: list[DiffRow] = []
        self._everything = False

    def compose(self) -> ComposeResult:
        """Header, the two sides, footer."""
        yield Header(self.palette)
        yield TextView(self.palette, empty=("Nothing differs but noise.",))
        yield LeavingLine(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        """Show the pair that was chosen."""
        self.query_one(TextView).focus()
        self._compare()

    def on_resize(self) -> None:
        """Another width, other lines."""
        self.call_after_refresh(self._lay_out)

    def step(self, by: int) -> None:
        """To an older (1) or newer (-1) version."""
        if self._versions.step(by):
            self._compare()

    def toggle_everything(self) -> None:
        """The whole object, or only what changed."""
        self._everything = not self._everything
        self._lay_out()

    def _compare(self) -> None:
        pair, journal = self._versions.compared(), self._versions.journal
        if pair is None or journal is None:
            self._rows = []
            self._lay_out()
            return
        old, new = pair
        comparisons = Comparisons(journal)
        self._rows = diff_rows(comparisons.content(old), comparisons.content(new))
        comparison = comparisons.between(old, new)
        who = printable(", ".join(dict.fromkeys(map(str, comparison.writers)))) if comparison is not None else ""
        namespace, _, name = new.key.rpartition("/")
        self.query_one(Header).show(
            HeaderState(
                context=printable(new.context),
                namespace=printable(namespace),
                resource=printable(new.resource),
                title=printable(name),
                freshness=_named(new),
                mood=Mood.PAST,
                count=f"{_named(old) if old is not None else 'nothing'}  →  {_named(new)}",
                narrowed=(who,) if who else (),
            )
        )
        self._lay_out()

    def _lay_out(self) -> None:
        view = self.query_one(TextView)
        view.set_lines(diff_lines(self._rows, view.size.width, everything=self._everything))


def _named(version: Version) -> str:
    ending = ", deleted" if version.deleted else ""
    return f"{version.resource_version} at {clock_time(version.at)}{ending}"

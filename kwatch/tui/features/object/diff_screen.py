"""Two versions of an object side by side; left and right step through its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.base.printable import printable
from kwatch.history.comparison import FIRST_SEEN
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.lists import DIFF_COMMANDS
from kwatch.tui.features.object.comparisons import LOST, Comparisons, VersionPair
from kwatch.tui.kit.text.diff_lines import DiffRow, diff_lines, diff_rows, single_rows
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, Mood
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.tui.leaving_line import LeavingLine
from kwatch.view.timeline import clock_time

if TYPE_CHECKING:
    from kwatch.history.comparison import Comparison
    from kwatch.history.version import Version


NOTHING_DIFFERS = "Nothing differs but noise."


class DiffScreen(KwatchScreen[None]):
    """Only the changes with their surroundings, or everything."""

    help_title = "two versions side by side"

    COMMANDS_OF_SCREEN = DIFF_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    def __init__(self, versions: VersionPair) -> None:
        super().__init__()
        self._versions = versions
        self._rows: list[DiffRow] = []
        self.everything = False
        self.alone = False
        """Whether there is nothing to compare with: all of it is shown."""

    def compose(self) -> ComposeResult:
        yield Header(self.palette)
        yield TextView(self.palette)
        yield LeavingLine(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
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
        self.everything = not self.everything
        self._lay_out()

    def _compare(self) -> None:
        pair, journal = self._versions.compared(), self._versions.journal
        if pair is None or journal is None:
            self._rows = []
            self.query_one(TextView).set_empty(("There is nothing to compare.",))
            self._lay_out()
            return
        old, new = pair
        comparisons = Comparisons(journal)
        comparison = comparisons.between(old, new)
        created = old is None and self._versions.is_created(comparison)
        contents = comparisons.content(old), comparisons.content(new)
        self._rows = _rows(*contents, new, is_created=created)
        self.alone = (contents[0] is None and not created) or new.departed
        self.query_one(TextView).set_empty((NOTHING_DIFFERS if contents[1] is not None else LOST,))
        who = printable(", ".join(dict.fromkeys(map(str, comparison.writers)))) if comparison is not None else ""
        namespace, _, name = new.key.rpartition("/")
        self.query_one(Header).show(
            HeaderState(
                context=new.context,
                namespace=namespace,
                resource=new.resource,
                title=name,
                freshness=_named(new),
                mood=Mood.PAST,
                count=f"{_before(old, comparison, is_created=created)}  →  {_named(new)}",
                narrowed=(who,) if who else (),
            )
        )
        self._lay_out()
        self.show_hints()

    def _lay_out(self) -> None:
        view = self.query_one(TextView)
        view.set_lines(diff_lines(self._rows, view.size.width, everything=self.everything or self.alone))


def _rows(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, new: Version, *, is_created: bool
) -> list[DiffRow]:
    """Both sides; one alone where the other is nothing, or not known. Only what came or went is marked so."""
    if new.deleted and not new.departed:
        return single_rows(after, "-")
    if before is None or after is None or new.departed:
        return single_rows(after, "+" if is_created and not new.departed else " ")
    return diff_rows(before, after)


def _before(old: Version | None, comparison: Comparison | None, *, is_created: bool) -> str:
    """What there was before, as far as that is known."""
    if old is not None:
        return _named(old)
    if is_created:
        return "nothing"
    is_found = comparison is not None and comparison.beginning == FIRST_SEEN
    return "not known (first seen)" if is_found else "no longer kept"


def _named(version: Version) -> str:
    ending = f", {version.ending}" if version.deleted else ""
    return f"{version.resource_version} at {clock_time(version.at)}{ending}"

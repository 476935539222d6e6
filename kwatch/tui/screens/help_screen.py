"""The keys in force here, remapped ones included, and the filter language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kwatch.config.settings import Settings
from kwatch.query.help import terms
from kwatch.query.user_indices import UserIndices
from kwatch.tui.commands.closing import CLOSING
from kwatch.tui.commands.command import Command, bindings
from kwatch.tui.commands.leaving import LEAVING
from kwatch.tui.explorer.hints import explorer_help
from kwatch.tui.keys import KeysInForce, readable
from kwatch.tui.screens.kwatch_screen import KwatchScreen
from kwatch.tui.screens.leaving_line import LeavingLine
from kwatch.tui.table.virtual_table import VirtualTable
from kwatch.tui.text.line import Line, Span, plain
from kwatch.tui.text.text_view import TextView
from kwatch.tui.widgets.footer import Footer
from kwatch.tui.widgets.header import Header, HeaderState, Mood
from kwatch.tui.widgets.prompt import Prompt


class HelpScreen(KwatchScreen[None]):
    """A text that is searched by `/`."""

    COMMANDS_OF_SCREEN: ClassVar[tuple[type[Command[Any]], ...]] = (*CLOSING, *LEAVING)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(COMMANDS_OF_SCREEN),
        Binding("slash", "search", show=False, id="help.search"),
    ]

    def __init__(self, commands: Sequence[type[Command[Any]]]) -> None:
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        """Header, text, search, footer."""
        yield Header(self.palette)
        yield TextView(self.palette)
        yield Prompt()
        yield LeavingLine(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        """Write the help."""
        view = self.query_one(TextView)
        view.set_lines(list(help_lines(self._commands, self.kwatch.keys_in_force, self.kwatch.settings)))
        view.focus()
        self.query_one(Header).show(
            HeaderState(resource="help", freshness="/ searches", mood=Mood.LIVE, count="keys in force, and filters")
        )

    def action_search(self) -> None:
        """Open the search bar."""
        self.query_one(Prompt).open("/")

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Search while it is typed."""
        if self.query_one(Prompt).is_open:
            self.query_one(TextView).search(message.text)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Stay at the match."""
        self._close_search()

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        """Forget the search."""
        self.query_one(TextView).search("")
        self._close_search()

    def on_text_view_found(self, message: TextView.Found) -> None:
        """Say how many matches there are."""
        self.query_one(Prompt).mark(None, f"{message.current} of {message.total}" if message.total else "no match")

    def _close_search(self) -> None:
        if self.query_one(Prompt).close():
            self.query_one(TextView).focus()


def help_lines(commands: Sequence[type[Command[Any]]], keys: KeysInForce, settings: Settings) -> Iterator[Line]:
    """Commands by group, movement, filter terms."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for command in commands:
        names = ", ".join(readable(key) for key in keys.keys(command))
        words = ", ".join(f":{word}" for word in command.words[:2])
        groups.setdefault(command.group, []).append(
            (", ".join(filter(None, (names, words))), command.title_for(settings))
        )
    groups["Moving"] = [
        (", ".join(readable(key) for key in keys.keys_of(each.id or "", each.key).split(",")), each.description)
        for each in VirtualTable.BINDINGS
        if isinstance(each, Binding) and each.description
    ]
    groups["Index explorer"] = explorer_help(keys)
    groups["Filter: all terms must hold"] = [
        (each.term, f"{each.meaning}  ({each.answered_by})") for each in terms(UserIndices(settings.indices).names)
    ]
    for group, entries in groups.items():
        yield plain("")
        yield plain(group, "primary")
        for key, title in entries:
            yield Line((Span(f"  {key:<24}", "kwatch-key"), Span(f" {title}")))
    yield plain("")

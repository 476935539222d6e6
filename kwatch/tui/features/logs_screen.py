"""Logs on a screen of their own: what a container that ended wrote last."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.base.printable import printable
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.lists import LAST_LINES_COMMANDS
from kwatch.tui.features.object.logs_tab import log_line
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, Mood
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.view.timeline import clock_time

if TYPE_CHECKING:
    from kwatch.history.last_lines import ContainerEnd


class LastLinesScreen(KwatchScreen[None]):
    """What was kept; nothing is asked for."""

    help_title = "the last lines of a container that ended"

    COMMANDS_OF_SCREEN = LAST_LINES_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    text: TextView

    def __init__(self, end: ContainerEnd) -> None:
        super().__init__()
        self._end = end

    def compose(self) -> ComposeResult:
        missing = self._end.missing or "it wrote nothing"
        self.text = TextView(self.palette, empty=("There are no last lines", f"{missing[:1].upper()}{missing[1:]}."))
        yield Header(self.palette)
        yield self.text
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        end, session = self._end, self.kwatch.session
        namespace, _, name = end.key.partition("/")
        self.query_one(Header).show(
            HeaderState(
                context=session.context if session is not None else "",
                namespace=namespace,
                resource="pods",
                title=name,
                freshness=f"ended {clock_time(end.finished_at)[:8]}",
                mood=Mood.PAST,
                count=f"container {printable(end.container)}: {end.words}, last {end.count:,} lines",
            )
        )
        self.text.set_lines([log_line(line) for line in end.lines])
        self.text.focus()
        self.text.action_edge(1)
        self.show_hints()

    def copy_text(self) -> None:
        text = self.text.document.text()
        self.app.copy_to_clipboard(text)
        self.notify(f"Copied {text.count(chr(10)) + 1:,} lines.", markup=False, timeout=2)

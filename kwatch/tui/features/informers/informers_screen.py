"""How the informers are doing: one row each, with everything they say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.base import threads
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.lists import INFORMERS_COMMANDS
from kwatch.tui.features.informers.informer_rows import (
    HEADINGS,
    InformerRates,
    crash_lines,
    detail_lines,
    history_words,
    informer_row,
)
from kwatch.tui.kit.table.rows import ListedRows
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, Mood
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.tui.leaving_line import LeavingLine
from kwatch.tui.liveness import liveness

if TYPE_CHECKING:
    from kwatch.session.informer_pool import OpenInformer
    from kwatch.session.session import Session

PERIOD = 0.5
"""Seconds between looks: numbers that change faster cannot be read."""


class InformersScreen(KwatchScreen[None]):
    """Rows above, the errors and notes of the one under the cursor below."""

    help_title = "the informers"

    DEFAULT_CSS = """
    InformersScreen > VirtualTable { height: 1fr; }
    InformersScreen > TextView { height: 1fr; border-top: solid $panel; }
    """
    COMMANDS_OF_SCREEN = INFORMERS_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    _header: Header
    _table: VirtualTable
    _details: TextView

    def __init__(self) -> None:
        super().__init__()
        self._rates = InformerRates()
        self._looked_at = 0.0
        self._informers: dict[str, OpenInformer] = {}

    def compose(self) -> ComposeResult:
        self._header = Header(self.palette)
        self._table = VirtualTable(ListedRows(HEADINGS, ()), self.palette, markable=False)
        self._details = TextView(self.palette)
        yield self._header
        yield self._table
        yield self._details
        yield LeavingLine(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        self._table.focus()

    def tick(self, now: float) -> None:
        """Look again, twice a second."""
        if now - self._looked_at < PERIOD:
            return
        self._looked_at = now
        session = self.kwatch.session
        informers = session.informers() if session is not None else ()
        self._informers = {str(each.watched): each for each in informers}
        recorded = session is not None and session.state.is_recording
        rows = [informer_row(key, each, self._rates, now, recorded=recorded) for key, each in self._informers.items()]
        table = self._table
        shown = ListedRows(HEADINGS, rows)
        if shown.rows != getattr(table.rows, "rows", None):
            table.show(shown, keep_cursor=True)
        table.set_empty(("No informer is running",))
        self._detail()
        words, mood = self._state(session, now)
        self._header.show(
            HeaderState(
                context=session.context if session is not None else "",
                resource="informers",
                freshness=f"{len(rows)} {words}",
                mood=mood,
                count=history_words(session.journal) if session is not None and session.journal is not None else "",
                banner=self.kwatch.banner,
            )
        )

    def _state(self, session: Session | None, now: float) -> tuple[str, Mood]:
        """What they do: how they are now, also while the table below shows another moment."""
        if session is not None and session.state.is_recording:
            return "read from the recording, to its end", Mood.PAST
        _, mood, _ = liveness(session, now) if session is not None else ("", Mood.STALE, "")
        return "running now" if self.moment_in_view() is not None else "running", mood

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        self._detail()

    def _detail(self) -> None:
        informer = self._informers.get(self._table.cursor_key or "")
        lines = crash_lines(threads.CRASHES) + (detail_lines(informer) if informer is not None else [])
        view = self._details
        if lines != view.document.lines:
            view.set_lines(lines)

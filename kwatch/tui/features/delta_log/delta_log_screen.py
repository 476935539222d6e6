"""Everything that arrives, newest at the bottom, of all watched kinds."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.base.printable import printable
from kwatch.catalog.kind import Kind
from kwatch.history.version import Moment, Version
from kwatch.informer.resource import Resource
from kwatch.query.index_names import UserIndices
from kwatch.query.syntax import QuerySyntaxError
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.lists import DELTA_LOG_COMMANDS
from kwatch.tui.features.delta_log.delta_log_rows import DeltaLogRows
from kwatch.tui.kit.table.rows import NoRows
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, Mood, worst_freshness
from kwatch.tui.kit.widgets.prompt import NO_MATCH_YET, Mistake, Prompt
from kwatch.tui.kwatch_screen import FilteredScreen
from kwatch.tui.location import place_of

PERIOD = 0.2
"""Seconds between looks while deltas arrive."""


class DeltaLogScreen(FilteredScreen):
    """Follows the end until it is paused or the cursor goes up."""

    help_title = "the delta log"

    COMMANDS_OF_SCREEN = DELTA_LOG_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    _header: Header

    def __init__(self) -> None:
        super().__init__()
        self.paused = False
        self._rows: DeltaLogRows | None = None
        self._sequence = -1
        self._looked_at = 0.0

    def compose(self) -> ComposeResult:
        self._header = Header(self.palette)
        self.table = VirtualTable(NoRows(), self.palette, markable=False)
        yield self._header
        yield self.table
        self.prompt = Prompt(self.kwatch.prompt_history)
        yield self.prompt
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        """Begin at the end; while one travels in time, where one is."""
        self.table.focus()
        session = self.kwatch.session
        if session is not None and session.journal is not None:
            delta = self.kwatch.home.time_travel.last_delta()
            self.paused = delta is not None
            around = delta.sequence if delta is not None else None
            self._rows = DeltaLogRows(
                session.journal,
                self._kind_of,
                self.kwatch.clock,
                around,
                UserIndices(self.kwatch.settings.indices),
                with_contexts=len(self.kwatch.open_sessions.all) > 1,
            )
            self._rows.use_width(self.size.width)
            self.table.show(self._rows)
            if delta is None:
                self.call_after_refresh(self.table.action_edge, 1)
            else:
                self.call_after_refresh(self.table.move_cursor_to, str(delta.sequence))

    def on_resize(self) -> None:
        """A wider screen says more of a change."""
        if self._rows is not None:
            self._rows.use_width(self.size.width)

    @property
    def filter(self) -> str:
        return self._rows.filter if self._rows is not None else ""

    def tick(self, now: float) -> None:
        """Show what arrived."""
        rows = self._rows
        if rows is None:
            self.table.set_empty(("Not connected yet", "What arrives is remembered from then on."))
            return
        if self._has_news and now - self._looked_at >= PERIOD:
            self._looked_at = now
            self._sequence = rows.journal.last_sequence
            self._take(rows)
        elif rows.untested and rows.sift():
            self._show_more()
            if self.prompt.is_open:
                self.prompt.mark(None)
        words, mood, stale = self._freshness(now)
        self.table.set_empty(self._nothing(rows, words))
        self._header.show(
            HeaderState(
                context=self.kwatch.context_words,
                resource="delta log",
                freshness=words,
                mood=mood,
                stale=stale,
                count=rows.words,
                narrowed=(f"/{rows.filter}",) if rows.filter else (),
                banner=self.kwatch.banner,
            )
        )

    @property
    def is_busy(self) -> bool:
        return self._has_news or (self._rows is not None and self._rows.untested > 0)

    @property
    def _has_news(self) -> bool:
        return not self.paused and self._rows is not None and self._rows.journal.last_sequence != self._sequence

    @property
    def _is_recorded(self) -> bool:
        return self.kwatch.session is not None and self.kwatch.session.state.is_recording

    def _freshness(self, now: float) -> tuple[str, Mood, str]:
        """What to say, how it looks, and since when nothing is certain: as the worst of what is watched is."""
        session = self.kwatch.session
        if session is None or self._is_recorded:
            return "recorded", Mood.PAST, ""
        if self.paused:
            return "paused, Space goes on", Mood.PAST, ""
        words, mood, stale = worst_freshness(self.kwatch.sessions, now)
        return ("following" if mood is Mood.LIVE else words), mood, stale

    def _nothing(self, rows: DeltaLogRows, words: str) -> tuple[str, ...]:
        """Why there is no row: not found yet, none that matches, or none at all."""
        if rows.filter and rows.untested:
            return (f"None found so far, {rows.untested:,} not looked at yet …",)
        if rows.filter:
            return ("No delta matches the filter", "Esc clears it.")
        return ("Nothing has arrived yet", words[:1].upper() + words[1:])

    def toggle_pause(self) -> None:
        """Stay, or go on at the end."""
        self.paused = not self.paused
        if not self.paused:
            self._sequence = -1
            self.table.action_edge(1)
        self.show_hints()

    @property
    def version(self) -> Version | None:
        """The delta under the cursor."""
        key, rows = self.table.cursor_key, self._rows
        return rows.version(key) if rows is not None and key is not None else None

    def moment_to_mark(self) -> Moment | None:
        """After the delta under the cursor, unless that is the newest."""
        rows, version = self._rows, self.version
        if version is None or rows is None or self.table.cursor.row >= len(rows) - 1:
            return None
        return Moment(version.sequence, version.at)

    def use_filter(self, text: str, *, typing: bool = False) -> bool:
        """Show only what matches; a broken filter is marked, and the last good one stays: False."""
        if self._rows is None:
            return True
        try:
            self._rows.use_filter(text, typing=typing)
        except QuerySyntaxError as error:
            self.prompt.mark(Mistake(error.start, error.end, error.message))
            return False
        complaint = self._rows.complaint
        mistake = Mistake(complaint.start, complaint.end, complaint.message) if complaint is not None else None
        self.prompt.mark(mistake, NO_MATCH_YET if self._rows.is_awaiting else "")
        if not self._rows.is_awaiting:
            self.table.show(self._rows)
            self.table.action_edge(1)
        return True

    def open_object(self) -> None:
        """The object of the delta under the cursor."""
        version = self.version
        if version is None:
            return
        session = self.kwatch.session_of(version.context)
        if session is None:
            self.notify(f"The context {printable(version.context)} is not open any more.", markup=False)
            return
        place = place_of(session, version.resource, version.key)
        if place is not None:
            past = self.kwatch.home.time_travel.past_with(version)
            self.push_object(session, place, version.key, "history", past)

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        self.open_object()

    def _take(self, rows: DeltaLogRows) -> None:
        at_end = self.table.cursor.row >= len(rows) - 1
        rows.take()
        rows.sift()
        self._show_more(at_end=at_end)

    def _show_more(self, *, at_end: bool = True) -> None:
        self.table.rows_changed((), moved=True)
        if at_end:
            self.table.action_edge(1)

    def _kind_of(self, resource: str) -> tuple[Kind, Resource] | None:
        """How the objects of a watched resource look."""
        for informer in [each for session in self.kwatch.open_sessions.all for each in session.informers()]:
            if str(informer.watched.resource) == resource:
                return informer.kind, informer.watched.resource
        return None

"""Setting the baseline, and everything that changed since, across all watched kinds, by owner or by path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.catalog.indices import owner_behind
from kwatch.history.version import Moment
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.everywhere import SHOW_CHANGES
from kwatch.tui.commands.lists import CHANGES, CHANGES_COMMANDS
from kwatch.tui.features.changes.baseline import Baseline, Span, baseline_header, empty_lines, left_out, unknown
from kwatch.tui.features.changes.change_list import BaselineVersions, ChangeLine, Comparing, Grouping, ViewOptions
from kwatch.tui.features.changes.rows import BaselineRows, details
from kwatch.tui.features.time_travel.moment import clock_text, read_moment
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.bar import Words
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header
from kwatch.tui.kit.widgets.prompt import Prompt
from kwatch.tui.kwatch_screen import FilteredScreen
from kwatch.tui.location import place_of
from kwatch.view.freshness import ago

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kwatch.history.comparison import Difference
    from kwatch.history.journal import Journal
    from kwatch.history.version import Moment, Version
    from kwatch.session.session import Session
    from kwatch.tui.features.object.subject import PastObject
    from kwatch.tui.kwatch_screen import KwatchScreen


WORDS_FOR_NONE = frozenset({"clear", "none", "off"})


def set_baseline(screen: KwatchScreen[Any]) -> bool:
    """Mark the moment that the screen shows, or now; False where nothing is remembered."""
    journal = _journal(screen)
    if journal is None:
        return False
    shown = screen.moment_to_mark()
    _mark(screen, shown or now_of(screen, journal))
    return True


def set_baseline_at(screen: KwatchScreen[Any], words: str) -> bool:
    """`:baseline`, `:baseline 14:02`, `:baseline -10m`, `:baseline clear`."""
    return _set_at(screen, words) if words else set_baseline(screen)


def show_changes(screen: KwatchScreen[Any]) -> None:
    """By owner or by path; in the past up to the moment shown."""
    session = screen.kwatch.session
    if session is None or session.names is None or session.journal is None:
        screen.notify("Nothing is remembered yet.", severity="warning", markup=False)
    else:
        app = screen.kwatch
        screen.open_screen("changes", app.sessions_by_context, session.journal, screen.moment_in_view())


def show_changes_since(screen: KwatchScreen[Any], words: str) -> None:
    """`:since -10m` sets the baseline first."""
    if not words or _set_at(screen, words):
        show_changes(screen)


def _set_at(screen: KwatchScreen[Any], words: str) -> bool:
    """Mark `14:02`, `-10m` or `now`, or `clear` the mark; a notice for what makes no sense. Whether one was set."""
    journal = _journal(screen)
    if journal is None:
        return False
    if words in WORDS_FOR_NONE:
        clear_baseline(screen)
        return False
    now = now_of(screen, journal)
    if words == "now":
        _mark(screen, now)
        return True
    began = _began(journal, now.at)
    try:
        at = read_moment(words, began, now.at)
    except (ValueError, OverflowError) as error:
        screen.notify(str(error), severity="error", markup=False)
        return False
    _mark(screen, Moment(journal.sequence_at(at), at))
    if at < began:
        moment = clock_text(began, now.at, fine=False)
        screen.notify(f"Nothing is remembered before {moment}: it is since then.", severity="warning", markup=False)
    return True


def clear_baseline(screen: KwatchScreen[Any]) -> None:
    """Have none any more."""
    baseline, screen.kwatch.baseline = screen.kwatch.baseline, None
    if baseline is not None:
        baseline.clear()
    words = "The baseline is cleared." if baseline is not None else "No baseline is set; m sets one."
    screen.notify(words, timeout=2, markup=False)


def now_of(screen: KwatchScreen[Any], journal: Journal) -> Moment:
    """The newest state; of a recording, which has no now, its end."""
    session = screen.kwatch.session
    sequence = journal.last_sequence
    at = screen.kwatch.clock.time()
    if session is not None and session.state.is_recording:
        newest = journal.log_window(journal.log_length - 1, journal.log_length)
        at = newest[0].at if newest else at
    return Moment(sequence, at)


def _mark(screen: KwatchScreen[Any], moment: Moment) -> None:
    app, journal = screen.kwatch, _journal(screen)
    assert journal is not None and app.session is not None, "there is nothing to mark without them"
    before, app.baseline = app.baseline, Baseline(moment, app.sessions_by_context)
    if before is not None:
        before.clear()  # after the new one holds what is watched, so that nothing stops in between
    now = now_of(screen, journal).at
    when = clock_text(moment.at, now, fine=False)
    passed = now - moment.at
    far = f", {ago(passed)} ago" if passed >= 1 else ""
    key = app.keys_in_force.display(SHOW_CHANGES)
    screen.notify(f"Baseline set at {when}{far}. {key} shows what changed since.", timeout=4, markup=False)


def _began(journal: Journal, now: float) -> float:
    oldest = journal.log_window(0, 1)
    return oldest[0].at if oldest else now


def _journal(screen: KwatchScreen[Any]) -> Journal | None:
    session = screen.kwatch.session
    journal = session.journal if session is not None else None
    if journal is None:
        screen.notify("Nothing is remembered yet.", severity="warning", markup=False)
    return journal


PERIOD = 0.5
"""Seconds between looks while deltas arrive."""
NOTES_PERIOD = 1.0
LOW = 18
"""Lines of a screen below which the list needs all of them."""


class ChangesScreen(FilteredScreen):
    """Compares in a thread of its own while it is open."""

    help_title = "the list of changes since the baseline"

    DEFAULT_CSS = """
    ChangesScreen > VirtualTable { height: 3fr; }
    ChangesScreen > TextView { height: 1fr; min-height: 4; border-top: solid $panel; }
    ChangesScreen.-low > TextView { display: none; }
    ChangesScreen > Words { height: auto; max-height: 2; padding: 0 1; color: $kwatch-muted; background: $surface; }
    """
    COMMANDS_OF_SCREEN = CHANGES_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    def __init__(self, sessions: Mapping[str, Session], journal: Journal, until: Moment | None = None) -> None:
        """`sessions` by their contexts. `until` is the moment that is compared with the baseline; None is now."""
        super().__init__()
        self.options = ViewOptions()
        self._until = until
        self._span = Span()
        self._sessions = sessions
        self._journal = journal
        self._comparing: Comparing | None = None
        self._version = 0
        self._sequence = -1
        self._looked_at = self._noted_at = 0.0
        self.rows = BaselineRows(self._clock_text, contexts=len(sessions) > 1)

    def compose(self) -> ComposeResult:
        self._header = Header(self.palette)
        self.table = VirtualTable(self.rows, self.palette, markable=False)
        self._details = TextView(self.palette)
        self._details.can_focus = False
        self._notes = Words()
        self.prompt = Prompt()
        yield self._header
        yield self.table
        yield self._details
        yield self._notes
        yield self.prompt
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        self.table.focus()
        self.begin()
        self.show_hints()

    def on_unmount(self) -> None:
        if self._comparing is not None:
            self._comparing.close()

    def begin(self) -> None:
        """Compare with the baseline that is set now."""
        if self._comparing is not None:
            self._comparing.close()
        baseline = self.kwatch.baseline
        self._span = span = Span.between(baseline.moment if baseline is not None else None, self._until)
        self._sequence = self._journal.last_sequence
        last = span.until.sequence if span.until is not None else None
        since = self._journal.baseline_diff(self._sessions, span.since, owner_behind, last)
        self._comparing = Comparing(since, self.options, self.kwatch.wake)
        self._version = 0
        self._noted_at = 0.0

    def begin_again(self) -> None:
        """Set the baseline, and show what changes from now on."""
        set_baseline(self)
        self._until = None
        self.begin()

    @property
    def line(self) -> ChangeLine | None:
        return self.rows.line(self.table.cursor_key)

    @property
    def difference(self) -> Difference | None:
        """The difference of the object under the cursor; None on a heading."""
        return self.line.difference if self.line is not None else None

    def tick(self, now: float) -> None:
        """Show what the thread made, and tell it what arrived."""
        comparing = self._comparing
        if comparing is None:
            return
        if self._has_news and now - self._looked_at >= PERIOD:
            self._looked_at, self._sequence = now, self._journal.last_sequence
            comparing.look()
        if comparing.version != self._version:
            self._version = comparing.version
            self.rows.changes = comparing.changes
            self.table.rows_changed(self.rows.changes.places, moved=True)
            self._tell()
        app = self.kwatch
        words = baseline_header(self._sessions, app.context_words, self._span, comparing, app.banner, now)
        self._header.show(words)
        self.table.set_empty(empty_lines(comparing, self._span, now))
        if now - self._noted_at >= NOTES_PERIOD:
            self._noted_at = now
            self._note()

    def awaited(self) -> Iterator[object]:
        return self._comparing.awaited(self._version) if self._comparing is not None else iter(())

    @property
    def is_busy(self) -> bool:
        comparing = self._comparing
        return comparing is not None and (comparing.progress is not None or self._has_news)

    @property
    def _has_news(self) -> bool:
        return self._span.until is None and self._journal.last_sequence != self._sequence

    def moment_in_view(self) -> Moment | None:
        """The later one of the two that are compared, if that is not now."""
        return self._until

    def moment_to_mark(self) -> Moment | None:
        """The later one of the two that are compared."""
        return self._span.until

    def show_with(self, options: ViewOptions) -> None:
        self.options = options
        self._noted_at = 0.0
        if self._comparing is not None:
            self._comparing.ask(options)

    def regroup(self) -> None:
        """By owner, or by path; from the top."""
        self.table.action_edge(-1)
        self.show_with(self.options.regrouped())

    @property
    def is_by_owner(self) -> bool:
        return self.options.grouping is Grouping.OWNER

    @property
    def is_in_group(self) -> bool:
        return self.line is not None and bool(self.line.group)

    def toggle_all(self) -> None:
        """Fold every group, or unfold every one."""
        self.show_with(self.options.all_folded(not self.options.folded))

    def toggle_noise(self) -> None:
        self.show_with(replace(self.options, noise=not self.options.noise))

    def toggle_everything(self) -> None:
        self.show_with(replace(self.options, everything=not self.options.everything))

    @property
    def filter(self) -> str:
        return self.options.words

    def use_filter(self, text: str, *, typing: bool = False) -> bool:
        """Show only what contains all words."""
        self.show_with(replace(self.options, words=text))
        return True

    def open_line(self) -> None:
        """Fold or unfold a heading; the two versions of an object side by side."""
        if self.difference is None:
            self.toggle_group()
        else:
            last = self._span.until.sequence if self._span.until is not None else None
            self.open_screen("diff", BaselineVersions(self._journal, self.difference, last))

    def toggle_group(self) -> None:
        """Fold or unfold the group that the cursor is in."""
        line = self.line
        if line is not None and line.group:
            self.table.move_cursor_to(line.group)
            self.show_with(self.options.toggled(line.group))

    def go_out(self) -> None:
        """From an object to its heading; from there, fold."""
        line = self.line
        if line is None or not line.group:
            return
        if line.difference is not None:
            self.table.move_cursor_to(line.group)
        elif line.is_open:
            self.toggle_group()

    def go_in(self) -> None:
        """Unfold a heading; from there, to the first object."""
        line = self.line
        if line is None or line.difference is not None:
            return
        if line.is_open:
            self.table.action_move(1)
        else:
            self.toggle_group()

    def open_object(self, tab: str) -> None:
        """The object under the cursor on one of its tabs."""
        if self.difference is None:
            return
        version = self.difference.new
        session = self._sessions[version.context]
        place = place_of(session, version.resource, version.key)
        if place is None:
            self.notify(f"The server has no {version.resource} any more.", severity="warning", markup=False)
            return
        self.push_object(session, place, version.key, tab, self._past_of(version))

    def _past_of(self, version: Version) -> PastObject | None:
        """The object at the later moment, if that is not now."""
        from kwatch.tui.features.object.subject import past_object

        until = self._span.until
        if until is None:
            return None
        return past_object(self._journal, version.context, version.resource, version.key, until)

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        self.open_line()

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        """Another line, and other hints on a heading than on an object."""
        self._tell()

    def on_resize(self) -> None:
        """Another width has room for other columns; a low screen is for the list alone."""
        self.set_class(self.size.height < LOW, "-low")
        if self.rows.fit(self.size.width):
            self.table.show(self.rows, keep_cursor=True)

    def _clock_text(self, at: float) -> str:
        return clock_text(at, self.kwatch.clock.time(), fine=False)

    def _tell(self) -> None:
        """All of the line under the cursor."""
        lines = details(self.line, self._clock_text, noise=self.rows.changes.options.noise)
        if lines != self._details.document.lines:
            self._details.set_lines(lines)
        self.show_hints()

    def _note(self) -> None:
        assert self._comparing is not None
        changes, keys = self._comparing.changes, self.kwatch.keys_in_force.keys_by_id(CHANGES)
        notes = unknown(self._journal, self._sessions, self._span, changes, self._clock_text)
        self._notes.say(" · ".join([*notes, *left_out(changes, keys)]))

"""Everything that is wrong, across all watched kinds, in one list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.base.namespaces import is_one
from kwatch.history.version import Moment
from kwatch.query.index_names import UserIndices
from kwatch.query.parser import parse
from kwatch.query.syntax import QuerySyntaxError
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.lists import PROBLEMS, PROBLEMS_COMMANDS
from kwatch.tui.features.changes.changes_screen import now_of
from kwatch.tui.features.object.tabs import WITH_PODS
from kwatch.tui.features.problems.investigator import Investigator, cause_keys
from kwatch.tui.features.problems.list_maker import ListMaker, ListOptions, left_out
from kwatch.tui.features.problems.problem_feeds import LookedThrough, PastProblems, ProblemFeeds
from kwatch.tui.features.problems.problem_rows import ProblemRows, details
from kwatch.tui.features.time_travel.as_of_table import MomentClock
from kwatch.tui.features.time_travel.moment import read_moment
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, Mood
from kwatch.tui.kit.widgets.prompt import Mistake, Prompt
from kwatch.tui.kwatch_screen import FilteredScreen
from kwatch.tui.location import place_of
from kwatch.view.problem_lines import ProblemLine, window_of
from kwatch.view.problem_past import window_for
from kwatch.view.problems import UnhealthyObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kwatch.informer.clock import Clock
    from kwatch.session.session import Session
    from kwatch.tui.features.object.subject import PastObject

PERIOD = 0.5
"""Seconds between looks at the list."""
LOOKING = 0.01
"""Seconds of each tick spent on finding out what is wrong."""
SHARE = 5
"""How many times as long as making the list took is waited until it is made again."""
BARS_PERIOD = 10.0
"""Seconds after which what is shown of the past has moved on."""
LOW, HIGH = 18, 40
"""Heights from which the problem under the cursor is shown below the list, and with more room."""


class ProblemsScreen(FilteredScreen):
    """Watches the telling kinds only while it is open; of a moment in the past, what the journal knows."""

    help_title = "the list of problems"

    DEFAULT_CSS = """
    ProblemsScreen > VirtualTable { height: 1fr; }
    ProblemsScreen > TextView { height: 7; border-top: solid $panel; }
    ProblemsScreen.-low > TextView { display: none; }
    ProblemsScreen.-high > TextView { height: 9; }
    """
    COMMANDS_OF_SCREEN = PROBLEMS_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    def __init__(
        self, sessions: Mapping[str, Session], namespace: str | None, until: Moment | None = None, filter_text: str = ""
    ) -> None:
        """`sessions` by their contexts; `until` is the moment in the past that is looked at, None is now."""
        super().__init__()
        self._filter = ""
        self._first_filter = filter_text
        self._sessions = sessions
        self._journal = next((each.journal for each in sessions.values()), None)
        self._namespace = namespace
        self._until = until
        self._options = ListOptions()

    def compose(self) -> ComposeResult:
        self._begin()
        self._header, self._below = Header(self.palette), TextView(self.palette, wrap=True)
        self._below.can_focus = False
        self.table = VirtualTable(self.rows, self.palette, markable=False)
        self.prompt = Prompt(self.kwatch.prompt_history)
        yield self._header
        yield self.table
        yield self._below
        yield self.prompt
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def _begin(self) -> None:
        """Look at the moment that is wanted."""
        until, journal, clock, wake = self._until, self._journal, self.kwatch.clock, self.kwatch.wake
        if until is not None:
            clock = MomentClock(clock, until.at)
        self._clock: Clock = clock
        parts = [
            PastProblems(*each, journal, until, self._namespace)
            if until is not None and journal is not None
            else ProblemFeeds(*each, self._namespace)
            for each in self._sessions.items()
        ]
        self._feeds = feeds = LookedThrough(parts, until)
        self._maker = ListMaker(feeds, self._namespace, until, clock, wake)
        self._investigator = Investigator(self._sessions, until, clock, wake)
        several = not is_one(self._namespace) or feeds.are_wider
        self.rows = ProblemRows(self._investigator, several=several, contexts=feeds.are_several)
        self._looked_at = self._asked_at = self._drawn_at = 0.0
        self._stale, self._sequence, self._shown = True, 0, (0, 0)
        self._is_awaited = False

    def _end(self) -> None:
        self._maker.close()
        self._investigator.close()
        self._feeds.release()

    def on_mount(self) -> None:
        self.table.focus()
        if self._first_filter:
            self.use_filter(self._first_filter)
        self.show_hints()

    def on_resize(self) -> None:
        self.set_class(self.size.height < LOW, "-low")
        self.set_class(self.size.height >= HIGH, "-high")
        self._draw()

    def on_unmount(self) -> None:
        self._end()

    def tick(self, now: float) -> None:
        """Find out more, and show it from time to time."""
        self._feeds.take()
        at = self._clock.time()
        self._stale |= self._feeds.look(at, LOOKING)
        if (self._maker.version, self._investigator.version) != self._shown:
            self._draw()
            self._header.show(self._state(now))
        if now - self._looked_at < PERIOD:
            return
        self._looked_at = now
        if now - self._drawn_at >= BARS_PERIOD:
            self._draw()
        if self._has_news and now - self._asked_at >= max(PERIOD, SHARE * self._maker.took):
            self._make()
        self._investigate()
        self.table.set_empty(self._empty())
        self._header.show(self._state(now))

    def awaited(self) -> Iterator[object]:
        """The thread, while it makes what a key asked for."""
        if self._is_awaited:
            yield self._maker

    @property
    def is_busy(self) -> bool:
        return self._has_news or not self._feeds.is_complete

    @property
    def _has_news(self) -> bool:
        """What healed is known by the deltas."""
        journal = self._journal
        sequence = journal.last_sequence if journal is not None and self._options.within is not None else 0
        return self._stale or (self._until is None and sequence != self._sequence)

    def moment_in_view(self) -> Moment | None:
        """The moment in the past that is looked at."""
        return self._until

    def go_to_moment(self, words: str) -> None:
        """`:at 14:02`, `:at -10m`, `:at now`: another moment, in the same list."""
        journal = self._journal
        if journal is None:
            return
        now, oldest = now_of(self, journal), journal.log_window(0, 1)
        began = oldest[0].at if oldest else now.at
        try:
            at = now.at if words in ("", "now", "live", "end") else read_moment(words, began, now.at)
        except (ValueError, OverflowError) as error:
            self.notify(str(error), severity="error", markup=False)
            return
        is_recording = any(each.state.is_recording for each in self._sessions.values())
        is_now = at >= now.at and not is_recording
        self._until = None if is_now else Moment(journal.sequence_at(at), min(at, now.at))
        self._begin_again()

    def look_in(self, namespace: str | None) -> None:
        """In another namespace, None for all, with the same filter."""
        self._namespace = namespace
        self._begin_again()

    def _begin_again(self) -> None:
        self._end()
        self._begin()
        self.table.show(self.rows)
        self._ask()

    @property
    def filter(self) -> str:
        return self._filter

    def use_filter(self, text: str, *, typing: bool = False) -> bool:
        """Show only problems that match; `since:1h` also shows what healed."""
        try:
            within, query = window_of(parse(text, UserIndices(self.kwatch.settings.indices).names))
        except QuerySyntaxError as error:
            self.prompt.mark(Mistake(error.start, error.end, error.message))
            return False
        if self.prompt.is_open:
            self.prompt.mark(None)
        self._filter = self.filter_to_report = text
        self._options = replace(self._options, query=query, within=within)
        self._ask()
        return True

    @property
    def line(self) -> ProblemLine | None:
        """The one under the cursor."""
        return self.rows.line(self.table.cursor_key)

    @property
    def problem(self) -> UnhealthyObject | None:
        """The one under the cursor; of several, the first."""
        return self.line.first if self.line is not None else None

    @property
    def has_logs(self) -> bool:
        return self.problem is not None and str(self.problem.resource) in WITH_PODS

    @property
    def is_on_group(self) -> bool:
        return self.line is not None and self.line.is_group

    @property
    def is_on_folded(self) -> bool:
        return self.is_on_group and not self.is_in_group

    @property
    def is_in_group(self) -> bool:
        return self.line is not None and bool(self.line.depth or self.line.is_open)

    def toggle_group(self) -> None:
        """List the members of the line one by one, or no more."""
        line = self.line
        if line is not None and line.is_group:
            keys, opened = {line.key, *line.parts}, self._options.opened
            self._options = replace(self._options, opened=opened - keys if line.is_open else opened | keys)
            self._ask()

    def go_out(self) -> None:
        """From a member to the line of all; from there, fold."""
        line = self.line
        if line is not None and line.depth:
            place = self.rows.lines.places[line.key]
            self.table.move_cursor_to(next(each.key for each in self.rows.lines.lines[place::-1] if not each.depth))
        else:
            self.toggle_group()

    def open_line(self) -> None:
        """The object, or the members of the line."""
        if self.is_on_group:
            self.toggle_group()
        else:
            self.open_object("overview")

    def open_object(self, tab: str) -> None:
        """The object of the problem under the cursor; of several, the first."""
        problem, session = self.problem, self.session_in_view()
        if problem is None or session is None:
            return
        place = place_of(session, str(problem.resource), problem.key)
        if place is not None:
            self.push_object(session, place, problem.key, tab, self._past_of(problem))

    def session_in_view(self) -> Session | None:
        """Of the problem under the cursor."""
        return self._sessions.get(self.problem.context) if self.problem is not None else super().session_in_view()

    def _past_of(self, unhealthy: UnhealthyObject) -> PastObject | None:
        """Its object at the moment that is looked at; None for now."""
        from kwatch.tui.features.object.subject import past_object

        until, journal = self._until, self._journal
        if until is None or journal is None:
            return None
        return past_object(journal, unhealthy.context, *unhealthy.id, until)

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        self.open_line()

    def on_virtual_table_heading_clicked(self, message: VirtualTable.HeadingClicked) -> None:
        if message.column_id in ("since", "name"):
            self.sort_by(message.column_id)

    def sort_by(self, order: str) -> None:
        """`since` or `name`; what is worse stays before the rest."""
        self._options, self.rows.sorted_by = replace(self._options, order=order), (order, order == "since")
        self._ask()

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        """A pod has logs, others have none."""
        self.show_hints()
        self._explain()
        self._investigate()

    def _ask(self) -> None:
        """Have it made again for a key: the next one is for what comes of it."""
        self._is_awaited = True
        self._make()

    def _make(self) -> None:
        """Have the list made again."""
        journal = self._journal
        self._stale = False
        self._sequence = journal.last_sequence if journal is not None and self._options.within is not None else 0
        self._asked_at = self.kwatch.clock.time()
        self._maker.ask(self._options)

    def _draw(self) -> None:
        """Show what the threads made."""
        self._shown = self._maker.version, self._investigator.version
        self._is_awaited = self._is_awaited and not self._maker.is_done
        line, rows, at = self.line, self.rows, self._clock.time()
        rows.lines, rows.now, self._drawn_at = self._maker.lines, at, self.kwatch.clock.time()
        rows.window = self._options.within or window_for(self._journal, at)
        options = replace(self._options, causes=cause_keys(self._investigator.causes), onsets=rows.onsets())
        if options != self._options:
            self._options, self._stale = options, True
        seen = self.table.visible_keys or [line.key for line in rows.lines.lines[: self.size.height]]
        rows.fit(seen, self.size.width)
        self.table.show(rows, keep_cursor=True)
        if line is not None and rows.row_of(line.key) is None and self.table.cursor.pinned:
            self._find(line.first)
        if line is None or line.is_group is not self.is_on_group:
            self.show_hints()
        self._explain()

    def _find(self, unhealthy: UnhealthyObject) -> None:
        """Put the cursor on the line that an object is on now."""
        lines = self.rows.lines.lines
        which = unhealthy.context, unhealthy.id
        found = (line.key for line in lines if any((each.context, each.id) == which for each in line.members))
        key = next(found, None)
        if key is not None:
            self.table.move_cursor_to(key)

    def _investigate(self) -> None:
        """What is under the cursor first, then what is in sight, then what might have to be."""
        lines = [self.line, *map(self.rows.line, self.table.visible_keys), *self.rows.dated]
        seen = [*{line.key: line for line in lines if line is not None}.values()]
        self._investigator.read(seen, self.rows.lines.alike, self._maker.object_of)

    def _explain(self) -> None:
        """The problem under the cursor, at length."""
        line = self.line
        keys = self.kwatch.keys_in_force.keys_by_id(PROBLEMS)
        lines = details(line, self.rows, keys) if line is not None else []
        if lines != self._below.document.lines:
            self._below.set_lines(lines)

    def _state(self, now: float) -> HeaderState:
        words, mood, stale = self._feeds.freshness(now)
        lines = self.rows.lines
        problems = f"{lines.total:,} {'problem' if lines.total == 1 else 'problems'}"
        shown = f"{lines.count:,} of " if self._options.query else ""
        healed = f", {lines.healed:,} healed" if self._options.within is not None else ""
        complete = self._feeds.is_synced and self._feeds.is_complete and self._maker.version > 0
        so_far = "" if complete else " so far"
        return HeaderState(
            context=self.kwatch.context_words,
            namespace=self._feeds.where(self._namespace),
            resource="problems",
            freshness=words if complete or mood is not Mood.LIVE else "looking",
            stale=stale,
            mood=mood if complete or mood is not Mood.LIVE else Mood.WORKING,
            count=f"{shown}{problems}{healed}{so_far} in {self._feeds.words}",
            facts=self._feeds.facts(lines.by_context, now),
            notes=(*self._feeds.unlooked_at, *left_out(self._maker)),
            narrowed=(f"/{self.filter}",) if self.filter else (),
            banner=self.kwatch.banner,
        )

    def _empty(self) -> tuple[str, ...]:
        if self._maker.mistake:
            return (self._maker.mistake,)
        if self._options.query and self.rows.lines.total:
            return ("No problem matches", "Esc shows all of them.")
        is_looking = not self._feeds.is_complete or self._feeds.has_any or not self._maker.version
        return self._feeds.nothing_words(is_looking=is_looking)

"""Home: a live table of one place, with what can be typed, looked at and done there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from kwatch.base.printable import printable
from kwatch.informer.errors import Closed
from kwatch.session.state import ConnectionPhase
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.table_commands import TABLE_COMMANDS
from kwatch.tui.features.explorer.explorer_panel import BESIDE, Explorer
from kwatch.tui.features.object.tabs import WITH_PODS
from kwatch.tui.features.table.filter_bar import FilterBar
from kwatch.tui.features.table.header import TYPING, empty_text, header_state
from kwatch.tui.features.table.live_table_screen import LiveTableScreen
from kwatch.tui.features.table.navigator import Navigator, WarmTable, WarmTables
from kwatch.tui.features.table.split_view import SplitView
from kwatch.tui.features.time_travel.controls import TimeTravelControls
from kwatch.tui.kit.table.rows import NoRows
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.footer import Footer, Hint
from kwatch.tui.kit.widgets.header import Header
from kwatch.tui.kit.widgets.prompt import Candidates, Prompt
from kwatch.tui.location import Location
from kwatch.tui.navigation import CLEAR_FILTER, TRAVEL, UNDO_FILTER, Visit, load

if TYPE_CHECKING:
    from kwatch.session.session import Session
    from kwatch.tui.features.explorer.explorer_panel import ExplorerPanel
    from kwatch.tui.features.object.subject import Subject
    from kwatch.tui.features.table.detail_panel import DetailPanel
    from kwatch.tui.features.table.table_model import TableModel
    from kwatch.tui.features.time_travel.time_bar import TimeBar


class TableScreen(LiveTableScreen):
    """Follows the session: waits for it, opens the place asked for, and shows what it says meanwhile."""

    help_title = "the table"

    COMMANDS_OF_SCREEN = TABLE_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    def __init__(self) -> None:
        super().__init__()
        self.navigation = Navigator(self, self._open)
        self.time_travel = TimeTravelControls(self)
        self.explorer = Explorer(self)
        self.split = SplitView(self, self.subject)
        self.warm_tables = WarmTables()
        self._word_shown = ""
        """The word in the footer for the way back."""

    def compose(self) -> ComposeResult:
        self._header = Header(self.palette)
        self.table = VirtualTable(NoRows(), self.palette)
        self._candidates = Candidates(self.palette)
        self.filter_bar = FilterBar(self, Prompt(self.kwatch.prompt_history))
        yield self._header
        yield Horizontal(self.table, id=BESIDE)
        yield self._candidates
        yield self.filter_bar.prompt
        yield Footer(self.palette)

    def on_mount(self) -> None:
        self.table.focus()

    def on_unmount(self) -> None:
        self.warm_tables.close_cold()
        if self.live is not None:
            self.live.close()

    def tick(self, now: float) -> None:
        """Carry what changed to the lines on screen."""
        session = self.kwatch.session
        if session is not self.session or self.kwatch.sessions != self.sessions:
            self._leave_session(session)
        self.warm_tables.close_cold(self.kwatch.open_sessions.all)
        if self.live is None and session is not None and session.state.phase is ConnectionPhase.CONNECTED:
            self.navigation.arrive()
        if self.live is not None:
            self.follow_table(self.live, now)
            self.filter_bar.tick()
        self.time_travel.tick(now)
        self.explorer.tick(now)
        self.split.tick()
        now = float(int(now))  # what is said changes with the seconds, as ages do
        self._header.show(header_state(self.kwatch, self.place, self.live, now))
        goes_on = self.time_travel.has_newer_deltas
        self.table.set_empty(empty_text(self.kwatch, self.place, self.live, now, self._word_for_empty, goes_on=goes_on))
        word = self.word_for_way_back
        if word != self._word_shown:  # what Escape does changes with much that no key did
            self._word_shown = word
            self.show_hints()

    def awaited(self) -> Iterator[object]:
        """The past, and what is counted, that a key asked for."""
        return iter((*self.time_travel.awaited(), *self.explorer.awaited()))

    @property
    def is_busy(self) -> bool:
        """Also on the way to the first table, and while time passes or another moment is made."""
        if self.live is None:
            session = self.kwatch.session
            return session is None or session.state.phase is ConnectionPhase.CONNECTING
        return self.live.is_busy or self.time_travel.is_busy or self.explorer.is_counting or self.split.is_busy

    def _leave_session(self, session: Session | None) -> None:
        """Other contexts are shown: those before stay as they are, as long as their sessions are open."""
        self.time_travel.return_to_now()
        self.split.close()
        if self.live is not None and self.visit is not None:
            self.leave_place()
            self.warm_tables.keep(self.sessions, WarmTable(self.live, self.visit, self.navigation))
        self.session, self.sessions = session, self.kwatch.sessions
        self.live = self.visit = self._awaited = None
        warm = self.warm_tables.take(self.sessions)
        if warm is None or not self._return_to(warm):
            self.navigation = self.navigation.for_others()
            self.table.show(NoRows())

    def _return_to(self, warm: WarmTable) -> bool:
        """Show a table as it was left; False where its session has ended."""
        self.navigation = warm.navigation
        if not warm.table.catch_up(self.column_choice(), self.user_indices()):
            warm.table.close()
            return self._open(warm.visit, False)
        self._show(warm.table, warm.visit)
        return True

    def _open(self, visit: Visit, is_new: bool) -> bool:
        """Show a table, as it was left; False where that cannot be. `is_new`: the history goes on there."""
        from kwatch.tui.features.table.live_table import LiveTable

        if not self.sessions:
            return False
        try:
            live = LiveTable(self.sessions, visit.place, self.kwatch.clock, self.column_choice(), self.user_indices())
        except Closed:
            # Another context is on its way, and shows itself once it is there.
            self.notify("That context is not open any more.", severity="warning", markup=False)
            return False
        self.time_travel.leave_place()
        self.leave_place()
        if self.live is not None:
            self.live.close()
        if is_new:
            self.navigation.history.visit(visit)
        self._show(live, visit)
        return True

    def _show(self, live: TableModel, visit: Visit) -> None:
        self.show_table(live, visit, self.time_travel.arrive_at_place)
        for each in self.sessions:
            each.look_at(self.navigation.namespace_in_use)

    # Escape

    @property
    def way_back(self) -> tuple[str, Callable[[], None]] | None:
        """What Escape does here, in a word or two, and how; None where there is nothing to go back to."""
        visit, live = self.visit, self.live
        if visit is None or live is None:
            return None
        if self.split.has_focus:
            return "table", lambda: self.set_focus(self.table)
        begun = self._begun(visit.filter, live.place_asked_for.filter)
        visit.steps = [each for each in visit.steps if each in begun]
        # Where one was in time already when one came here, one is so when one leaves.
        visit.steps += [each for each in begun if each not in visit.steps and each != TRAVEL]
        if visit.steps:
            return visit.steps[-1], begun[visit.steps[-1]]
        if self.navigation.history.can_step(-1):
            return "back", lambda: self.navigation.step_back(-1)
        if TRAVEL in begun:
            return TRAVEL, begun[TRAVEL]
        return (CLEAR_FILTER, lambda: self.use_filter("")) if live.place.filter else None

    @property
    def word_for_way_back(self) -> str:
        return self.way_back[0] if self.way_back is not None else ""

    def take_way_back(self) -> None:
        """One thing at a time."""
        if self.way_back is not None:
            self.way_back[1]()

    def _begun(self, filter_before: str, filter_now: str) -> dict[str, Callable[[], None]]:
        """What was begun on the table that is shown, and how each ends."""
        begun: dict[str, Callable[[], None]] = {}
        if filter_now != filter_before:
            begun[UNDO_FILTER if filter_before else CLEAR_FILTER] = lambda: self.use_filter(filter_before)
        if self.table.marks:
            begun["clear marks"] = self.table.clear_marks
        if self.explorer.panel is not None and self.explorer.panel.is_open:
            begun["close indexes"] = self.explorer.panel.close
        if self.time_travel.is_active and not self.time_travel.is_replaying:
            begun[TRAVEL] = self.time_travel.return_to_now
        return begun

    def _word_for_empty(self) -> str:
        return TYPING if self.filter_bar.is_filtering else self.word_for_way_back

    # The object under the cursor

    @property
    def has_row(self) -> bool:
        return self.live is not None and self.table.cursor_key is not None

    def is_on(self, *resources: str) -> bool:
        """Whether the object under the cursor is one of those."""
        subject = self.subject()
        return subject is not None and str(subject.resource) in resources

    @property
    def has_logs(self) -> bool:
        """Whether the object under the cursor has pods."""
        subject = self.subject()
        return subject is not None and str(subject.resource) in WITH_PODS

    @property
    def shows_logs(self) -> bool:
        """Whether anything that is shown has pods."""
        place = self.place
        return place is not None and any(str(each) in WITH_PODS for each in place.resources)

    def open_logs(self) -> None:
        """Of the object under the cursor, or of the marked ones together."""
        if len(self.table.marks) > 1:
            load("kwatch.tui.features.table.drill_down:open_logs")(self, sorted(self.table.marks))
        else:
            self.open_object("logs")

    def open_logs_of_all(self) -> None:
        """Of every row, and of those that will match."""
        load("kwatch.tui.features.table.drill_down:open_logs")(self, None)

    def subject(self) -> Subject | None:
        """The object under the cursor."""
        key = self.table.cursor_key
        if self.live is None or self.session is None or key is None:
            return None
        from kwatch.tui.features.object.subject import Subject

        source, plain = self.live.sources.locate(key)
        feed = source.feed.of(plain)
        past = self.time_travel.past_of(source.context, source.resource, plain)
        return Subject(source.session, feed, plain, past) if feed is not None else None

    def session_in_view(self) -> Session | None:
        subject = self.subject()
        return subject.session if subject is not None else self.kwatch.session

    def open_object(self, tab: str) -> None:
        """Open the object under the cursor on one of its tabs."""
        subject = self.subject()
        if subject is not None:
            self.time_travel.hold()
            watched = Location.of_watched(subject.feed.watched)
            self.push_object(subject.session, watched, subject.key, tab, subject.past)

    def decode_secret(self, *_: str) -> None:
        """Its YAML with the values in plain text, if that is confirmed."""
        subject = self.subject()
        if subject is not None:
            confirm = load("kwatch.tui.features.choosing:confirm_decoding")
            confirm(self, subject.name, lambda: self.open_object("decoded"))

    def drill_down(self) -> None:
        """To what the object consists of, or to its containers or its history."""
        from kwatch.tui.features.table.drill_down import deepest_tab, drill_down

        subject = self.subject()
        if subject is None:
            return
        if self.split.has_focus:
            self.open_object(self.split.tab)
            return
        destination = drill_down(subject.resource, subject.object)
        resource = self.navigation.resolve(destination.resource) if destination is not None else None
        if destination is not None and resource is not None:
            context = subject.session.context if self.kwatch.contexts else ""
            self.navigation.go(destination.within(context).place(resource))
        else:
            self.open_object(deepest_tab(subject.resource))

    def go_to_node(self, *_: str) -> None:
        """Nodes, with the cursor on the one that the pod runs on."""
        subject = self.subject()
        if subject is not None and subject.object is not None and subject.object.node:
            self.navigation.go_to_named("nodes", subject.object.node, subject.session.context)

    def go_to_owner(self) -> None:
        """Its resource, with the cursor on it."""
        subject = self.subject()
        if subject is None or subject.object is None:
            return
        from kwatch.view.relations import nearest_owner

        names = subject.session.names
        owner = nearest_owner(subject.resource, subject.object, names) if names is not None else None
        if owner is None:
            self.notify("It has no owner.", markup=False)
            return
        self.navigation.go_to_named(str(owner[0]), owner[1], subject.session.context)

    def copy_names(self) -> None:
        """By OSC 52, which works over ssh too."""
        keys = sorted(self.table.marks) or [self.table.cursor_key or ""]
        names = [printable(key.rpartition("/")[2]) for key in keys]
        self.app.copy_to_clipboard("\n".join(names))
        what = names[0] if len(names) == 1 else f"{len(names)} names"
        self.notify(f"Copied {what}.", markup=False, timeout=2)

    # What is typed

    @property
    def is_typing(self) -> bool:
        """Whether the filter bar or the command line is open, or something else is typed into."""
        return self.filter_bar.prompt.is_open or isinstance(self.focused, Input)

    def mend_filter(self, complaint: str, text: str | None = None) -> None:
        if self.is_current and not self.is_typing:
            self.filter_bar.open(text)
        else:
            super().mend_filter(complaint, text)

    def own_hints(self) -> tuple[Hint, ...]:
        """While the explorer has the focus, its own keys."""
        return self.explorer.hints() if self.explorer.has_focus else super().own_hints()

    def hints_everywhere(self) -> tuple[Hint, ...]:
        """Not while the explorer has the focus: letters are typed into it."""
        return () if self.explorer.has_focus else super().hints_everywhere()

    # What its parts say

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        """Enter, or a double click."""
        self.kwatch.run_command_by_id("object.drill-down")

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        self.filter_bar.changed(message)

    def on_prompt_offered(self, message: Prompt.Offered) -> None:
        self._candidates.show(message.completions, message.chosen)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        self.filter_bar.submitted(message)

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        self.filter_bar.cancelled(message)

    def on_input_changed(self) -> None:
        """What is typed into the explorer comes to know other keys."""
        self.show_hints()

    def on_descendant_blur(self) -> None:
        self.show_hints()

    def on_footer_clicked(self, message: Footer.Clicked) -> None:
        self.explorer.hint_clicked(message)

    def on_header_clicked(self, message: Header.Clicked) -> None:
        """The count of a kind, where there are several, leads to its rows, and back."""
        sources = self.live.sources if self.live is not None else ()
        kind = next((each.resource.kind for each in sources if each.resource.name == message.what), "")
        if kind and self.live is not None:
            from kwatch.query.editing import toggled

            message.prevent_default()
            self.use_filter(toggled(self.live.place.filter, f"kind:{kind}", self.live.projection.names))

    def on_explorer_panel_filtered(self, message: ExplorerPanel.Filtered) -> None:
        self.use_filter(message.text)

    def on_explorer_panel_closed(self, message: ExplorerPanel.Closed) -> None:
        self.table.focus()

    def on_detail_panel_opened(self, message: DetailPanel.Opened) -> None:
        self.open_object(message.tab)

    def on_detail_panel_tab_clicked(self, message: DetailPanel.TabClicked) -> None:
        self.split.use(message.tab)

    def on_time_bar_chosen(self, message: TimeBar.Chosen) -> None:
        self.time_travel.go_to_time(message.moment)

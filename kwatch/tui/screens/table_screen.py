"""Home: a live table of one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from kwatch.session.state import ConnectionPhase
from kwatch.tui.commands.baseline import BASELINE
from kwatch.tui.commands.command import Command, bindings
from kwatch.tui.commands.exploring import EXPLORING
from kwatch.tui.commands.going import GOING
from kwatch.tui.commands.narrowing import NARROWING
from kwatch.tui.commands.objects import OBJECTS
from kwatch.tui.commands.sorting import SORTING
from kwatch.tui.commands.time_travel import TIME_TRAVEL
from kwatch.tui.commands.views import VIEWS
from kwatch.tui.kit.table.rows import NoRows
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header
from kwatch.tui.kit.widgets.prompt import Candidates, Prompt
from kwatch.tui.screens.arriving import arrive
from kwatch.tui.screens.exploring import BESIDE, Exploring
from kwatch.tui.screens.prompting import Prompting
from kwatch.tui.screens.table_header import empty_text, header_state
from kwatch.tui.screens.travelling import Travelling
from kwatch.tui.screens.visiting import Visiting

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.session.session import Session
    from kwatch.tui.features.object.subject import Subject
    from kwatch.tui.features.table.table_model import TableModel


class TableScreen(Prompting, Exploring, Travelling, Visiting):
    """Follows the session: waits for it, opens the place asked for, and shows what it says meanwhile."""

    help_title = "the table"

    COMMANDS_OF_SCREEN: ClassVar[tuple[type[Command[Any]], ...]] = (
        *OBJECTS,
        *NARROWING,
        *EXPLORING,
        *SORTING,
        *GOING,
        *TIME_TRAVEL,
        *BASELINE,
        *VIEWS,
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    # Kept by name: a beat may come while the screen is being taken down, when nothing can be looked up any more.
    _header: Header
    _table: VirtualTable

    def __init__(self) -> None:
        super().__init__()
        self.live: TableModel | None = None
        self._session: Session | None = None
        self.looked_through: ResourceNames | None = None
        """Among which names the first place was looked for, as long as it was not found."""
        self._period = 0
        self._way_back = ""
        """The word for it in the footer."""
        self._notice = ""

    def compose(self) -> ComposeResult:
        """Header, table, what is typed into, footer."""
        self._header = Header(self.palette)
        self._table = VirtualTable(NoRows(), self.palette)
        yield self._header
        yield Horizontal(self._table, id=BESIDE)
        yield Candidates(self.palette)
        yield Prompt(self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        """The table has the focus from the start."""
        self.table.focus()

    @property
    def session(self) -> Session | None:
        """The session whose objects are shown."""
        return self._session

    @property
    def table(self) -> VirtualTable:
        """The table."""
        return self._table

    def tick(self, now: float) -> None:
        """Carry what changed to the lines on screen."""
        session = self.kwatch.session
        if session is not self._session:
            self._leave_session(session)
        if self.live is None and session is not None and session.state.phase is ConnectionPhase.CONNECTED:
            arrive(self)
        if self.live is not None:
            self._step(self.live, now)
            self.follow_in_prompt()
        self.follow_in_time(now)
        self._header.show(header_state(self.kwatch, self.place, self.live, now))
        self.follow_in_explorer(now)
        self.table.set_empty(empty_text(self.kwatch, self.place, self.live, now))
        self._follow_way_back()

    def _follow_way_back(self) -> None:
        """What Escape does changes with much that no key did: the footer tells it as it is."""
        word = self.way_back[0] if self.way_back is not None else ""
        if word != self._way_back:
            self._way_back = word
            self.show_hints()

    def subject(self) -> Subject | None:
        """The object under the cursor."""
        key = self.table.cursor_key
        if self.live is None or self._session is None or key is None:
            return None
        from kwatch.tui.features.object.subject import Subject

        source, plain = self.live.sources.locate(key)
        return Subject(self._session, source.feed, plain, self.past_of(source.resource, plain))

    def open_object(self, tab: str) -> None:
        """Open the object under the cursor on one of its tabs."""
        subject, place = self.subject(), self.place
        if subject is not None and place is not None:
            self.hold_moment()
            alone = place.alone(subject.resource)
            self.push_object(subject.session, alone, subject.key, tab, subject.past)

    def use_filter(self, text: str) -> None:
        """Filter the rows; the last good filter stays where this one is broken, and can be mended."""
        from kwatch.query.syntax import QuerySyntaxError

        if self.live is None:
            self.filter_ahead = text
            return
        try:
            self.live.filter(text)
        except QuerySyntaxError as error:
            if self.is_current and not self.is_typing:
                self.open_filter(text)
            else:
                self.notify(error.message, severity="error", markup=False)
            return
        self.amended()

    def toggle_wide(self) -> None:
        """More columns, or fewer."""
        if self.live is not None:
            self.live.set_wide(not self.live.place.wide)
            self.amended(new_columns=True)

    def has_column(self, column: str) -> bool:
        """Whether one can sort by it."""
        return any(heading.id == column for heading in self.table.rows.headings)

    def sort_by(self, column: str) -> None:
        """Order by a column, or reverse the order if it is the one already."""
        live = self.live
        if live is None:
            return
        current = live.rows.sorted_by
        descending = current is not None and current[0] == column and not current[1]
        live.sort(column, descending)
        self.amended()

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        """Enter, or a double click."""
        self.kwatch.run_command_by_id("object.drill-down")

    def on_virtual_table_marks_changed(self, message: VirtualTable.MarksChanged) -> None:
        """The filter may ask for marked rows."""
        if self.live is not None and self.live.mark(message.marks):
            self.amended()

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        """Hints for what can be done with an object appear with the first one."""
        self.show_hints()

    def on_virtual_table_heading_clicked(self, message: VirtualTable.HeadingClicked) -> None:
        """A click on a title sorts."""
        self.sort_by(message.column_id)

    def on_unmount(self) -> None:
        """Let go of the feed."""
        if self.live is not None:
            self.live.close()

    def _leave_session(self, session: Session | None) -> None:
        self._session = session
        self.looked_through = None
        self.forget_namespace()
        self.return_to_now()
        if self.live is not None:
            self.live.close()
            self.live = None
            self.forget_trail()
            self.table.show(NoRows())

    def amended(self, *, new_columns: bool = False) -> None:
        """The place shows its rows otherwise: repaint and remember."""
        assert self.live is not None
        self.remember(self.live.place)
        if new_columns:
            self.table.show(self.live.rows, keep_cursor=True)
        else:
            self.table.rows_changed((), moved=True)

    def _step(self, live: TableModel, now: float) -> None:
        step = live.step()
        if step.new_columns:
            self.table.show(live.rows, keep_cursor=True)
        elif step.anew:
            self.table.all_changed()
            self.put_awaited_cursor()
        elif step.changed or step.moved:
            self.table.rows_changed(step.changed, moved=step.moved)
            self.put_awaited_cursor()
        self.tell_refusals()
        if live.notice != self._notice:
            self._notice = live.notice
            if live.notice:
                self.notify(live.notice, severity="warning", markup=False)
        # Ages change once a second; a glow fades in steps.
        period = int(now * 4) if live.is_glowing else int(now)
        if period != self._period:
            self._period = period
            self.table.refresh_cells()

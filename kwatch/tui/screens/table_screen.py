"""Home: a live table of one place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from kwatch.session.state import ConnectionPhase
from kwatch.tui.commands.command import Command, bindings
from kwatch.tui.commands.exploring import EXPLORING
from kwatch.tui.commands.going import GOING
from kwatch.tui.commands.narrowing import NARROWING
from kwatch.tui.commands.objects import OBJECTS
from kwatch.tui.commands.sorting import SORTING
from kwatch.tui.commands.time_travel import TIME_TRAVEL
from kwatch.tui.commands.views import VIEWS
from kwatch.tui.place import Place, Trail
from kwatch.tui.screens.exploring import BESIDE, Exploring
from kwatch.tui.screens.kwatch_screen import KwatchScreen
from kwatch.tui.screens.prompting import Prompting
from kwatch.tui.screens.table_header import empty_text, header_state
from kwatch.tui.screens.travelling import Travelling
from kwatch.tui.table.no_rows import NoRows
from kwatch.tui.table.virtual_table import VirtualTable
from kwatch.tui.widgets.candidates import Candidates
from kwatch.tui.widgets.footer import Footer
from kwatch.tui.widgets.header import Header
from kwatch.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource
    from kwatch.session.session import Session
    from kwatch.tui.column_choice import ColumnChoice
    from kwatch.tui.live_table import LiveTable
    from kwatch.tui.subject import Subject


class TableScreen(Prompting, Exploring, Travelling, KwatchScreen[None]):
    """Follows the session: waits for it, opens the place asked for, and shows what it says meanwhile."""

    COMMANDS_OF_SCREEN: ClassVar[tuple[type[Command[Any]], ...]] = (
        *OBJECTS,
        *NARROWING,
        *EXPLORING,
        *SORTING,
        *GOING,
        *TIME_TRAVEL,
        *VIEWS,
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    # Kept by name: a beat may come while the screen is being taken down, when nothing can be looked up any more.
    _header: Header
    _table: VirtualTable

    def __init__(self) -> None:
        super().__init__()
        self.trail = Trail()
        self.live: LiveTable | None = None
        self._session: Session | None = None
        self._cursors: dict[Place, str] = {}
        self._awaited: str | None = None
        self._period = 0

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
    def table(self) -> VirtualTable:
        """The table."""
        return self._table

    @property
    def place(self) -> Place | None:
        """Where one is."""
        return self.trail.here

    def tick(self, now: float) -> None:
        """Carry what changed to the lines on screen."""
        session = self.kwatch.session
        if session is not self._session:
            self._leave_session(session)
        if self.live is None and session is not None and session.state.phase is ConnectionPhase.CONNECTED:
            self._arrive(session)
        if self.live is not None:
            self._step(self.live, now)
        self.follow_in_time(now)
        self._header.show(header_state(self.kwatch, self.place, self.live, now))
        self.follow_in_explorer(now)
        self.table.set_empty(empty_text(self.kwatch, self.place, self.live))

    def go(self, place: Place) -> None:
        """Show another place."""
        self._depart()
        self.trail.visit(place)
        self._open(place)

    def go_to_named(self, text: str, cursor: str | None = None) -> None:
        """Show a resource by any of its names, in the namespace one is in, with the cursor on a key."""
        resource = self.resolve(text)
        if resource is None:
            return
        here = self.place
        namespace = here.namespace if here is not None and here.resource.namespaced else self.home_namespace
        place = Place(resource, namespace if resource.namespaced else None)
        if cursor is not None:
            self._cursors[place] = cursor
        self.go(place)

    def subject(self) -> Subject | None:
        """The object under the cursor."""
        from kwatch.tui.subject import Subject

        key = self.table.cursor_key
        if self.live is None or self._session is None or key is None:
            return None
        return Subject(self._session, self.live.feed, key)

    def open_object(self, tab: str) -> None:
        """Open the object under the cursor on one of its tabs."""
        from kwatch.tui.screens.object_screen import ObjectScreen

        key, place, session = self.table.cursor_key, self.place, self._session
        if key is not None and place is not None and session is not None:
            self.app.push_screen(ObjectScreen(session, place, key, tab))

    def resolve(self, text: str) -> Resource | None:
        """The resource of that name; a notice when there is none."""
        if self.kwatch.session is None or self.kwatch.session.names is None:
            self.notify("Not connected yet.", severity="warning", markup=False)
            return None
        found = self._resolve_all(text)
        return found[0] if found else None

    def step_back(self, by: int) -> None:
        """Back (-1) or forward (1) among the places visited."""
        self._depart()
        place = self.trail.step(by)
        if place is not None:
            self._open(place)

    def last_view(self) -> None:
        """The place before this one."""
        self._depart()
        place = self.trail.last()
        if place is not None:
            self._open(place)

    def use_namespace(self, namespace: str | None) -> None:
        """The same resource elsewhere; None is all namespaces."""
        if self.place is not None and self.place.resource.namespaced:
            self.go(replace(self.place, namespace=namespace))

    def use_filter(self, text: str) -> None:
        """Filter the rows; a broken filter is told and the last good one stays."""
        from kwatch.query.errors import QuerySyntaxError

        if self.live is None:
            return
        try:
            self.live.filter(text)
        except QuerySyntaxError as error:
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

    @property
    def home_namespace(self) -> str | None:
        """The namespace to begin in: what was asked for, or the context's own; None is all."""
        start, session = self.kwatch.start, self.kwatch.session
        if start.all_namespaces:
            return None
        return start.namespace or (session.state.namespace if session is not None else "") or "default"

    def _leave_session(self, session: Session | None) -> None:
        self._session = session
        self.return_to_now()
        if self.live is not None:
            self.live.close()
            self.live = None
            self.trail = Trail()
            self.table.show(NoRows())

    def _arrive(self, session: Session) -> None:
        """Go where the command line said; several resources lie one after the other on the trail."""
        start = self.kwatch.start
        resources = self._resolve_all(start.resource) or self._resolve_all("pods")
        if not resources:
            return
        for resource in resources:
            self.trail.visit(self._first_place(resource))
        for _ in resources[1:]:
            self.trail.step(-1)
        place = self.place
        assert place is not None
        self._open(place)
        if len(resources) > 1:
            self.notify(f"] goes on to {', '.join(resource.name for resource in resources[1:])}", markup=False)
        if start.name:
            self._open_named(session, place, start.name)

    def _first_place(self, resource: Resource) -> Place:
        start = self.kwatch.start
        by_name = f"metadata.name={start.name}" if start.name else None
        fields = ",".join(each for each in (start.field_selector, by_name) if each) or None
        column = self._column_choice().sort_column
        return Place(
            resource,
            self.home_namespace if resource.namespaced else None,
            start.label_selector,
            fields,
            filter=start.filter,
            sort=(column.casefold(), start.descending) if column else None,
            wide=start.wide,
        )

    def _open_named(self, session: Session, place: Place, name: str) -> None:
        from kwatch.tui.screens.object_screen import ObjectScreen

        key = f"{place.namespace}/{name}" if place.namespace else name
        self.app.push_screen(ObjectScreen(session, place, key, "history"))

    def _resolve_all(self, text: str) -> tuple[Resource, ...]:
        from kwatch.catalog.names import UnknownResource

        names = self.kwatch.session.names if self.kwatch.session is not None else None
        if names is None:
            return ()
        try:
            return names.resolve(text)
        except UnknownResource as error:
            self.notify(str(error), severity="error", markup=False)
            return ()

    def _open(self, place: Place) -> None:
        from kwatch.tui.live_table import LiveTable

        session, old = self._session, self.live
        if session is None:
            return
        self.live = LiveTable(session, place, self.kwatch.clock, self._column_choice())
        if self.live.problem:
            self.notify(self.live.problem, severity="warning", markup=False)
        if old is not None:
            old.close()
        self.table.show(self.live.rows)
        self._awaited = self._cursors.get(place)
        self._put_awaited_cursor()
        self.show_hints()

    def _column_choice(self) -> ColumnChoice:
        from kwatch.tui.column_choice import ColumnChoice

        start = self.kwatch.start
        return ColumnChoice(self.kwatch.settings.columns, start.label_columns, start.show_labels, start.sort_by)

    def _put_awaited_cursor(self) -> None:
        """Put the cursor where it was, or was asked to be, as soon as that row is there."""
        if self._awaited is not None and self.table.rows.row_of(self._awaited) is not None:
            self.table.move_cursor_to(self._awaited)
            self._awaited = None

    def _depart(self) -> None:
        """Before another place is shown: come back from the past, and remember where the cursor was."""
        self.return_to_now()
        if self.place is not None and self.table.cursor_key is not None and self.table.cursor.pinned:
            self._cursors[self.place] = self.table.cursor_key

    def amended(self, *, new_columns: bool = False) -> None:
        """The place shows its rows otherwise: repaint and remember."""
        assert self.live is not None
        self.trail.amend(self.live.place)
        if new_columns:
            self.table.show(self.live.rows, keep_cursor=True)
        else:
            self.table.rows_changed((), moved=True)

    def _step(self, live: LiveTable, now: float) -> None:
        step = live.step()
        if step.new_columns:
            self.table.show(live.rows, keep_cursor=True)
        elif step.changed or step.moved:
            self.table.rows_changed(step.changed, moved=step.moved)
            self._put_awaited_cursor()
        # Ages change once a second; a glow fades in steps.
        period = int(now * 4) if live.is_glowing else int(now)
        if period != self._period:
            self._period = period
            self.table.refresh_cells()

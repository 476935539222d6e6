"""Home: a live table of one place."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from kwatch.catalog.names import UnknownResource
from kwatch.session.state import ConnectionPhase
from kwatch.tui.commands.command import bindings
from kwatch.tui.live_table import LiveTable
from kwatch.tui.place import Place, StartView, Trail
from kwatch.tui.screens.kwatch_screen import KwatchScreen
from kwatch.tui.screens.table_header import header_state
from kwatch.tui.table.no_rows import NoRows
from kwatch.tui.table.virtual_table import VirtualTable
from kwatch.tui.widgets.footer import Footer
from kwatch.tui.widgets.header import Header


class TableScreen(KwatchScreen[None]):
    """Follows the session: waits for it, opens the place asked for, and shows what it says meanwhile."""

    COMMANDS_OF_SCREEN = ()
    BINDINGS: ClassVar = bindings(COMMANDS_OF_SCREEN)

    def __init__(self) -> None:
        super().__init__()
        self.trail = Trail()
        self.live: LiveTable | None = None
        self._second = 0

    def compose(self) -> ComposeResult:
        """Header, table, footer."""
        yield Header(self.palette)
        yield VirtualTable(NoRows(), self.palette, id="table")
        yield Footer(self.palette)

    @property
    def table(self) -> VirtualTable:
        """The table."""
        return self.query_one("#table", VirtualTable)

    @property
    def header(self) -> Header:
        """The header."""
        return self.query_one(Header)

    def tick(self, now: float) -> None:
        """Carry what changed to the lines on screen."""
        if self.live is None:
            self._arrive()
        if self.live is not None:
            self._step(self.live, now)
        self.header.show(header_state(self.kwatch, self.trail.here, self.live, now))

    def go(self, place: Place) -> None:
        """Show another place."""
        self.trail.visit(place)
        self._open(place)

    def _arrive(self) -> None:
        session = self.kwatch.session
        if session is None or session.names is None or session.state.phase is not ConnectionPhase.CONNECTED:
            return
        start: StartView = self.kwatch.start
        try:
            resource = session.names.resolve(start.resource)[0]
        except UnknownResource as error:
            self.notify(str(error), severity="error", markup=False)
            resource = session.names.resolve("pods")[0]
        namespace = None if start.all_namespaces or not resource.namespaced else start.namespace
        if namespace is None and not start.all_namespaces and resource.namespaced:
            namespace = session.state.namespace or "default"
        self.go(Place(resource, namespace, start.label_selector, start.field_selector, wide=start.wide))

    def _open(self, place: Place) -> None:
        session = self.kwatch.session
        if session is None:
            return
        old = self.live
        self.live = LiveTable(session, place, self.kwatch.now)
        if old is not None:
            old.close()
        self.table.show(self.live.rows)

    def _step(self, live: LiveTable, now: float) -> None:
        step = live.step()
        if step.new_columns:
            self.table.show(live.rows)
        elif step.changed or step.moved:
            self.table.rows_changed(step.changed, moved=step.moved)
        if int(now) != self._second:
            self._second = int(now)
            self.table.refresh_cells()

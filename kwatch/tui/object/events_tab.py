"""Events about the object, newest first, live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kwatch.catalog.names import UnknownResource
from kwatch.informer.errors import Closed
from kwatch.tui.object.events_source import EventsAbout
from kwatch.tui.object.object_tab import ObjectTab
from kwatch.tui.table.no_rows import NoRows
from kwatch.tui.table.projected_rows import ProjectedRows, shown_columns
from kwatch.tui.table.virtual_table import VirtualTable
from kwatch.view.projection import Projection

if TYPE_CHECKING:
    from kwatch.session.feed import Feed

_HIDDEN = frozenset({"object", "name"})
"""Columns that say the same in every row."""


class EventsTab(ObjectTab):
    """Watches events only while it is open."""

    tab = "events"
    title = "Events"

    def compose(self) -> ComposeResult:
        """The events."""
        self._feed: Feed | None = None
        self._projection: Projection | None = None
        self._rows: ProjectedRows | None = None
        self._second = 0
        self._table = VirtualTable(NoRows(), self.palette, markable=False)
        yield self._table

    @property
    def table(self) -> VirtualTable:
        """The events."""
        return self._table

    @property
    def note(self) -> str:
        """How many there are."""
        projection = self._projection if self.is_mounted else None
        return str(projection.total) if projection is not None else ""

    def take_focus(self) -> None:
        """Begin to watch."""
        self.table.focus()
        if self._feed is None:
            self._open()

    def tick(self, now: float) -> None:
        """Take in what came."""
        feed, projection, rows = self._feed, self._projection, self._rows
        if feed is None or projection is None or rows is None:
            return
        rows.now = now
        nothing = ("No events about it", "The server keeps them for an hour.")
        self.table.set_empty(nothing if feed.status.synced else ("Listing events …",))
        dirty = feed.drain()
        if dirty:
            changes = projection.apply(dirty)
            if changes.moved or changes.changed:
                self.table.rows_changed(changes.changed, moved=changes.moved)
        if int(now) != self._second:
            self._second = int(now)
            self.table.refresh_cells()

    def leave(self) -> None:
        """Watch no longer."""
        if self._feed is not None:
            self._feed.release()
            self._feed = None

    def _open(self) -> None:
        subject = self.subject
        names = subject.session.names
        if names is None:
            return
        try:
            feed = subject.session.open(names.resolve("events")[0], subject.namespace or None)
        except (Closed, UnknownResource):
            return
        self._feed = feed
        source = EventsAbout(feed.indexer, subject.resource.kind, subject.namespace, subject.name)
        self._projection = Projection(source, feed.kind, clock=self.kwatch.clock)
        columns = feed.kind.columns
        shown = [
            index for index in shown_columns(feed.kind, wide=False) if columns[index].title.casefold() not in _HIDDEN
        ]
        self._projection.rebuild()
        self._sort_by_time(self._projection)
        self._rows = ProjectedRows(self._projection, shown, namespaces=False, now=self.kwatch.clock.time())
        self.table.show(self._rows)

    def _sort_by_time(self, projection: Projection) -> None:
        for title in ("Last Seen", "Age"):
            try:
                projection.set_sort(projection.kind.column_index(title), descending=True)
            except KeyError:
                continue
            return

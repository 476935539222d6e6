"""Events about the object, newest first, live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kwatch.base.printable import printable
from kwatch.base.threads import spawn
from kwatch.catalog.indices import INVOLVED_OBJECT_INDEX, involved_object_index
from kwatch.history.coverage import Coverage, Scope
from kwatch.informer.errors import Closed
from kwatch.informer.indexer import Indexer
from kwatch.informer.protocol import Object
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.table.projected_rows import ProjectedRows, shown_columns
from kwatch.tui.features.time_travel.moment import clock_text
from kwatch.tui.kit.table.rows import NoRows
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.bar import Words
from kwatch.view.as_of_source import AsOfIndex
from kwatch.view.freshness import absence
from kwatch.view.projection import Projection
from kwatch.view.source import ViewScope, filtered

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource
    from kwatch.informer.status import InformerStatus
    from kwatch.session.informer_pool import Feed
    from kwatch.tui.features.object.subject import Subject


_HIDDEN = frozenset({"object", "name"})
"""Columns that say the same in every row."""


class EventsTab(ObjectTab):
    """Watches events only while it is open. In the past it shows the events known then, where they were watched."""

    DEFAULT_CSS = """
    EventsTab > Words { color: $kwatch-stale; }
    """

    tab = "events"

    def compose(self) -> ComposeResult:
        self._feed: Feed | None = None
        self._projection: Projection | None = None
        self._rows: ProjectedRows | None = None
        self._second = 0
        self._past: AsOfIndex | None = None
        self.table = VirtualTable(NoRows(), self.palette, markable=False)
        self._warning = Words()
        self._warning.display = False
        yield self._warning
        yield self.table

    @property
    def note(self) -> str:
        projection, feed = self._projection, self._feed
        is_known = feed is not None and (self._past is not None or feed.status.synced)
        return str(projection.total) if projection is not None and is_known else ""

    @property
    def behind(self) -> Sequence[tuple[str, InformerStatus]]:
        """Nothing in the past: those events are not watched."""
        feed = self._feed if self._past is None else None
        return ((feed.resource.name, feed.status),) if feed is not None else ()

    def take_focus(self) -> None:
        self.table.focus()
        if self._feed is None:
            self._open()

    def tick(self, now: float) -> None:
        if self._past is not None and self._past.is_made and self._projection is None and self._feed is not None:
            self._show(self._feed, self._past)
        elif self._past is not None and self._past.problem:
            self.table.set_empty(("The events of then could not be looked up", printable(self._past.problem)))
        feed, projection, rows = self._feed, self._projection, self._rows
        if feed is None or projection is None or rows is None:
            return
        rows.now = self._time(now)
        self.table.set_empty(self._nothing(feed))
        dirty = feed.drain()
        if dirty and self._past is None:
            changes = projection.apply(dirty)
            if changes.moved or changes.changed:
                self.table.rows_changed(changes.changed, moved=changes.moved)
        if int(now) != self._second:
            self._second = int(now)
            self.table.refresh_cells()

    def leave(self) -> None:
        if self._feed is not None:
            self._feed.release()
            self._feed = None

    def _open(self) -> None:
        subject = self.subject
        names = subject.session.names
        events = names.watched("events") if names is not None else None
        if events is None:
            self.table.set_empty(("There are no events here", "None were recorded, or the server has none."))
            return
        try:
            feed = subject.session.open(events, subject.namespace or None, purpose="Events of an object")
        except Closed:
            return
        self._feed, self._past = feed, past_events(subject, events)
        if self._past is not None:
            self.table.set_empty(("Looking the events up …",))
            return
        if subject.past is not None:
            at = clock_text(subject.past.moment.at, self.clock.time(), fine=False)
            self._warning.say(f"! Events were not watched at {at}: these are those of now.")
            self._warning.display = True
        self._show(feed, feed.indexer)

    def _time(self, now: float) -> float:
        """What ages count from."""
        return self.subject.time(now) if self._past is not None else now

    def _nothing(self, feed: Feed) -> tuple[str, ...]:
        if self._past is not None:
            return ("No events about it were known then",)
        return absence(feed.status, "events") or ("No events about it", "The server keeps them for an hour.")

    def _show(self, feed: Feed, events: Indexer | AsOfIndex) -> None:
        subject, now = self.subject, self.clock.time()
        source = EventsAbout(events, subject.resource.kind, subject.namespace, subject.name)
        kind = feed.kind  # another one may take its place at any moment
        self._projection = Projection(source, kind, clock=self.clock)
        shown = [
            index for index in shown_columns(kind, wide=False) if kind.columns[index].title.casefold() not in _HIDDEN
        ]
        self._projection.rebuild()
        self._sort_by_time(self._projection)
        self._rows = ProjectedRows(self._projection, shown, namespaces=False, now=self._time(now))
        self.table.show(self._rows)

    def _sort_by_time(self, projection: Projection) -> None:
        for title in ("Last Seen", "Age"):
            try:
                projection.set_sort(projection.kind.column_index(title), descending=True)
            except KeyError:
                continue
            return


class EventsAbout:
    """A source for a projection, answered by the index of involved objects."""

    def __init__(self, indexer: Indexer | AsOfIndex, kind: str, namespace: str, name: str) -> None:
        self._indexer = indexer
        self._about = f"{kind}/{namespace}/{name}"

    def list_keys(self) -> Sequence[str]:
        return self._indexer.index_keys(INVOLVED_OBJECT_INDEX, self._about)

    def get_by_key(self, key: str) -> Object | None:
        event = self._indexer.get_by_key(key)
        return event if event is not None and self._about in involved_object_index(event) else None


def past_events(subject: Subject, events: Resource) -> AsOfIndex | None:
    """By what they are about; made in a thread. None for a subject of now, or if no event was known then."""
    journal = subject.session.journal
    if subject.past is None or journal is None:
        return None
    context, moment = subject.session.context, subject.past.moment
    about = f"involvedObject.kind={subject.resource.kind},involvedObject.name={subject.name}"
    scopes = (Scope(subject.namespace or None), Scope(subject.namespace or None, fields=about))
    if all(journal.coverage(context, str(events), scope, moment.at) is not Coverage.ALL for scope in scopes):
        return None
    as_of = journal.as_of(context, str(events), sequence=moment.sequence)
    source = filtered(as_of, ViewScope(subject.namespace or None))
    index = AsOfIndex(source, {INVOLVED_OBJECT_INDEX: involved_object_index})
    spawn("kwatch-past-index", index.make, index.give_up)
    return index

"""A place brought to life: the feed of its objects, filtered and ordered into rows."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kwatch.catalog.kind import Kind
from kwatch.informer.clock import Clock
from kwatch.informer.status import InformerStatus
from kwatch.query.errors import QuerySyntaxError
from kwatch.query.parser import parse
from kwatch.session.metrics import open_usage
from kwatch.tui.column_choice import ArrangementError, ColumnChoice
from kwatch.tui.place import Place
from kwatch.tui.table.health import Healths
from kwatch.tui.table.projected_rows import NAMESPACE, ProjectedRows, shown_columns
from kwatch.view.activity_columns import CHURN, with_activity
from kwatch.view.ailments import Ailments
from kwatch.view.fading import Fading
from kwatch.view.projection import Projection
from kwatch.view.recent import RecentChanges
from kwatch.view.usage_columns import with_usage

if TYPE_CHECKING:
    from kwatch.history.activity import Activities
    from kwatch.session.feed import Feed
    from kwatch.session.session import Session

LINGER = 8.0
"""Seconds that the row of a deleted object stays, struck through."""
GLOW = 4.0
"""Seconds in which a changed cell fades."""
READ_AHEAD = 0.004
"""Seconds of each quiet beat spent on reading rows, so that sorting and searching find them read."""
JUDGING = 0.003
"""Seconds of each beat spent on finding out who is unhealthy."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one beat brought."""

    changed: AbstractSet[str] = frozenset()
    moved: bool = False
    new_columns: bool = False


QUIET = Step()


class LiveTable:
    """Owns the feed; `close` lets go of it. `place` says how it is filtered and ordered now."""

    _activities: Activities | None = None
    """How busy the objects are; None where nothing is remembered."""
    _fading: Fading | None = None

    @property
    def moment(self) -> float | None:
        """Which moment is shown, in seconds since the epoch; None for now."""
        return None

    def __init__(self, session: Session, place: Place, clock: Clock, columns: ColumnChoice | None = None) -> None:
        self.place = place
        self.feed: Feed = session.open(place.resource, place.namespace, place.label_selector, place.field_selector)
        self.marks: set[str] = set()
        """The marked keys, for the filter term of that name."""
        self.recent = RecentChanges(GLOW)
        self._healths = Healths(place.resource)
        self.problem = ""
        """What is wrong with the columns that were asked for, told once."""
        self._clock = clock
        self._columns = columns or ColumnChoice()
        self._kind_version = self.feed.kind_version
        self._usage = open_usage(session, place.resource, place.namespace)
        self._usage_version = 0
        journal = session.journal
        name = str(place.resource)
        if journal is not None:
            self._activities = journal.activities(session.context, name)
            self._fading = Fading(self._activities)
        self._kind = self._chosen_kind()
        self._was_synced = self.feed.status.synced
        self._reading_ahead = True
        self.feed.drain()
        self.ailments = Ailments(place.resource, self.feed.indexer)
        """Which of all objects are unhealthy, shown or not."""
        self.projection = Projection(
            self.feed.indexer,
            self._kind,
            clock=clock,
            resource=place.resource,
            with_namespace=self._namespaces,
            shown=self._shown,
            journal=journal.changes(session.context, name) if journal is not None else None,
            marked=self.marks,
            recent=self.recent,
            linger=LINGER,
            in_background=True,
        )
        self.projection.rebuild()
        self.rows = self._new_rows()
        self._arrange(place)

    @property
    def status(self) -> InformerStatus:
        """How the informer behind it is."""
        return self.feed.status

    @property
    def is_glowing(self) -> bool:
        """Whether anything on screen may still be fading."""
        return not self.recent.is_quiet(self._clock.time())

    def step(self) -> Step:
        """Take in what changed since the last step."""
        now = self._clock.time()
        self.rows.now = now
        if self.feed.kind_version != self._kind_version:
            self._kind_version = self.feed.kind_version
            self._relay_columns()
            return Step(moved=True, new_columns=True)
        if self._usage is not None and self._usage.version != self._usage_version:
            return self._take_usage(self._usage.version)
        dirty = self.feed.drain()
        self.ailments.touch(dirty)
        self.ailments.look(now, JUDGING)
        due = self.projection.due(now)
        fading = self._fading.due(now) if self._fading is not None and self._asks_for_churn else frozenset()
        if not dirty and not fading and (due is None or due > now):
            if self._reading_ahead and self._was_synced:
                self._reading_ahead = self.projection.warm(READ_AHEAD)
            return QUIET
        changes = self.projection.apply(dirty | fading, notable=self._was_synced)
        self._was_synced = self._was_synced or self.feed.status.synced
        self._reading_ahead = True
        return Step(changes.changed | changes.added | changes.removed, changes.moved)

    def filter(self, text: str) -> None:
        """Show only what matches; raise QuerySyntaxError and change nothing when the text makes no sense."""
        query = parse(text)
        self.projection.set_query(query if text.strip() else None)
        self.place = replace(self.place, filter=text)

    def mark(self, marks: AbstractSet[str]) -> bool:
        """Remember the marks; True if the filter asks for them, so that other rows are shown."""
        self.marks.clear()
        self.marks.update(marks)
        if "marked" not in self.place.filter:
            return False
        self.projection.set_query(self.projection.query)
        return True

    def sort(self, column: str, descending: bool) -> None:
        """Order by a column; raise LookupError when there is none."""
        by = NAMESPACE if column == NAMESPACE else self.projection.kind.column_index(column)
        self.projection.set_sort(by, descending)
        self.place = replace(self.place, sort=(column, descending))
        self.rows.sorted_by = (column, descending)

    def set_wide(self, wide: bool) -> None:
        """Show all columns, or only the most important ones."""
        self.place = replace(self.place, wide=wide)
        self._relay_columns()

    def take_over(self, place: Place) -> None:
        """Filter, order and show columns as another view of the same place does."""
        self.place = replace(self.place, wide=place.wide, sort=place.sort, filter=place.filter)
        self._relay_columns()
        if not place.filter:
            self.projection.set_query(None)

    def close(self) -> None:
        """Let go of the feed."""
        self.projection.close()
        self.feed.release()
        if self._usage is not None:
            self._usage.release()

    @property
    def _namespaces(self) -> bool:
        return self.place.resource.namespaced and self.place.namespace is None

    @property
    def _asks_for_churn(self) -> bool:
        """Whether rows are ordered or filtered by what passes with time alone."""
        sort = self.place.sort
        return (sort is not None and sort[0] == CHURN.casefold()) or CHURN.casefold() in self.place.filter.casefold()

    @property
    def _shown(self) -> tuple[int, ...]:
        return shown_columns(self._kind, wide=self.place.wide)

    def _chosen_kind(self) -> Kind:
        kind = self.feed.kind
        if self._usage is not None and self._usage.version:
            kind = with_usage(kind, self.place.resource, self._usage)
        if self._activities is not None:
            kind = with_activity(kind, self._activities)
        try:
            return self._columns.of(self.place.resource, kind)
        except ArrangementError as error:
            self.problem = str(error)
            return kind

    def _take_usage(self, version: int) -> Step:
        """The first measurements bring columns; later ones another order, where those order or filter the rows."""
        is_first, self._usage_version = self._usage_version == 0, version
        if is_first:
            self._relay_columns()
            return Step(moved=True, new_columns=True)
        filtered, sort = self.projection.query is not None, self.projection.sort
        if filtered:
            self.projection.set_query(self.projection.query)
        if isinstance(sort.by, int):
            self.projection.set_sort(sort.by, sort.descending)
        return Step(moved=filtered or isinstance(sort.by, int))

    def _arrange(self, place: Place) -> None:
        """Filter and order as the place says, as far as its columns allow."""
        if place.filter:
            try:
                self.filter(place.filter)
            except QuerySyntaxError:
                self.place = replace(self.place, filter="")
        if place.sort is not None:
            try:
                self.sort(*place.sort)
            except LookupError:
                self.problem = f"{place.resource.name} cannot be sorted by {place.sort[0]}: there is no such column"
                self.place = replace(self.place, sort=None)

    def _relay_columns(self) -> None:
        self._kind = self._chosen_kind()
        self.recent.forget_cells()
        if self.projection.set_kind(self._kind, shown=self._shown, with_namespace=self._namespaces) is not None:
            self.place = replace(self.place, filter="")
        self.rows = self._new_rows()
        self._arrange(self.place)

    def _new_rows(self) -> ProjectedRows:
        rows = ProjectedRows(
            self.projection,
            shown_columns(self.projection.kind, wide=self.place.wide),
            namespaces=self._namespaces,
            now=self._clock.time(),
            recent=self.recent,
            healths=self._healths,
        )
        rows.sorted_by = self.place.sort or (NAMESPACE if self._namespaces else "name", False)
        return rows

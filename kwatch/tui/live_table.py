"""A place brought to life: its objects, of one kind or several, filtered and ordered into rows."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kwatch.catalog.kind import Kind
from kwatch.informer.clock import Clock
from kwatch.informer.status import InformerStatus
from kwatch.query.errors import QuerySyntaxError
from kwatch.query.parser import parse
from kwatch.query.user_indices import UserIndices
from kwatch.session.owner_feeds import OwnerFeeds
from kwatch.tui.column_choice import ColumnChoice
from kwatch.tui.members import Members
from kwatch.tui.place import Place
from kwatch.tui.table.health import Healths
from kwatch.tui.table.projected_rows import NAMESPACE, ProjectedRows, shown_columns
from kwatch.view.activity_columns import CHURN
from kwatch.view.ailments import Ailments
from kwatch.view.change_lag import NO_LAG, ChangeLag
from kwatch.view.lineage import Lineage
from kwatch.view.projection import Projection
from kwatch.view.recent import RecentChanges
from kwatch.view.sorting import BY_KIND, OF_SEVERAL, order_by

if TYPE_CHECKING:
    from kwatch.query.access import IndexAccess
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
    anew: bool = False
    """Every row may be another one."""

    def then(self, step: Step) -> Step:
        """Both."""
        return Step(self.changed | step.changed, self.moved or step.moved, self.new_columns or step.new_columns)


QUIET = Step()


class LiveTable:
    """Owns the feeds; `close` lets go of them. `place` says how it is filtered and ordered now."""

    lag = NO_LAG
    """How far the index of changes is behind."""

    @property
    def moment(self) -> float | None:
        """Which moment is shown, in seconds since the epoch; None for now."""
        return None

    def __init__(
        self,
        session: Session,
        place: Place,
        clock: Clock,
        columns: ColumnChoice | None = None,
        indices: UserIndices | None = None,
    ) -> None:
        self.place = place
        self.members = Members(session, place, columns or ColumnChoice())
        self.marks: set[str] = set()
        """The marked keys, for the filter term of that name."""
        self.recent = RecentChanges(GLOW)
        self._healths = Healths(place.resource, place.others)
        self.problem = self.members.problem
        """What is wrong with the columns that were asked for, told once."""
        self._clock = clock
        self._kind = self.members.kind
        self.lag = ChangeLag(self.members.changes)
        self._reading_ahead = True
        self.ailments = Ailments(place.resource, self.members.source, place.others)
        """Which of all objects are unhealthy, shown or not."""
        self.lineage = Lineage(self.members.source, OwnerFeeds(session, place.namespace))
        """Who owns the owners of what is shown."""
        self.projection = Projection(
            self.members.source,
            self._kind,
            clock=clock,
            resource=place.resource,
            others=place.others,
            with_namespace=self._namespaces,
            shown=self._shown,
            extras=OF_SEVERAL if place.others else None,
            journal=self.members.changes,
            marked=self.marks,
            recent=self.recent,
            linger=LINGER,
            in_background=True,
            names=(indices or UserIndices()).names_for(*place.resources),
            owners=self.lineage,
        )
        self.projection.rebuild()
        self.rows = self._new_rows()
        self._arrange(place)

    @property
    def status(self) -> InformerStatus:
        """How the informers behind it are."""
        return self.members.status

    @property
    def index_to_explore(self) -> IndexAccess | None:
        """What has the indices for facets; None for the source of the rows."""
        return None

    @property
    def notice(self) -> str:
        """What the filter cannot know, and why; empty for nothing."""
        return self.projection.owners.notice and f"owner: goes {self.projection.owners.notice}"

    @property
    def is_glowing(self) -> bool:
        """Whether anything on screen may still be fading."""
        return not self.recent.is_quiet(self._clock.time())

    def step(self) -> Step:
        """Take in what changed since the last step."""
        now = self._clock.time()
        self.rows.now = now
        if self.members.renew():
            self._relay_columns()
            return Step(moved=True, new_columns=True)
        if self.members.measure():
            return self._take_measurements()
        listed, news = self.members.drain()
        self.ailments.touch(listed)
        self.ailments.touch(news)
        self.ailments.look(now, JUDGING)
        due = self.projection.due(now)
        fading = self.members.fading(now) if self._asks_for_churn else frozenset()
        if not listed and not news and not fading and (due is None or due > now):
            if self._reading_ahead and self.members.synced:
                self._reading_ahead = self.projection.warm(READ_AHEAD)
            return QUIET
        self._reading_ahead = True
        first = self._apply(listed, notable=False) if listed else QUIET
        return first.then(self._apply(news | fading, notable=True))

    def filter(self, text: str) -> None:
        """Show only what matches; raise QuerySyntaxError and change nothing when the text makes no sense."""
        query = parse(text, self.projection.names)
        self.projection.set_query(query if text.strip() else None)
        self.place = replace(self.place, filter=text)

    def use_indices(self, indices: UserIndices) -> None:
        """Know other indices of the user. A filter that then makes no sense is given up: raise QuerySyntaxError."""
        names = indices.names_for(*self.place.resources)
        if names == self.projection.names:
            return
        self.projection.names = names
        try:
            self.filter(self.place.filter)
        except QuerySyntaxError:
            self.filter("")
            raise

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
        by = self._order(column, descending)
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
        self.members.close()

    @property
    def _namespaces(self) -> bool:
        return self.place.namespaced and self.place.namespace is None

    @property
    def _natural_order(self) -> str:
        """The column by which rows are ordered if nobody asked for another."""
        if self.place.others:
            return BY_KIND
        return NAMESPACE if self._namespaces else "name"

    def _order(self, column: str, descending: bool) -> int | str:
        """What a column orders by, for the projection; raise LookupError when there is none."""
        return order_by(self.projection.kind, column, descending, several=bool(self.place.others))

    @property
    def _asks_for_churn(self) -> bool:
        """Whether rows are ordered or filtered by what passes with time alone."""
        sort = self.place.sort
        return (sort is not None and sort[0] == CHURN.casefold()) or CHURN.casefold() in self.place.filter.casefold()

    @property
    def _shown(self) -> tuple[int, ...]:
        return shown_columns(self._kind, wide=self.place.wide)

    def _apply(self, dirty: AbstractSet[str], *, notable: bool) -> Step:
        changes = self.projection.apply(dirty, notable=notable)
        return Step(changes.changed | changes.added | changes.removed, changes.moved)

    def _chosen_kind(self) -> Kind:
        """The columns as they are to be shown from now on."""
        return self.members.kind

    def _take_measurements(self) -> Step:
        """What objects use orders and filters the rows anew."""
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
                self.problem = f"{place.title} cannot be sorted by {place.sort[0]}: there is no such column"
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
        rows.sorted_by = self.place.sort or (self._natural_order, False)
        return rows

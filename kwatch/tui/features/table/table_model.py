"""Rows filtered, ordered and laid out as a place says, which is kept up to date while that changes."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kwatch.query.editing import is_unfinished, known_keys
from kwatch.query.parser import parse
from kwatch.query.syntax import QuerySyntaxError
from kwatch.tui.features.table.projected_rows import (
    NAMESPACE,
    ProjectedRows,
    column_id,
    searched_columns,
    shown_columns,
)
from kwatch.view.activity_columns import CHURN
from kwatch.view.merged import BY_CONTEXT, BY_KIND, NO_LAG, order_by, orders_of_several

if TYPE_CHECKING:
    from kwatch.catalog.kind import Kind
    from kwatch.informer.clock import Clock
    from kwatch.informer.status import InformerStatus
    from kwatch.query.context import IndexAccess
    from kwatch.query.index_names import UserIndices
    from kwatch.query.query import Query
    from kwatch.tui.features.table.table_sources import ColumnChoice, TableSources
    from kwatch.tui.location import Location
    from kwatch.view.ordering import Changes, ExtraOrders
    from kwatch.view.problems import HealthMonitor
    from kwatch.view.projection import Projection
    from kwatch.view.recent import RecentChanges


@dataclass(frozen=True, slots=True)
class Step:
    """What one tick changed in a table."""

    changed: AbstractSet[str] = frozenset()
    moved: bool = False
    new_columns: bool = False
    replaced: bool = False
    """Every row may be another one."""

    def then(self, step: Step) -> Step:
        return Step(self.changed | step.changed, self.moved or step.moved, self.new_columns or step.new_columns)


QUIET = Step()


@dataclass(frozen=True, slots=True)
class RefusedFilter:
    """A filter that means nothing where it was asked for, and why, in a sentence."""

    text: str
    message: str


class TableModel:
    """What a table of now (LiveTable) and one of the past (AsOfTable) have in common; they make the projection."""

    place: Location
    """How it is filtered and ordered now."""
    sources: TableSources
    projection: Projection
    rows: ProjectedRows
    recent: RecentChanges
    health: HealthMonitor
    """Which of all objects are unhealthy, shown or not."""
    marks: set[str]
    """The marked keys, for the filter term of that name."""
    problem: str
    """What is wrong with the columns that were asked for, shown once."""
    has_time = False
    """Whether nobody is at the keys: a step may take longer."""
    refused: RefusedFilter | None = None
    """The filter that the place asks for and its columns cannot answer. It comes into force when other columns can."""
    lag = NO_LAG
    """How far the index of changes is behind."""
    _tried: tuple[Query, str] | None = None
    _refused_sort: tuple[str, bool] | None = None
    _clock: Clock
    _kind: Kind

    @property
    def moment(self) -> float | None:
        """Which moment is shown, in seconds since the epoch; None for now."""
        return None

    @property
    def index_to_explore(self) -> IndexAccess | None:
        """What has the indexes for facets; None for the source of the rows."""
        return None

    @property
    def status(self) -> InformerStatus:
        return self.sources.status

    @property
    def awaits_columns(self) -> bool:
        """Whether other columns may come: what these cannot answer, those may."""
        return any(each.awaits_columns for each in self.sources)

    @property
    def why_refused(self) -> str:
        """Why the filter that was asked for is not in force, in a sentence; empty where it is."""
        return f"/{self.refused.text} is not in force: {self.refused.message}" if self.refused is not None else ""

    @property
    def notice(self) -> str:
        """What the filter cannot know or the order does not say, and why; empty for nothing."""
        if self.projection.problem:
            return self.projection.problem
        if self.place.contexts and self.projection.compiled.owner_kinds:
            return "owner: goes by names where several contexts are shown"
        return self.projection.owners.notice and f"owner: goes {self.projection.owners.notice}"

    @property
    def is_busy(self) -> bool:
        """Whether rows are being listed, read, judged or looked for: every step is to be seen."""
        return self.projection.progress is not None

    def is_glowing(self, keys: Iterable[str]) -> bool:
        """Whether any of these rows may still be fading."""
        return self.recent.has_any(keys, self._clock.time())

    def step(self) -> Step:
        raise NotImplementedError

    def catch_up(self, columns: ColumnChoice, indices: UserIndices) -> bool:
        """Take in what happened while nobody looked; False where other columns or indices are asked for by now, or
        so much changed that a new table is there sooner.
        """
        return False

    def close(self) -> None:
        """End what goes on in the background, and let go of what is this table's alone."""
        self.projection.close()

    def filter(self, text: str) -> None:
        """Show only what matches; raise QuerySyntaxError and change nothing when the text makes no sense."""
        query = parse(text, self.projection.names)
        self.projection.set_query(query if text.strip() else None)
        self._put_in_force(text)

    def try_filter(self, text: str) -> bool:
        """Filter while it is typed. Where nothing matches, but the last term may be only half typed, what is shown
        stays: False as long as it does. Raise QuerySyntaxError as `filter` does.
        """
        query, projection = parse(text, self.projection.names), self.projection
        if not is_unfinished(query, text, known_keys(projection.context)):
            self.filter(text)
        elif projection.try_query(query):
            self._put_in_force(text)
        else:
            self._tried = (query, text)
            return False
        return True

    def _put_in_force(self, text: str) -> None:
        self.place = replace(self.place, filter=text)
        self.refused = self._tried = None

    def _follow_trial(self) -> None:
        """What was tried may be in force by now."""
        if self._tried is not None and not self.projection.is_trying:
            query, text = self._tried
            self._tried = None
            if self.projection.query is query:
                self._put_in_force(text)

    def use_indices(self, indices: UserIndices) -> None:
        """Use other indexes of the user. A filter that then makes no sense is dropped: raise QuerySyntaxError."""
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
        if not self.projection.compiled.asks_for_marks:
            return False
        self.projection.refilter()
        return True

    def sort(self, column: str, descending: bool) -> None:
        """Order by a column; raise LookupError when there is none."""
        by = self._order(column, descending)
        self.projection.set_sort(by, descending)
        self._refused_sort = None
        self.place = replace(self.place, sort=(column, descending))
        self.rows.sorted_by = (column, descending)

    def set_wide(self, wide: bool) -> None:
        self.place = replace(self.place, wide=wide)
        self._relay_columns()

    def use_columns(self, entries: tuple[str, ...]) -> None:
        """Show these columns beside the usual ones, as settings write them; one that was ordered by may be gone."""
        self.sources.use_added(entries)
        self.place = replace(self.place, columns=entries)
        if self.place.sort is not None and self.place.sort[0] not in [*map(column_id, self._chosen_kind().columns)]:
            self.place = replace(self.place, sort=None)
        self._relay_columns()

    def take_over(self, place: Location) -> None:
        """Filter, order and show columns as another view of the same place does."""
        self.sources.use_added(place.columns)
        self.place = replace(self.place, wide=place.wide, columns=place.columns, sort=place.sort, filter=place.filter)
        self.refused = None
        self._relay_columns()
        if not place.filter:
            self.projection.set_query(None)

    @property
    def place_asked_for(self) -> Location:
        """The place with the filter and the order that its columns could not answer so far."""
        refused = self.refused.text if self.refused is not None else ""
        return replace(self.place, filter=self.place.filter or refused, sort=self.place.sort or self._refused_sort)

    @property
    def _natural_order(self) -> str:
        """The column by which rows are ordered by default."""
        if self.place.contexts:
            return BY_CONTEXT
        if self.place.others:
            return BY_KIND
        return NAMESPACE if self.place.shows_namespaces else "name"

    def _order(self, column: str, descending: bool) -> int | str:
        """What a column orders by, for the projection; raise LookupError when there is none."""
        return order_by(self.projection.kind, column, descending, self._extra_orders)

    @property
    def _extra_orders(self) -> ExtraOrders:
        """What only the rows of several parts can be ordered by."""
        place = self.place
        return orders_of_several(place.contexts_of_parts, len(place.resources)) if place.is_mixed else {}

    def _chosen_kind(self) -> Kind:
        return self.sources.kind

    @property
    def _asks_for_churn(self) -> bool:
        """Whether rows are ordered or filtered by what passes with time alone."""
        sort = self.place.sort
        return CHURN in self.projection.compiled.columns or (sort is not None and sort[0] == CHURN.casefold())

    def _apply(self, dirty: AbstractSet[str], *, notable: bool) -> Step:
        return self._stepped(self.projection.apply(dirty, notable=notable))

    def _stepped(self, changes: Changes) -> Step:
        self._follow_trial()
        return Step(changes.changed | changes.added | changes.removed, changes.moved)

    def _arrange(self, place: Location) -> None:
        """Filter and order as the place says, as far as its columns allow."""
        if place.filter:
            try:
                self.filter(place.filter)
            except QuerySyntaxError as error:
                self._refuse(place.filter, error)
        if place.sort is not None:
            try:
                self.sort(*place.sort)
            except LookupError:
                self.problem = f"{place.title} cannot be sorted by {place.sort[0]}: there is no such column"
                self._refused_sort = place.sort
                self.place = replace(self.place, sort=None)

    def _relay_columns(self) -> None:
        self._kind = self._chosen_kind()
        self.recent.forget_cells()
        asked = self.place_asked_for
        shown = searched_columns(self._kind, wide=self.place.wide)
        self.projection.set_kind(self._kind, shown=shown, with_namespace=self.place.shows_namespaces)
        self.rows = self._new_rows()
        self._arrange(asked)

    def _refuse(self, text: str, error: QuerySyntaxError) -> None:
        self.projection.set_query(None)
        self.refused = RefusedFilter(text, error.message)
        self.place = replace(self.place, filter="")

    def _new_rows(self) -> ProjectedRows:
        rows = ProjectedRows(
            self.projection,
            shown_columns(self.projection.kind, wide=self.place.wide),
            namespaces=self.place.shows_namespaces,
            now=self._clock.time(),
            wide=self.place.wide,
            recent=self.recent,
            resources=self.place.parts,
            contexts=self.sources.context_cells if self.place.contexts else None,
        )
        rows.sorted_by = self.place.sort or (self._natural_order, False)
        return rows

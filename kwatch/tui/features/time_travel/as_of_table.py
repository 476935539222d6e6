"""The table as it was: filtered and ordered like the live one, moved through time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kwatch.base.printable import printable
from kwatch.base.threads import OnCrash, reason_of, spawn
from kwatch.history.version import Moment
from kwatch.informer.clock import Clock
from kwatch.query.index_names import BUILT_IN, IndexNames
from kwatch.query.parser import parse
from kwatch.query.syntax import QuerySyntaxError
from kwatch.tui.features.table.live_table import GLOW, JUDGING, RETENTION
from kwatch.tui.features.table.projected_rows import AsOfRows, searched_columns, shown_columns
from kwatch.tui.features.table.table_model import QUIET, Step, TableModel
from kwatch.tui.features.time_travel.table_journal import TableJournal
from kwatch.tui.kit.table.rows import Cell
from kwatch.view.activity_columns import asking
from kwatch.view.merged import order_by, orders_of_several
from kwatch.view.problems import HealthMonitor
from kwatch.view.projection import Projection
from kwatch.view.recent import RecentChanges
from kwatch.view.source import DictSource, Source

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from kwatch.catalog.kind import Kind
    from kwatch.history.journal import Journal
    from kwatch.query.context import IndexAccess
    from kwatch.query.index_names import IndexNames
    from kwatch.tui.location import Location
    from kwatch.view.as_of_source import AsOfSource
    from kwatch.view.ordering import ExtraOrders


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make: a place at a moment, with which columns."""

    place: Location
    moment: Moment
    kind: Kind
    names: IndexNames = BUILT_IN


@dataclass(frozen=True, slots=True)
class AsOfView:
    """Everything that belongs to a plan; `clock` and `source` are moved together."""

    plan: Plan
    source: AsOfSource
    clock: MomentClock
    recent: RecentChanges
    health: HealthMonitor
    projection: Projection
    refusal: QuerySyntaxError | None = None
    """Why everything is shown although the place has a filter."""


def make_view(
    plan: Plan, journal: Journal, contexts: Sequence[str], clock: Clock, marked: AbstractSet[str]
) -> AsOfView:
    """Filtered and ordered as the place says. Reads what must be read at once, so a large one belongs into a thread."""
    place, moment = plan.place, plan.moment
    source = TableJournal(journal, contexts, place).source(moment.sequence)
    # Before everything there was nothing: no history need be asked.
    objects: Source = source.objects if moment.sequence else DictSource()
    kind = plan.kind
    if not place.is_mixed:
        kind = asking(kind, journal.activities(contexts[0], str(place.resource), source.first))
    first, *others = place.parts
    at, recent = MomentClock(clock, moment.at), RecentChanges()
    projection = Projection(
        objects,
        kind,
        clock=at,
        resource=first,
        others=tuple(others),
        contexts=place.contexts_of_parts,
        with_namespace=place.shows_namespaces,
        shown=searched_columns(kind, wide=place.wide),
        extras=_extra_orders(place),
        journal=source.changes,
        marked=marked,
        recent=recent,
        lazy=True,
        names=plan.names,
    )
    _order(projection, plan)
    refusal = None
    try:
        projection.set_query(parse(place.filter, plan.names))
    except QuerySyntaxError as error:
        refusal = error
    projection.rebuild()
    projection.in_background = True
    health = HealthMonitor(first, objects, others)
    return AsOfView(plan, source, at, recent, health, projection, refusal)


def _order(projection: Projection, plan: Plan) -> None:
    """While there is nothing to order yet; the place's column is known to be there."""
    if plan.place.sort is not None:
        column, descending = plan.place.sort
        by = order_by(plan.kind, column, descending, _extra_orders(plan.place))
        projection.set_sort(by, descending)


def _extra_orders(place: Location) -> ExtraOrders:
    return orders_of_several(place.contexts_of_parts, len(place.resources)) if place.is_mixed else {}


class MomentClock:
    """Intervals go on; only the time of day is another one."""

    def __init__(self, clock: Clock, moment: float) -> None:
        self.moment = moment
        """Seconds since the epoch."""
        self._clock = clock

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def time(self) -> float:
        return self.moment

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return self._clock.wait(event, seconds)


NEAR = 300
"""Deltas that are passed on the UI thread: some 10 ms. What is farther is made from scratch in a thread."""
SMALL = 500
"""Objects of which the past is made on the UI thread."""
Run = Callable[[Callable[[], None], OnCrash], None]


def in_thread(work: Callable[[], None], on_crash: OnCrash) -> None:
    spawn("kwatch-past", work, on_crash)


class AsOfTable(TableModel):
    """Replaces the live table, `present`, during time travel; that goes on behind it. UI thread only."""

    rows: AsOfRows

    def __init__(
        self,
        present: TableModel,
        journal: Journal,
        contexts: Sequence[str],
        clock: Clock,
        moment: Moment,
        *,
        compares: bool = True,
        run: Run = in_thread,
    ) -> None:
        """`compares`: rows say what is different now; not in a recording, which has no now."""
        self.present = present
        self.place = present.place
        self.sources = present.sources
        self.marks = present.marks
        self.problem = ""
        self.compares = compares
        self._journal = journal
        self._contexts = contexts
        self._clock = clock
        self._run = run
        self._kind_today = present.sources.kind
        self._kind = self._chosen_kind()
        self._made: AsOfView | None = None
        self.failure = ""
        """Why the moment that was wanted last could not be made; empty if that is not so."""
        self._is_making = False
        self._wanted: Moment | None = None
        self._is_closed = self._is_ready = False
        self._speed = 0.0
        self._index: tuple[int, IndexAccess] | None = None
        self._begin(moment)

    def _begin(self, moment: Moment) -> None:
        """Standing before everything at first is quick; the rest may take a thread."""
        bare = replace(self.place, filter="", sort=None)
        self._view = self._make(Plan(bare, Moment(0, moment.at), self._kind, self._names))
        self.projection, self.recent, self.health = self._view.projection, self._view.recent, self._view.health
        self.rows = self._new_rows()
        self._arrange(self.present.place_asked_for)
        deltas = self._journal.log_length
        objects = len(self.sources.objects.list_keys()) if self.status.synced else deltas
        if min(objects, deltas) <= SMALL:
            self._adopt(self._make(self._plan(moment)))
        else:
            self.go(moment)

    @property
    def at(self) -> float:
        """The moment shown, in seconds since the epoch."""
        return self._view.clock.moment

    @property
    def moment(self) -> float | None:
        return self.at

    @property
    def stands(self) -> Moment:
        return Moment(self._view.source.sequence, self.at)

    def is_glowing(self, keys: Iterable[str]) -> bool:
        """The past does not fade by itself."""
        return False

    @property
    def why_refused(self) -> str:
        """A filter that is in force now may ask for what the past cannot answer."""
        if self.refused is None or self.refused.text != self.present.place.filter:
            return super().why_refused
        return f"/{self.refused.text} asks for what only the present has, so everything is shown."

    @property
    def index_to_explore(self) -> IndexAccess:
        here = self._view.source.sequence
        if self._index is None or self._index[0] != here:
            self._index = here, TableJournal(self._journal, self._contexts, self.place).index(here)
        return self._index[1]

    @property
    def notice(self) -> str:
        """What the filter cannot know, or why the table stays where it is."""
        guessed = "owner: goes by names here, because owners of then are not looked up"
        return self.failure or super().notice or (guessed if self.projection.compiled.owner_kinds else "")

    @property
    def is_ready(self) -> bool:
        """Whether there is anything to show; the first time, take what was made."""
        if not self._is_ready and self._made is not None:
            self._adopt(self._made)
        return self._is_ready

    @property
    def goal(self) -> Moment | None:
        """Where it is on the way to, while that is being made."""
        return self._wanted

    @property
    def forgotten(self) -> int:
        """How many objects there may have been whose versions had to make room."""
        return self._view.source.forgotten

    def play_at(self, speed: float) -> None:
        """What changes glows, and what goes stays, as long as in the present; 0 is no playing."""
        self._speed = speed
        self._pace()

    def step(self) -> Step:
        """Let the present go on; here time passes only by `go`."""
        self.present.step()
        self._mark()
        if self.sources.kind is not self._kind_today:
            self._kind_today = self.sources.kind
            self._relay_columns()
            return Step(moved=True, new_columns=True)
        if self._made is not None:
            return self._adopt(self._made)
        self.health.look(self.at, JUDGING)
        due = self.projection.due(self.at)
        return self._apply(frozenset(), notable=False) if due is not None and due <= self.at else QUIET

    def go(self, moment: Moment, *, news: bool = False) -> Step:
        """To a moment: at once where that is near, else it is made in a thread and comes with a later `step`. `news`:
        what lies between has just happened, and shows it.
        """
        here = self._view.source.sequence
        if self._is_making or abs(moment.sequence - here) > NEAR:
            self._want(moment)
            return QUIET
        back = moment < self.stands
        if back or not news:
            self.recent.clear()
            # What was not there yet has not gone, and what went long ago does not stay.
            self.projection.retention = 0.0
        dirty = self._view.source.move_to(moment.sequence)
        self._view.clock.moment = self.rows.now = moment.at
        self.health.touch(dirty)
        if back:
            self.health.rewind()
        step = self._apply(dirty, notable=news and not back)
        self._pace()
        if (back and self.projection.compiled.is_timed) or self._asks_for_churn:
            # What time alone decides was only asked forwards, and churn not at all.
            self.projection.refilter()
            return Step(step.changed, moved=True)
        return step

    def close(self) -> None:
        """Only what belongs to the past: the feed is the present's."""
        self._is_closed = True
        super().close()

    def use_columns(self, entries: tuple[str, ...]) -> None:
        self.present.use_columns(entries)
        self._kind_today = self.sources.kind
        super().use_columns(entries)

    def _chosen_kind(self) -> Kind:
        return self.sources.kind_of_the_past()

    @property
    def _names(self) -> IndexNames:
        return self.present.projection.names

    def _want(self, moment: Moment) -> None:
        self._wanted = moment
        if not self._is_making:
            self._is_making = True
            self.failure = ""
            plan = self._plan(moment)
            self._run(lambda: self._finish(plan), self._crashed)

    def _crashed(self, error: BaseException) -> None:
        """In the thread: the table stays where it was."""
        self.failure = f"That moment could not be shown: internal error: {reason_of(error)}"
        self._wanted, self._is_making = None, False

    def _finish(self, plan: Plan) -> None:
        self._made = self._make(plan)

    def _make(self, plan: Plan) -> AsOfView:
        return make_view(plan, self._journal, self._contexts, self._clock, self.marks)

    def _adopt(self, view: AsOfView) -> Step:
        """Show what was made, unless something else is wanted meanwhile."""
        wanted, self._made, self._is_making, self._wanted = self._wanted, None, False, None
        if self._is_closed:
            view.projection.close()
            return QUIET
        plan = view.plan
        if plan != self._plan(plan.moment):
            view.projection.close()
            self._want(wanted or plan.moment)
            return QUIET
        old, self._view, self._is_ready = self._view, view, True
        old.projection.close()
        self._take_parts()
        if view.refusal:
            self._refuse(self.place.filter, view.refusal)
        if wanted is not None and wanted != plan.moment:
            self.go(wanted)
        return Step(moved=True, replaced=True)

    def _take_parts(self) -> None:
        view = self._view
        self.projection, self.recent, self.health = view.projection, view.recent, view.health
        self.rows.show(self.projection, self.recent, self.at)
        self._pace()

    def _pace(self) -> None:
        speed = max(1.0, self._speed)
        self.recent.seconds, self.projection.retention = GLOW * speed, RETENTION * speed
        self._mark()

    def _mark(self) -> None:
        """Mark what is different now, once the present is synced."""
        self.rows.marks_differences = self.compares and not self._speed and self.status.synced

    def _plan(self, moment: Moment) -> Plan:
        return Plan(self.place, moment, self._kind, self._names)

    def _new_rows(self) -> AsOfRows:
        rows = AsOfRows(
            self.projection,
            shown_columns(self.projection.kind, wide=self.place.wide),
            namespaces=self.place.shows_namespaces,
            now=self.at,
            wide=self.place.wide,
            present=self.present.projection,
            resources=self.place.parts,
            contexts=self._context_cells if self.place.contexts else None,
        )
        rows.sorted_by = self.place.sort or (self._natural_order, False)
        return rows

    def _context_cells(self, now: float) -> Sequence[Cell]:
        """Of the past nothing is stale."""
        return [Cell(printable(each)) for each in self.sources.contexts]

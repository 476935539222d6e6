"""A place as it was at a moment, made whole: on the UI thread where it is small, else in a thread of its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.history.version import Moment
from kwatch.informer.clock import Clock
from kwatch.query.index_names import BUILT_IN, IndexNames
from kwatch.query.parser import parse
from kwatch.query.syntax import QuerySyntaxError
from kwatch.tui.features.table.projected_rows import shown_columns
from kwatch.tui.features.time_travel.table_journal import TableJournal
from kwatch.view.activity_columns import asking
from kwatch.view.ordering import OF_SEVERAL, order_by
from kwatch.view.problems import HealthMonitor
from kwatch.view.projection import Projection
from kwatch.view.recent import RecentChanges
from kwatch.view.source import DictSource, Source

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from kwatch.catalog.kind import Kind
    from kwatch.history.journal import Journal
    from kwatch.tui.location import Location
    from kwatch.view.as_of_source import AsOfSource


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


def make_view(plan: Plan, journal: Journal, context: str, clock: Clock, marked: AbstractSet[str]) -> AsOfView:
    """Filtered and ordered as the place says. Reads what must be read at once, so a large one belongs into a thread."""
    place, moment = plan.place, plan.moment
    source = TableJournal(journal, context, place).source(moment.sequence)
    # Before everything there was nothing: no history need be asked.
    objects: Source = source.objects if moment.sequence else DictSource()
    kind = plan.kind
    if not place.others:
        kind = asking(kind, journal.activities(context, str(place.resource), source.first))
    at, recent = MomentClock(clock, moment.at), RecentChanges()
    projection = Projection(
        objects,
        kind,
        clock=at,
        resource=place.resource,
        others=place.others,
        with_namespace=place.shows_namespaces,
        shown=shown_columns(kind, wide=place.wide),
        extras=OF_SEVERAL if place.others else None,
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
    health = HealthMonitor(place.resource, objects, place.others)
    return AsOfView(plan, source, at, recent, health, projection, refusal)


def _order(projection: Projection, plan: Plan) -> None:
    """While there is nothing to order yet; the place's column is known to be there."""
    if plan.place.sort is not None:
        column, descending = plan.place.sort
        by = order_by(plan.kind, column, descending, several=bool(plan.place.others))
        projection.set_sort(by, descending)


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

"""A place as it was at a moment, made whole: on the UI thread where it is small, else in a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.query.parser import parse
from kwatch.tui.past.moment import Moment
from kwatch.tui.past.moment_clock import MomentClock
from kwatch.tui.past.scoped_past import ScopedPast
from kwatch.view.ailments import Ailments
from kwatch.view.projection import NAMESPACE, Projection
from kwatch.view.recent import RecentChanges
from kwatch.view.source import DictSource, Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from kwatch.catalog.kind import Kind
    from kwatch.history.as_of import AsOf
    from kwatch.history.journal import Journal
    from kwatch.history.past_changes import PastChanges
    from kwatch.informer.clock import Clock
    from kwatch.tui.place import Place


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make: a place at a moment, with which columns."""

    place: Place
    moment: Moment
    kind: Kind
    shown: Sequence[int]
    namespaces: bool


@dataclass(frozen=True, slots=True)
class PastView:
    """Everything that belongs to a plan; `clock` and `as_of` are moved together."""

    plan: Plan
    as_of: AsOf
    changes: PastChanges
    clock: MomentClock
    recent: RecentChanges
    ailments: Ailments
    projection: Projection


def make_view(plan: Plan, journal: Journal, context: str, clock: Clock, marked: AbstractSet[str]) -> PastView:
    """Filtered and ordered as the place says. Reads what must be read at once, so a large one belongs into a thread."""
    place, moment, resource = plan.place, plan.moment, str(plan.place.resource)
    as_of = journal.as_of(context, resource, sequence=moment.sequence)
    changes = journal.changes_as_of(context, resource, moment.sequence)
    # Before everything there was nothing: no life need be asked.
    source: Source = ScopedPast(as_of, place) if moment.sequence else DictSource()
    at, recent = MomentClock(clock, moment.at), RecentChanges()
    projection = Projection(
        source,
        plan.kind,
        clock=at,
        resource=place.resource,
        with_namespace=plan.namespaces,
        shown=plan.shown,
        journal=changes,
        marked=marked,
        recent=recent,
        lazy=True,
    )
    _order(projection, plan)
    if place.filter.strip():
        projection.set_query(parse(place.filter))
    projection.rebuild()
    projection.in_background = True
    return PastView(plan, as_of, changes, at, recent, Ailments(place.resource, source), projection)


def _order(projection: Projection, plan: Plan) -> None:
    """While there is nothing to order yet; the place's column is known to be there."""
    if plan.place.sort is not None:
        column, descending = plan.place.sort
        projection.set_sort(NAMESPACE if column == NAMESPACE else plan.kind.column_index(column), descending)

"""A place brought to life: its objects, of one kind or several, filtered and ordered into rows."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from kwatch.informer.clock import Clock
from kwatch.informer.status import InformerStatus
from kwatch.query.user_indices import UserIndices
from kwatch.session.related_feeds import OwnerFeeds
from kwatch.tui.features.table.column_choice import ColumnChoice
from kwatch.tui.features.table.projected_rows import Healths
from kwatch.tui.features.table.table_sources import Members
from kwatch.tui.place import Place
from kwatch.tui.placed_table import PlacedTable
from kwatch.tui.step import QUIET, Step
from kwatch.view.activity_columns import CHURN
from kwatch.view.journal_access import NO_LAG, ChangeLag
from kwatch.view.owner_resolver import OwnerResolver
from kwatch.view.problems import HealthMonitor
from kwatch.view.projection import Projection
from kwatch.view.recent import RecentChanges
from kwatch.view.sorting import OF_SEVERAL

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


class LiveTable(PlacedTable):
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
        self.marks = set()
        self.recent = RecentChanges(GLOW)
        self._healths = Healths(place.resource, place.others)
        self.problem = self.members.problem
        self._clock = clock
        self._kind = self.members.kind
        self.lag = ChangeLag(self.members.changes)
        self._reading_ahead = True
        self.health = HealthMonitor(place.resource, self.members.source, place.others)
        """Which of all objects are unhealthy, shown or not."""
        self.owner_resolver = OwnerResolver(self.members.source, OwnerFeeds(session, place.namespace))
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
            owners=self.owner_resolver,
        )
        self.projection.rebuild()
        self.rows = self._new_rows()
        self._arrange(place)

    @property
    def awaits_columns(self) -> bool:
        """Whether other columns may come: what these cannot answer, those may."""
        return any(member.awaits_columns for member in self.members)

    @property
    def why_refused(self) -> str:
        """Why the filter that was asked for is not in force, in a sentence; empty where it is."""
        return f"/{self.refused.text} is not in force: {self.refused.message}" if self.refused is not None else ""

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
        """What the filter cannot know or the order does not say, and why; empty for nothing."""
        if self.projection.problem:
            return self.projection.problem
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
            self.problem = self.members.problem
            self._relay_columns()
            return Step(moved=True, new_columns=True)
        if self.members.measure():
            return self._take_measurements()
        listed, news = self.members.drain()
        self.health.touch(listed)
        self.health.touch(news)
        self.health.look(now, JUDGING)
        due = self.projection.due(now)
        fading = self.members.fading(now) if self._asks_for_churn else frozenset()
        if not listed and not news and not fading and (due is None or due > now):
            if self._reading_ahead and self.members.synced:
                self._reading_ahead = self.projection.warm(READ_AHEAD)
            return QUIET
        self._reading_ahead = True
        first = self._apply(listed, notable=False) if listed else QUIET
        return first.then(self._apply(news | fading, notable=True))

    def close(self) -> None:
        """Let go of the feed."""
        self.projection.close()
        self.members.close()

    @property
    def _asks_for_churn(self) -> bool:
        """Whether rows are ordered or filtered by what passes with time alone."""
        sort = self.place.sort
        return (sort is not None and sort[0] == CHURN.casefold()) or CHURN.casefold() in self.place.filter.casefold()

    def _apply(self, dirty: AbstractSet[str], *, notable: bool) -> Step:
        changes = self.projection.apply(dirty, notable=notable)
        self._follow_trial()
        return Step(changes.changed | changes.added | changes.removed, changes.moved)

    def _take_measurements(self) -> Step:
        """What objects use orders and filters the rows anew."""
        filtered, sort = self.projection.query is not None, self.projection.sort
        if filtered:
            self.projection.decide_anew()
        if isinstance(sort.by, int):
            self.projection.set_sort(sort.by, sort.descending)
        return Step(moved=filtered or isinstance(sort.by, int))

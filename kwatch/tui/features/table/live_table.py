"""The table of what is there now: kept up by informers, filtered and ordered into rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kwatch.informer.clock import Clock
from kwatch.query.context import NAMES_ONLY
from kwatch.query.index_names import UserIndices
from kwatch.session.related_feeds import OwnerFeeds
from kwatch.tui.features.table.projected_rows import searched_columns
from kwatch.tui.features.table.table_model import QUIET, Step, TableModel
from kwatch.tui.features.table.table_sources import ColumnChoice, TableSources
from kwatch.tui.location import Location
from kwatch.view.merged import ChangeLag
from kwatch.view.owner_resolver import OwnerResolver
from kwatch.view.problems import HealthMonitor
from kwatch.view.projection import Projection
from kwatch.view.recent import RecentChanges

if TYPE_CHECKING:
    from kwatch.session.session import Session

RETENTION = 8.0
"""Seconds that the row of a deleted object stays, struck through."""
GLOW = 4.0
"""Seconds in which a changed cell fades."""
READ_AHEAD = 0.004
"""Seconds of each quiet tick spent on reading rows ahead of sorting and searching."""
JUDGING = 0.003
"""Seconds of each tick spent on looking for unhealthy objects; a third of that while a list comes."""
LONG_LOOK = 0.02
"""Seconds spent on both where nobody is at the keys: all is read once, and the sooner it is done the better."""
READING = 0.01
"""Seconds of each tick spent on rows that come with a list, where they must be read to be filtered or ordered."""
FEW, LOT, LONGEST = 2000, 4, 1.0
"""From so many rows on, what comes with a list is put among them by lots, one in so many of those that are there, or
after so many seconds: each lot costs a look at all of them.
"""


class LiveTable(TableModel):
    """Owns the feeds; `close` lets go of them."""

    def __init__(
        self,
        sessions: Sequence[Session],
        place: Location,
        clock: Clock,
        columns: ColumnChoice | None = None,
        indices: UserIndices | None = None,
    ) -> None:
        """`sessions`: of each of the place's contexts, or of the only one."""
        self.place = place
        self._asked = columns, indices = columns or ColumnChoice(), indices or UserIndices()
        self.sources = TableSources(sessions, place, columns)
        self.marks = set()
        self.recent = RecentChanges(GLOW)
        self.problem = self.sources.problem
        self._clock = clock
        self._kind = self.sources.kind
        self.lag = ChangeLag(self.sources.changes)
        self._has_read_all = False
        """Whether every row was read once."""
        self._arrived: set[str] = set()
        """The keys that came with a list and are not taken in yet."""
        self._took_in_at = 0.0
        first, *others = place.parts
        self.health = HealthMonitor(first, self.sources.objects, others)
        # Which cluster an owner is of no object says.
        owners = NAMES_ONLY if place.contexts else OwnerResolver(self.sources.objects, self._owner_feeds(sessions[0]))
        self.projection = Projection(
            self.sources.objects,
            self._kind,
            clock=clock,
            resource=first,
            others=tuple(others),
            contexts=self.sources.contexts,
            with_namespace=place.shows_namespaces,
            shown=searched_columns(self._kind, wide=place.wide),
            extras=self._extra_orders,
            journal=self.sources.changes,
            marked=self.marks,
            recent=self.recent,
            retention=RETENTION,
            in_background=True,
            names=indices.names_for(*place.resources),
            owners=owners,
        )
        self.projection.rebuild()
        self.rows = self._new_rows()
        self._arrange(place)

    def _owner_feeds(self, session: Session) -> OwnerFeeds:
        return OwnerFeeds(session, self.place.namespace)

    def step(self) -> Step:
        now = self._clock.time()
        self.rows.now = now
        if self.sources.renew():
            self.problem = self.sources.problem
            self._relay_columns()
            return Step(moved=True, new_columns=True)
        if self.sources.measure():
            return self._take_measurements()
        listed, news = self.sources.drain()
        self.health.touch(listed)
        self.health.touch(news)
        if not self.sources.synced:
            self.health.look(now, JUDGING / 3)
        elif self.has_time and not self.health.is_complete:
            self.health.look(now, LONG_LOOK, self._read_ahead)
        else:
            self.health.look(now, JUDGING)
        self._arrived |= listed
        # What changed before it was taken in is taken in as it is now.
        news -= self._arrived
        due = self.projection.due(now)
        fading = self.sources.fading(now) if self._asks_for_churn else frozenset()
        takes_in = bool(self._arrived) and self._is_worth_a_look
        if not takes_in and not news and not fading and (due is None or due > now):
            seconds = LONG_LOOK if self.has_time and self.health.is_complete else READ_AHEAD
            if self.sources.synced and not self.projection.warm(seconds):
                self._has_read_all = True
                self._arrived = set()  # a set that was emptied keeps the room that it once needed
            return QUIET
        first = self._take_in() if takes_in else QUIET
        return first.then(self._apply(news | fading, notable=True))

    def catch_up(self, columns: ColumnChoice, indices: UserIndices) -> bool:
        if (columns, indices) != self._asked:
            return False
        self.rows.now = self._clock.time()
        listed, news = self.sources.drain()
        dirty = self._arrived | listed | news
        self.health.touch(dirty)
        if len(dirty) * LOT > max(FEW, self.projection.total):
            return False
        self._arrived.clear()
        # What changed long ago is no news: nothing glows, and what is gone is gone.
        self._apply(dirty, notable=False)
        return True

    def _read_ahead(self, key: str) -> None:
        row = self.projection.row(key)
        if row is not None:
            row.search_text  # noqa: B018 - reading is what is wanted; the row keeps it

    @property
    def is_busy(self) -> bool:
        # What changes later is read ahead when a tick has nothing else to do, and for that alone there is none.
        return super().is_busy or not (self._has_read_all and self.health.is_complete and self.sources.synced)

    def close(self) -> None:
        super().close()
        self.sources.close()

    @property
    def _is_worth_a_look(self) -> bool:
        """Whether enough has come with a list to be put among the rows."""
        total = self.projection.total
        if total < FEW or self.sources.synced or not self.projection.takes_in_all:
            return True
        waits = self._clock.monotonic() - self._took_in_at
        return len(self._arrived) * LOT >= total or waits >= LONGEST

    def _take_in(self) -> Step:
        step = self._stepped(self.projection.take_in(self._arrived, READING))
        self._took_in_at = self._clock.monotonic()
        return step

    def _take_measurements(self) -> Step:
        self.rows.forget_cells()
        filtered, sort = self.projection.query is not None, self.projection.sort
        if filtered:
            self.projection.refilter()
        if isinstance(sort.by, int):
            self.projection.set_sort(sort.by, sort.descending)
        return Step(moved=filtered or isinstance(sort.by, int))

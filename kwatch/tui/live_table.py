"""A place brought to life: the feed of its objects, filtered and ordered into rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kwatch.informer.clock import Clock
from kwatch.informer.status import InformerStatus
from kwatch.query.errors import QuerySyntaxError
from kwatch.query.parser import parse
from kwatch.tui.place import Place
from kwatch.tui.table.projected_rows import NAMESPACE, ProjectedRows, shown_columns
from kwatch.view.projection import Projection

if TYPE_CHECKING:
    from kwatch.session.feed import Feed
    from kwatch.session.session import Session


@dataclass(frozen=True, slots=True)
class Step:
    """What one beat brought."""

    changed: frozenset[str] = frozenset()
    moved: bool = False
    new_columns: bool = False


QUIET = Step()


class LiveTable:
    """Owns the feed; `close` lets go of it. `place` says how it is filtered and ordered now."""

    def __init__(self, session: Session, place: Place, clock: Clock) -> None:
        self.place = place
        self.feed: Feed = session.open(place.resource, place.namespace, place.label_selector, place.field_selector)
        self.mistake: QuerySyntaxError | None = None
        """Why the place's filter is not in force."""
        self._clock = clock
        self._kind_version = self.feed.kind_version
        self.feed.drain()
        self.projection = Projection(
            self.feed.indexer,
            self.feed.kind,
            clock=clock,
            resource=place.resource,
            with_namespace=self._namespaces,
            shown=self._shown,
        )
        self.projection.rebuild()
        self.rows = self._new_rows()
        if place.filter:
            self.filter(place.filter)
        if place.sort is not None:
            self.sort(*place.sort)

    @property
    def status(self) -> InformerStatus:
        """How the informer behind it is."""
        return self.feed.status

    def step(self) -> Step:
        """Take in what changed since the last step."""
        now = self._clock.time()
        self.rows.now = now
        if self.feed.kind_version != self._kind_version:
            self._kind_version = self.feed.kind_version
            self._relay_columns()
            return Step(moved=True, new_columns=True)
        dirty = self.feed.drain()
        due = self.projection.due(now)
        if not dirty and (due is None or due > now):
            return QUIET
        changes = self.projection.apply(dirty)
        return Step(changes.changed | changes.added, changes.moved)

    def filter(self, text: str) -> None:
        """Show only what matches; raise QuerySyntaxError and change nothing when the text makes no sense."""
        query = parse(text)
        self.projection.set_query(query if text.strip() else None)
        self.place = replace(self.place, filter=text)

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

    def close(self) -> None:
        """Let go of the feed."""
        self.feed.release()

    @property
    def _namespaces(self) -> bool:
        return self.place.resource.namespaced and self.place.namespace is None

    @property
    def _shown(self) -> tuple[int, ...]:
        return shown_columns(self.feed.kind, wide=self.place.wide)

    def _relay_columns(self) -> None:
        self.projection.set_kind(self.feed.kind, shown=self._shown, with_namespace=self._namespaces)
        self.rows = self._new_rows()
        if self.place.sort is not None:
            try:
                self.sort(*self.place.sort)
            except LookupError:
                self.place = replace(self.place, sort=None)
                self.rows.sorted_by = None

    def _new_rows(self) -> ProjectedRows:
        shown = shown_columns(self.projection.kind, wide=self.place.wide)
        rows = ProjectedRows(self.projection, shown, namespaces=self._namespaces, now=self._clock.time())
        rows.sorted_by = self.place.sort or (NAMESPACE if self._namespaces else "name", False)
        return rows

"""A place brought to life: the feed of its objects, projected into rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.informer.status import InformerStatus
from kwatch.tui.place import Place
from kwatch.tui.table.projected_rows import ProjectedRows
from kwatch.view.projection import Projection

if TYPE_CHECKING:
    from kwatch.session.feed import Feed
    from kwatch.session.session import Session


@dataclass(frozen=True, slots=True)
class Step:
    """What one beat brought."""

    changed: frozenset[str]
    moved: bool
    new_columns: bool


QUIET = Step(frozenset(), moved=False, new_columns=False)


class LiveTable:
    """Owns the feed; `close` lets go of it."""

    def __init__(self, session: Session, place: Place, now: Callable[[], float]) -> None:
        self.place = place
        self.feed: Feed = session.open(place.resource, place.namespace, place.label_selector, place.field_selector)
        self._now = now
        self._kind_version = -1
        self._build()

    @property
    def status(self) -> InformerStatus:
        """How the informer behind it is."""
        return self.feed.status

    def step(self) -> Step:
        """Take in what changed since the last step."""
        self.rows.now = self._now()
        if self.feed.kind_version != self._kind_version:
            self._build()
            return Step(frozenset(), moved=True, new_columns=True)
        dirty = self.feed.drain()
        if not dirty:
            return QUIET
        changes = self.projection.apply(set(dirty))
        return Step(changes.changed, changes.moved, new_columns=False)

    def close(self) -> None:
        """Let go of the feed."""
        self.feed.release()

    def _build(self) -> None:
        self._kind_version = self.feed.kind_version
        self.feed.drain()
        place = self.place
        self.projection = Projection(self.feed.indexer, self.feed.kind, clock=self._now)
        self.projection.rebuild()
        self.rows = ProjectedRows(
            self.projection,
            self.feed.kind,
            namespaces=place.resource.namespaced and place.namespace is None,
            wide=place.wide,
            now=self._now(),
        )

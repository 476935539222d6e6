"""What is around an object, for its overview: the others are watched while the overview is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kwatch.catalog.column import Level
from kwatch.catalog.names import ResourceNames
from kwatch.catalog.overview import Section, describe_surroundings
from kwatch.catalog.overview.facts import Fact, sections
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.access import IndexAccess
from kwatch.tui.object.neighbours import Neighbours
from kwatch.tui.subject import Subject
from kwatch.view.relations import Relation, others_around

if TYPE_CHECKING:
    from kwatch.informer.status import InformerStatus

_IN_VAIN = (Level.WARNING, Level.DONE)
"""Of what is not known, and not on its way."""
PERIOD = 1.0
"""Seconds between looks while others change."""


class Surroundings:
    """Asks again when the object or one of the others changed, once a second at most."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._neighbours: Neighbours | None = None
        self._obj: KubeObject | None = None
        self._looked_at = 0.0
        self._changed = False
        self._sections: Sequence[Section] = ()

    def sections(self, obj: KubeObject, now: float) -> Sequence[Section]:
        """What is known; `now` is the present, also while the past is looked at."""
        names = self._subject.session.names
        if names is None:
            return ()
        if self._neighbours is None:
            self._neighbours = neighbours_of(self._subject)
        self._changed |= self._neighbours.drain() or obj is not self._obj or not self._sections
        if self._changed and now - self._looked_at >= PERIOD:
            self._looked_at, self._obj, self._changed = now, obj, False
            resource = self._subject.resource
            self._sections = self._ask(resource, obj, names, self._neighbours)
        return self._sections

    def _ask(
        self, resource: Resource, obj: KubeObject, names: ResourceNames, neighbours: Neighbours
    ) -> Sequence[Section]:
        """What the others say, and which of them could not be asked."""
        silent: list[Relation] = []

        def cache_of(relation: Relation) -> IndexAccess | None:
            cache = neighbours.cache_of(relation)
            if cache is None:
                silent.append(relation)
            return cache

        found = describe_surroundings(resource, obj, others_around(resource, obj, names, cache_of))
        waits = {relation.resource.name: neighbours.waiting_for(relation) for relation in silent}
        self._changed |= bool(waits)
        missing = [Fact(name, words, level) for name, (words, level) in waits.items() if level in _IN_VAIN]
        return (*found, *sections(("Not Known", missing)))

    @property
    def statuses(self) -> list[tuple[str, InformerStatus]]:
        """How those are watched that are there."""
        return self._neighbours.statuses if self._neighbours is not None else []

    def release(self) -> None:
        """Watch no longer."""
        if self._neighbours is not None:
            self._neighbours.release()


def neighbours_of(subject: Subject) -> Neighbours:
    """Those of now, or of the moment that is looked at."""
    journal = subject.session.journal
    if subject.past is None or journal is None:
        return Neighbours(subject.session)
    from kwatch.tui.features.time_travel.past_neighbours import PastNeighbours

    return PastNeighbours(subject.session, journal, subject.past.moment)

"""The caches that relations are asked of, as they were at a moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kwatch.base.threads import spawn
from kwatch.catalog.column import Level
from kwatch.catalog.indices import indexers_for, indexers_on_demand
from kwatch.history.watches import Scope, Sight
from kwatch.tui.features.time_travel.moment import Moment
from kwatch.tui.features.time_travel.past_index import PastIndex
from kwatch.tui.features.time_travel.scoped_past import ScopedPast
from kwatch.tui.object.neighbours import Neighbours
from kwatch.tui.place import Place
from kwatch.view.printable import printable

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.informer.resource import Resource
    from kwatch.query.access import IndexAccess
    from kwatch.session.session import Session
    from kwatch.view.relations import Relation


class PastNeighbours(Neighbours):
    """Nothing is watched: what the journal knows of a resource is all there is."""

    def absent(self, relation: Relation) -> str:
        """What is said of an object by its name that was not there."""
        return "not there" if self._sight(relation) is Sight.ALL else "not known then"

    def __init__(self, session: Session, journal: Journal, moment: Moment) -> None:
        super().__init__(session)
        self._journal = journal
        self._moment = moment
        self._caches: dict[Resource, PastIndex] = {}
        self._sights: dict[tuple[Resource, str | None, str], Sight] = {}
        self._asked: set[tuple[Resource, str]] = set()
        self._news = False

    def cache_of(self, relation: Relation) -> IndexAccess | None:
        """The cache once its indices are made; None until then, and of what was not watched."""
        resource = relation.resource
        if self._sight(relation) is Sight.NONE:
            return None
        cache = self._caches.get(resource)
        if cache is None:
            as_of = self._journal.as_of(self._session.context, str(resource), sequence=self._moment.sequence)
            source = ScopedPast(as_of, Place(resource))
            cache = self._caches[resource] = PastIndex(source, indexers_for(resource))
            self._begin(cache, cache.make)
        if relation.index and relation.index not in cache.index_names:
            self._add(cache, resource, relation.index)
            return None
        # One object by its name needs no index.
        return cache if cache.is_made or relation.name else None

    def waiting_for(self, relation: Relation) -> tuple[str, Level]:
        """Why a relation has no answer."""
        cache = self._caches.get(relation.resource)
        if self._sight(relation) is Sight.NONE:
            return f"{relation.resource.name} were not watched then", Level.DONE
        if cache is not None and cache.problem:
            return printable(cache.problem), Level.WARNING
        return ("looking it up …", Level.PROGRESS) if cache is None or not cache.is_made else ("", Level.NONE)

    def drain(self) -> bool:
        """Whether there is more to be asked since the last time."""
        news, self._news = self._news, False
        return news

    def _add(self, cache: PastIndex, resource: Resource, name: str) -> None:
        func = indexers_on_demand(resource).get(name)
        if func is not None and (resource, name) not in self._asked:
            self._asked.add((resource, name))
            self._begin(cache, lambda: cache.add_indexers({name: func}))

    def _begin(self, cache: PastIndex, work: Callable[[], None]) -> None:
        def run() -> None:
            work()
            self._news = True

        def crashed(error: BaseException) -> None:
            cache.give_up(error)
            self._news = True

        spawn("kwatch-past-index", run, crashed)

    def _sight(self, relation: Relation) -> Sight:
        """How much of what answers a relation was watched then; what is only known from before is some of it."""
        key = (relation.resource, relation.namespace, relation.field_selector)
        if key not in self._sights:
            journal, context, name = self._journal, self._session.context, str(relation.resource)
            scopes = {Scope(relation.namespace, fields=fields) for fields in ("", relation.field_selector)}
            found = [journal.sight(context, name, scope, self._moment.at) for scope in scopes]
            if Sight.ALL in found:
                sight = Sight.ALL
            elif Sight.SOME in found or len(journal.as_of(context, name, sequence=self._moment.sequence)):
                sight = Sight.SOME
            else:
                sight = Sight.NONE
            self._sights[key] = sight
        return self._sights[key]

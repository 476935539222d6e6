"""The caches that an object's relations are asked of, now or as of a moment, and the reading of what they answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from kwatch.base.printable import printable
from kwatch.base.threads import reason_of, spawn
from kwatch.catalog.column import Level
from kwatch.catalog.indices import indexers_for, indexers_on_demand
from kwatch.catalog.names import ResourceNames
from kwatch.history.coverage import Coverage, Scope
from kwatch.history.version import Moment
from kwatch.informer.errors import Closed
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.context import IndexAccess
from kwatch.session.ports import Watched
from kwatch.tui.location import Location
from kwatch.view.as_of_source import AsOfIndex
from kwatch.view.freshness import hindrance
from kwatch.view.indexes_on_demand import Demand, demand_indices

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.informer.status import InformerStatus
    from kwatch.session.informer_pool import Feed
    from kwatch.session.session import Session
    from kwatch.tui.features.object.subject import Subject
    from kwatch.view.relations import Relation
    from kwatch.view.relations.related import CacheOf

T = TypeVar("T")


class RelationCaches:
    """Opened when first needed, released together. Watches as little as answers a relation: what runs already, what a
    field selects, else a namespace. Questions about a relation may be asked in any thread.
    """

    def __init__(self, session: Session, *, only_running: bool = False) -> None:
        """`only_running`: watch nothing that is not watched anyway; for questions about many objects at once."""
        self._session = session
        self._only_running = only_running
        self._lock = threading.Lock()
        self._is_released = False
        self._ways: dict[tuple[Resource, str | None, str], Watched] = {}
        self._feeds: dict[Watched, Feed] = {}
        self._indices: dict[tuple[Watched, str], Demand] = {}
        self._failed: dict[tuple[Watched, str], str] = {}
        """Indices that could not be made, and why."""

    def cache_of(self, relation: Relation) -> IndexAccess | None:
        """The cache once it is complete; None until then, and while an index is made for it."""
        feed = self.feed_of(relation)
        if feed is None or not feed.status.synced:
            return None
        if relation.index:
            self._want_index(feed, relation.index)
            if relation.index not in feed.indexer.index_names:
                return None
        return feed.indexer

    def feed_of(self, relation: Relation) -> Feed | None:
        """The feed behind it; None when the session has ended, and where it is not to be watched for this alone."""
        key = (relation.resource, relation.namespace, relation.field_selector)
        with self._lock:
            watched = self._ways.get(key) or self._watched(relation)
            if watched is None or self._is_released:
                return None
            feed = self._feeds.get(watched)
            try:
                if feed is None:
                    feed = self._session.open(
                        watched.resource,
                        watched.namespace,
                        None,
                        watched.field_selector,
                        purpose="related objects",
                        metadata_only=watched.metadata_only,
                        digested=watched.digested,
                    )
            except Closed:
                return None
            self._ways[key], self._feeds[watched] = watched, feed
        return feed

    def waiting_for(self, relation: Relation) -> tuple[str, Level]:
        """Why a relation has no answer yet, in words (none where it should have one), and whether that is in order."""
        feed = self.feed_of(relation)
        if feed is None:
            return "not connected", Level.WARNING
        status = feed.status
        if not status.synced:
            trouble = hindrance(status)
            return (trouble, Level.WARNING) if trouble else ("listing …", Level.PROGRESS)
        if not relation.index or relation.index in feed.indexer.index_names:
            return "", Level.NONE
        failed = self._failed.get((feed.watched, relation.index))
        return (printable(failed), Level.WARNING) if failed is not None else ("indexing …", Level.PROGRESS)

    def absent(self, relation: Relation) -> str:
        """The state of an object that is named but not in the cache."""
        return "not there"

    @property
    def statuses(self) -> list[tuple[str, InformerStatus]]:
        """Resource name and status of the informers that are synced; `waiting_for` speaks of the others."""
        return [(feed.resource.name, status) for feed in self._opened() if (status := feed.status).synced]

    def drain(self) -> bool:
        """Whether anything changed since the last time."""
        changes = [feed.drain() for feed in self._opened()]
        return any(changes)

    def release(self) -> None:
        with self._lock:
            self._is_released = True
            for demand in self._indices.values():
                demand.release()
            for feed in self._feeds.values():
                feed.release()
            self._indices.clear()
            self._feeds.clear()

    def place_of(self, resource: Resource, key: str) -> Location:
        """Where to open an object without watching more than is watched already."""
        namespace = key.rpartition("/")[0] or None
        return Location(resource, None if Watched(resource) in self._running() else namespace)

    def _watched(self, relation: Relation) -> Watched | None:
        running = self._running()
        # Whether there is one of that name, and when it changed, can be told without its data.
        forms = [{}, {"digested": True}, *([{"metadata_only": True}] if self._only_running else ())]
        for form in forms:
            for namespace in (None, relation.namespace):
                watched = Watched(relation.resource, namespace, **form)
                if watched in running:
                    return watched
        if self._only_running:
            return None
        return Watched(relation.resource, relation.namespace, None, relation.field_selector or None)

    def _running(self) -> set[Watched]:
        return {each.watched for each in self._session.informers()}

    def _opened(self) -> list[Feed]:
        with self._lock:
            return [*self._feeds.values()]

    def _want_index(self, feed: Feed, name: str) -> None:
        asked = (feed.watched, name)
        func = (indexers_for(feed.resource) | indexers_on_demand(feed.resource)).get(name)
        with self._lock:
            if asked in self._indices or func is None or self._is_released:
                return
            demand = self._indices[asked] = demand_indices(feed.indexer, {name: func})

        def crashed(error: BaseException) -> None:
            self._failed[asked] = f"cannot be indexed: {reason_of(error)}"

        spawn("kwatch-index", demand.make, crashed)


def caches_for(subject: Subject) -> RelationCaches:
    """For a subject of now, or of a moment in the past."""
    journal = subject.session.journal
    if subject.past is None or journal is None:
        return RelationCaches(subject.session)
    return AsOfRelationCaches(subject.session, journal, subject.past.moment)


class AsOfRelationCaches(RelationCaches):
    """As of a moment: nothing is watched, the journal answers."""

    def __init__(self, session: Session, journal: Journal, moment: Moment) -> None:
        super().__init__(session)
        self._journal = journal
        self._moment = moment
        self._caches: dict[Resource, AsOfIndex] = {}
        self._coverages: dict[tuple[Resource, str | None, str], Coverage] = {}
        self._asked: set[tuple[Resource, str]] = set()
        self._news = False

    def absent(self, relation: Relation) -> str:
        """The state of an object that is named but was not there."""
        return "not there" if self._coverage(relation) is Coverage.ALL else "not known then"

    def cache_of(self, relation: Relation) -> IndexAccess | None:
        """The cache once its indexes are made; None until then, and of what was not watched."""
        resource = relation.resource
        if self._coverage(relation) is Coverage.NONE:
            return None
        with self._lock:
            cache = self._caches.get(resource)
            if cache is None:
                as_of = self._journal.as_of(self._session.context, str(resource), sequence=self._moment.sequence)
                cache = self._caches[resource] = AsOfIndex(as_of, indexers_for(resource))
                self._begin(cache, cache.make)
        if relation.index and relation.index not in cache.index_names:
            self._add(cache, resource, relation.index)
            return None
        # One object by its name needs no index.
        return cache if cache.is_made or relation.name else None

    def waiting_for(self, relation: Relation) -> tuple[str, Level]:
        """Why a relation has no answer."""
        cache = self._caches.get(relation.resource)
        if self._coverage(relation) is Coverage.NONE:
            return f"{relation.resource.name} were not watched then", Level.DONE
        if cache is not None and cache.problem:
            return printable(cache.problem), Level.WARNING
        return ("looking it up …", Level.PROGRESS) if cache is None or not cache.is_made else ("", Level.NONE)

    def drain(self) -> bool:
        """Whether there is more to be asked since the last time."""
        news, self._news = self._news, False
        return news

    def _add(self, cache: AsOfIndex, resource: Resource, name: str) -> None:
        func = indexers_on_demand(resource).get(name)
        with self._lock:
            is_new = func is not None and (resource, name) not in self._asked
            self._asked.add((resource, name))
        if func is not None and is_new:
            self._begin(cache, lambda: cache.add_indexers({name: func}))

    def _begin(self, cache: AsOfIndex, work: Callable[[], None]) -> None:
        def run() -> None:
            work()
            self._news = True

        def crashed(error: BaseException) -> None:
            cache.give_up(error)
            self._news = True

        spawn("kwatch-past-index", run, crashed)

    def _coverage(self, relation: Relation) -> Coverage:
        """How much of what answers a relation was watched then; what is only known from before is some of it."""
        key = (relation.resource, relation.namespace, relation.field_selector)
        if key not in self._coverages:
            journal, context, name = self._journal, self._session.context, str(relation.resource)
            scopes = {Scope(relation.namespace, fields=fields) for fields in ("", relation.field_selector)}
            found = [journal.coverage(context, name, scope, self._moment.at) for scope in scopes]
            if Coverage.ALL in found:
                coverage = Coverage.ALL
            elif Coverage.SOME in found or len(journal.as_of(context, name, sequence=self._moment.sequence)):
                coverage = Coverage.SOME
            else:
                coverage = Coverage.NONE
            self._coverages[key] = coverage
        return self._coverages[key]


class RelatedReading(Generic[T]):
    """What is read of an object's relations, and again when they change: in a thread, never in two at once. Its methods
    are for the UI thread.
    """

    def __init__(
        self,
        subject: Subject,
        read: Callable[[KubeObject, ResourceNames, CacheOf, float], T],
        wake: Callable[[], object],
        *,
        period: float = 1.0,
        idle: float = 5.0,
    ) -> None:
        """`read` is called in the thread with the moment that is looked at. `period` are the seconds between two
        readings while something changes or is not there yet, `idle` those while nothing does.
        """
        self.caches = caches_for(subject)
        self.result: T | None = None
        self.problem = ""
        """Why it could not be read."""
        self._subject = subject
        self._read = read
        self._wake = wake
        self._period, self._idle = period, idle
        self._obj: KubeObject | None = None
        self._told: T | None = None
        self._read_at = 0.0
        self._is_stale = self._lacks = self._is_reading = False

    @property
    def is_busy(self) -> bool:
        return self._is_reading or self._is_stale or (self.result is None and not self.problem)

    def look(self, obj: KubeObject, now: float) -> bool:
        """Begin to read if it is time to; whether there is another result than when this was last asked."""
        self._is_stale |= self.caches.drain() or obj is not self._obj
        wait = self._period if self._is_stale or self._lacks else self._idle
        is_due = self._obj is None or not 0 <= now - self._read_at < wait
        if is_due and not self._is_reading and (names := self._subject.session.names) is not None:
            self._begin(obj, names, now)
        is_new, self._told = self.result is not self._told, self.result
        return is_new

    def release(self) -> None:
        self.caches.release()

    def _begin(self, obj: KubeObject, names: ResourceNames, now: float) -> None:
        # What changed is in the caches a moment before the journal has it: it is read once more.
        self._lacks = self._is_stale
        self._obj, self._read_at, self._is_stale, self._is_reading = obj, now, False, True
        time = self._subject.time(now)

        def cache_of(relation: Relation) -> IndexAccess | None:
            cache = self.caches.cache_of(relation)
            self._lacks |= cache is None
            return cache

        def read() -> None:
            self.result = self._read(obj, names, cache_of, time)
            self.problem = ""
            self._end()

        def crashed(error: BaseException) -> None:
            self.problem = f"internal error: {reason_of(error)}"
            self._end()

        spawn("kwatch-related", read, crashed)

    def _end(self) -> None:
        self._is_reading = False
        self._wake()


class KnownPastCaches(AsOfRelationCaches):
    """As of a moment, for one thread: the one in which the indexes are made."""

    def cache_of(self, relation: Relation) -> IndexAccess | None:
        return super().cache_of(relation) or super().cache_of(relation)  # the first time the index may be made

    def _begin(self, cache: object, work: Callable[[], None]) -> None:
        work()

"""What is looked at while problems are listed: now what is watched and the usual kinds, or all as of a moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kwatch.base.threads import reason_of, spawn
from kwatch.history.coverage import Coverage, Scope
from kwatch.informer.errors import Closed
from kwatch.session.ports import Watched
from kwatch.tui.features.time_travel.moment import clock_text
from kwatch.tui.kit.widgets.header import Mood, worst_freshness_of
from kwatch.view.freshness import obstacle
from kwatch.view.problems import ProblemList, ProblemPast, UnhealthyObject, past_of
from kwatch.view.source import ViewScope, filtered

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.history.journal import Journal
    from kwatch.history.version import Moment
    from kwatch.session.informer_pool import Feed
    from kwatch.session.session import Session


ALWAYS_WATCHED = (
    "pods",
    "nodes",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "persistentvolumeclaims",
    "horizontalpodautoscalers.autoscaling",
)
"""Kinds whose problems are worth a watch of their own."""
EVENTS = frozenset({"events", "events.events.k8s.io"})
"""They report problems, and are none."""


class ProblemFeeds:
    """Feeds the ProblemList; `release` lets go of everything."""

    doubts: Sequence[str] = ()
    """Of the present the freshness says enough."""

    def __init__(self, session: Session, namespace: str | None) -> None:
        self.problems = ProblemList()
        self.are_wider = False
        """Whether more than the namespace is looked at: what is watched anyway is."""
        self._session = session
        self._feeds: dict[str, Feed] = {}
        for watched in self._wanted(namespace):
            self._open(watched)
            self.are_wider |= watched.resource.namespaced and watched.namespace != namespace

    @property
    def kinds(self) -> int:
        """How many resources are looked at."""
        return len({feed.resource for feed in self._feeds.values() if feed.status.synced})

    @property
    def missing(self) -> Mapping[str, str]:
        """What is not looked at -> why: what is still being listed is on its way, and is not missing."""
        found = {feed.resource.name: obstacle(feed.status) for feed in self._feeds.values()}
        return {name: why for name, why in found.items() if why}

    def freshness(self, now: float) -> tuple[str, Mood, str]:
        """As fresh as the worst of what is looked at: what to say, how it looks, since when nothing is certain."""
        if self._session.state.is_recording:
            return "recorded", Mood.PAST, ""
        known = [(feed.resource.name, feed.status) for feed in self._feeds.values() if not obstacle(feed.status)]
        return worst_freshness_of(known, now)

    @property
    def objects(self) -> int:
        """How many objects there are in all of them."""
        return sum(feed.status.objects for feed in self._feeds.values())

    @property
    def is_synced(self) -> bool:
        """Whether all that can be listed has been."""
        return all(feed.status.synced or obstacle(feed.status) for feed in self._feeds.values())

    def take(self) -> None:
        """Hand on what changed."""
        for source_id, feed in self._feeds.items():
            dirty = feed.drain()
            if dirty:
                self.problems.touch(source_id, dirty)

    def release(self) -> None:
        """Watch no longer for the sake of problems."""
        for feed in self._feeds.values():
            feed.release()
        self._feeds.clear()

    def _wanted(self, namespace: str | None) -> Iterator[Watched]:
        """The running watches first, so that those are shared that see all of a namespace or of the cluster."""
        running = [each.watched for each in self._session.informers() if _is_whole_enough(each.watched)]
        yield from running
        whole = {each for each in running if each.label_selector is None and each.field_selector is None}
        names = self._session.names
        if names is None:
            return
        for name in ALWAYS_WATCHED:
            resource = names.find(name)
            if resource is None:
                continue
            where = namespace if resource.namespaced else None
            if not whole & {Watched(resource), Watched(resource, where)}:
                yield Watched(resource, where)

    def _open(self, watched: Watched) -> None:
        try:
            feed = self._session.open(
                watched.resource, watched.namespace, watched.label_selector, watched.field_selector, purpose="problems"
            )
        except Closed:
            return
        self._feeds[str(watched)] = feed
        self.problems.watch(str(watched), feed.resource, feed.indexer)


def _is_whole_enough(watched: Watched) -> bool:
    """Whether it tells of problems; watches of one object by its name do not last."""
    if watched.metadata_only:
        return False
    return str(watched.resource) not in EVENTS and not (watched.field_selector or "").startswith("metadata.name=")


class PastProblems:
    """Asked like ProblemFeeds. Found in the journal by a thread, after which nothing changes any more."""

    are_wider = False

    def __init__(
        self, session: Session, names: ResourceNames, journal: Journal, until: Moment, namespace: str | None
    ) -> None:
        self.problems = ProblemList()
        self.missing: Mapping[str, str] = {}
        """What is not looked at -> why."""
        self.doubts: Sequence[str] = ()
        """What was not watched at the moment, but before: it is as it was known then."""
        self.is_synced = False
        self.kinds = self.objects = 0
        self._session = session
        self._names = names
        self._journal = journal
        self._until = until
        self._namespace = namespace
        self._made: tuple[ProblemList, Mapping[str, str], Sequence[str], int, int] | None = None
        spawn("kwatch-past-problems", self._make, self._crashed)

    def take(self) -> None:
        if self._made is not None and not self.is_synced:
            self.problems, self.missing, self.doubts, self.kinds, self.objects = self._made
            self.is_synced = True

    def freshness(self, now: float) -> tuple[str, Mood, str]:
        recorded = "recorded, " if self._session.state.is_recording else ""
        return f"{recorded}as it was at {clock_text(self._until.at, now, fine=False)}", Mood.PAST, ""

    def release(self) -> None: ...

    def _make(self) -> None:
        """In the thread."""
        journal, context, until = self._journal, self._session.context, self._until
        problems, doubts, kinds, objects = ProblemList(), [], 0, 0
        missing = dict.fromkeys(self._always_watched(), "not watched then")
        known = journal.resources(context) - EVENTS
        for resource in self._names.resources:
            name = str(resource)
            if name not in known:
                continue
            as_of = journal.as_of(context, name, sequence=until.sequence)
            where = self._namespace if resource.namespaced else None
            source = filtered(as_of, ViewScope(where))
            coverage = journal.coverage(context, name, Scope(where), until.at)
            if coverage is Coverage.NONE and not source.list_keys():
                continue
            problems.watch(name, resource, source)
            kinds, objects = kinds + 1, objects + len(source.list_keys())
            missing.pop(resource.name, None)
            if coverage is not Coverage.ALL:
                doubts.append(resource.name)
        self._made = problems, missing, doubts, kinds, objects

    def _always_watched(self) -> list[str]:
        return [found.name for name in ALWAYS_WATCHED if (found := self._names.find(name)) is not None]

    def _crashed(self, error: BaseException) -> None:
        self._made = ProblemList(), {"everything": f"internal error: {reason_of(error)}"}, (), 0, 0


class ProblemPasts:
    """Reads in a thread what the past of the listed problems is; `known` grows as it does."""

    def __init__(self, journal: Journal | None, context: str, on_news: Callable[[], object]) -> None:
        self.known: dict[UnhealthyObject, ProblemPast] = {}
        self._journal = journal
        self._context = context
        self._on_news = on_news
        self._is_reading = False
        self._closed = threading.Event()

    def read(self, listed: Iterable[UnhealthyObject], problems: ProblemList, now: float) -> None:
        """Begin with those that are not known; unless it is at work."""
        wanted = [each for each in listed if each not in self.known]
        if not wanted or self._is_reading:
            return
        self._is_reading = True

        def work() -> None:
            for unhealthy in wanted:
                if self._closed.is_set():
                    return
                obj = problems.object_of(unhealthy)
                self.known[unhealthy] = past_of(unhealthy, obj, self._journal, self._context, now)
            self._end()

        spawn("kwatch-problems-past", work, lambda error: self._end())

    def close(self) -> None:
        self._closed.set()

    def _end(self) -> None:
        self._is_reading = False
        self._on_news()

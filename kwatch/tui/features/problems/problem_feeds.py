"""What is looked at while problems are listed: now what is watched and the usual kinds, or all as of a moment. And the
thread that makes the list of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from kwatch.base.printable import printable
from kwatch.base.threads import reason_of, spawn
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.history.coverage import Coverage, Scope
from kwatch.informer.errors import Closed
from kwatch.query.query import Query
from kwatch.session.ports import Watched
from kwatch.tui.features.table.header import ALL_NAMESPACES
from kwatch.tui.features.time_travel.moment import clock_text
from kwatch.tui.kit.widgets.header import Mood, worst_freshness_of
from kwatch.view.delta_filter import DeltaFilter
from kwatch.view.freshness import enumerated, obstacle
from kwatch.view.problem_past import HealedObjects
from kwatch.view.problems import (
    Collected,
    ProblemFilter,
    ProblemLines,
    ProblemList,
    Snapshot,
    UnhealthyObject,
    problem_lines,
)
from kwatch.view.source import ViewScope, filtered

if TYPE_CHECKING:
    from kwatch.catalog.kind import Kind
    from kwatch.catalog.names import ResourceNames
    from kwatch.history.journal import Journal
    from kwatch.history.version import Moment
    from kwatch.informer.clock import Clock
    from kwatch.informer.kube_object import KubeObject
    from kwatch.informer.resource import Resource
    from kwatch.query.context import JournalAccess
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


def where(feeds: ProblemFeeds | PastProblems, namespace: str | None) -> str:
    """The namespace; more than it, where more is watched anyway."""
    if namespace is None:
        return ALL_NAMESPACES
    return f"{namespace} and what else is watched" if feeds.are_wider else namespace


def looked_through(feeds: ProblemFeeds | PastProblems) -> str:
    """`120 objects of 8 of 9 kinds`."""
    objects, kinds, missing = feeds.objects, feeds.kinds, len(feeds.missing)
    of_kinds = f"{kinds} of {kinds + missing} kinds" if missing else f"{kinds} {'kind' if kinds == 1 else 'kinds'}"
    return f"{objects:,} {'object' if objects == 1 else 'objects'} of {of_kinds}"


def unlooked_at(feeds: ProblemFeeds | PastProblems) -> tuple[str, ...]:
    """What is not looked at, and why, in sentences."""
    by_reason: dict[str, list[str]] = {}
    for name, why in feeds.missing.items():
        # A server says of each what is not allowed: the first one will do.
        by_reason.setdefault("forbidden" if "forbidden" in why.casefold() else printable(why), []).append(name)
    without = [f"without {enumerated(names)}: {why}" for why, names in by_reason.items()]
    doubts = feeds.doubts
    return (*without, *((f"{enumerated(doubts)} not wholly watched then",) if doubts else ()))


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
    if not watched.is_whole:
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


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What is to be listed. `within` seconds also what healed; None: only what is wrong."""

    query: Query = field(default_factory=Query)
    within: float | None = None
    opened: frozenset[str] = frozenset()
    """Keys of the lines whose members are listed one by one."""
    causes: Mapping[str, str] = field(default_factory=dict)
    """What is known to cause what: keys of what fails alike -> the cause."""


class ListMaker:
    """Makes the lines in a thread, whenever it is asked; `version` grows with every other `lines`."""

    def __init__(
        self, session: Session, namespace: str | None, until: Moment | None, clock: Clock, on_news: Callable[[], object]
    ) -> None:
        """`clock` shows the moment that is looked at. `on_news` is called in the thread."""
        self.lines = ProblemLines()
        self.version = 0
        self.took = 0.0
        """Seconds that making the last one took."""
        self.mistake = ""
        """Why the filter means nothing, or what went wrong."""
        self.left_out = 0
        """How much was not looked through for what healed: it was too much."""
        self._session, self._namespace, self._until, self._clock = session, namespace, until, clock
        self._on_news = on_news
        self._asked: tuple[ProblemList, Snapshot, ListOptions] | None = None
        self._ill: Collected = {}
        self._healed: tuple[float, HealedObjects] | None = None
        self._wake, self._closed = threading.Event(), threading.Event()
        spawn("kwatch-problems", self._run, self._crashed, until=self._closed)

    def ask(self, problems: ProblemList, options: ListOptions) -> None:
        """On the UI thread, to which the list belongs."""
        self._asked = problems, problems.snapshot(), options
        self._wake.set()

    def object_of(self, problems: ProblemList, unhealthy: UnhealthyObject) -> KubeObject | None:
        """As it is, or was last."""
        found = problems.object_of(unhealthy)
        return found if found is not None or self._healed is None else self._healed[1].last_object(unhealthy.id)

    def close(self) -> None:
        self._closed.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._wake.wait()
            self._wake.clear()
            asked, self._asked = self._asked, None
            if asked is not None and not self._closed.is_set():
                began = perf_counter()
                self._make(*asked)
                self.took = perf_counter() - began
                self.version += 1
                self._on_news()

    def _crashed(self, error: BaseException) -> None:
        self.mistake = f"internal error: {reason_of(error)}"
        self.version += 1
        self._on_news()

    def _make(self, problems: ProblemList, snapshot: Snapshot, options: ListOptions) -> None:
        self._ill = problems.collect(snapshot, self._ill)
        found = [*self._ill.values(), *self._find_healed(options.within)]
        accepts = None
        if options.query:
            asked = DeltaFilter(options.query, self._kind_of, self._clock, changes_of=self._changes_of)
            accepts = ProblemFilter(asked, lambda unhealthy: self.object_of(problems, unhealthy))
        self.lines = problem_lines(found, options.opened, accepts, options.causes)
        self.mistake = accepts.complaint if accepts is not None else ""

    def _find_healed(self, within: float | None) -> Iterable[UnhealthyObject]:
        journal, names = self._session.journal, self._session.names
        if within is None or journal is None or names is None:
            self._healed, self.left_out = None, 0
            return ()
        now = self._clock.time()
        if self._healed is None or self._healed[0] != within:
            resources = {str(each): each for each in names.resources}
            healed = HealedObjects(journal, self._session.context, resources, now - within, self._until)
            self._healed = within, healed
        healed = self._healed[1]
        healed.take(self._ill, self._closed.is_set)
        self.left_out = healed.left_out
        found = healed.list(now - within, now)
        return [each for each in found if self._namespace is None or each.namespace in ("", self._namespace)]

    def _kind_of(self, resource: str) -> tuple[Kind, Resource] | None:
        for informer in self._session.informers():
            if str(informer.watched.resource) == resource:
                return informer.kind, informer.watched.resource
        found = self._session.names.find(resource) if self._session.names is not None else None
        return (kind_for(found) or generic_kind(found), found) if found is not None else None

    def _changes_of(self, resource: str) -> JournalAccess | None:
        journal, context = self._session.journal, self._session.context
        if journal is None:
            return None
        if self._until is not None:
            return journal.changes_as_of(context, resource, self._until.sequence)
        return journal.changes(context, resource)


def left_out(maker: ListMaker) -> tuple[str, ...]:
    """What was too much to be looked at, in sentences."""
    count = maker.left_out
    return (f"too much for what healed: {count:,} older changes are not looked through",) if count else ()

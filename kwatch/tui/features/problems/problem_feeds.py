"""What is looked at while problems are listed: now what is watched and the usual kinds, or all as of a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kwatch.base.namespaces import asked_of_server, holds, in_words, is_everywhere, named
from kwatch.base.printable import printable
from kwatch.base.threads import reason_of, spawn
from kwatch.history.coverage import Coverage, Scope
from kwatch.informer.errors import Closed
from kwatch.informer.status import Phase
from kwatch.session.ports import Watched
from kwatch.tui.features.time_travel.moment import clock_text
from kwatch.tui.kit.widgets.header import Mood, worst_freshness_of
from kwatch.view.freshness import enumerated, obstacle
from kwatch.view.problems import (
    ProblemList,
)
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
MOST_NAMESPACES = 20
"""Each has all of these kinds, where they may not be listed across all namespaces."""
EVENTS = frozenset({"events", "events.events.k8s.io"})
"""They report problems, and are none."""


def where(feeds: ProblemFeeds | PastProblems, namespace: str | None) -> str:
    """The namespace; more than it, where more is watched anyway."""
    words = in_words(namespace)
    return f"{words} and what else is watched" if feeds.are_wider and named(namespace) else words


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
        self._namespace = namespace
        self._feeds: dict[str, Feed] = {}
        self._refused: dict[str, Feed] = {}
        """What may not be listed across all namespaces, and is watched in each that is known."""
        for watched in self._wanted(namespace):
            self._open(watched)
            self.are_wider |= watched.resource.namespaced and not _is_within(watched.namespace, namespace)

    @property
    def kinds(self) -> int:
        """How many resources are looked at."""
        return len({feed.resource for feed in self._feeds.values() if feed.status.synced})

    @property
    def missing(self) -> Mapping[str, str]:
        """What is not looked at -> why: what is still being listed is on its way, and is not missing."""
        obstacles = [(feed, obstacle(feed.status)) for feed in self._feeds.values()]
        known = {feed.resource for feed, why in obstacles if not why}
        return {_name_of(feed, partly=feed.resource in known): why for feed, why in obstacles if why}

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
        self._look_elsewhere()
        for source_id, feed in self._feeds.items():
            dirty = feed.drain()
            if dirty:
                self.problems.touch(source_id, dirty)

    def release(self) -> None:
        """Watch no longer for the sake of problems."""
        for feed in (*self._feeds.values(), *self._refused.values()):
            feed.release()
        self._feeds.clear()
        self._refused.clear()

    def _look_elsewhere(self) -> None:
        """What may not be listed across all namespaces is watched in those that are known."""
        if not is_everywhere(self._namespace):
            return
        for source_id, feed in [*self._feeds.items()]:
            status, watched = feed.status, feed.watched
            if status.phase is Phase.FORBIDDEN and not status.synced and _is_of_all(watched):
                self._refused[source_id] = self._feeds.pop(source_id)
                known = [each for each, _ in self._session.namespaces.known() if holds(self._namespace, each)]
                for each in known[:MOST_NAMESPACES]:
                    self._open(replace(watched, namespace=each))

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
            for asked in asked_of_server(namespace if resource.namespaced else None):
                wanted = Watched(resource, asked.namespace, None, asked.fields)
                if Watched(resource) not in whole and wanted not in running:
                    yield wanted

    def _open(self, watched: Watched) -> None:
        try:
            feed = self._session.open(
                watched.resource, watched.namespace, watched.label_selector, watched.field_selector, purpose="problems"
            )
        except Closed:
            return
        self._feeds[str(watched)] = feed
        self.problems.watch(str(watched), feed.resource, feed.indexer)


def _is_within(watched: str | None, namespace: str | None) -> bool:
    """Whether what is watched is among what is meant."""
    return is_everywhere(namespace) if watched is None else holds(namespace, watched)


def _is_of_all(watched: Watched) -> bool:
    return watched.resource.namespaced and watched.namespace is None


def _name_of(feed: Feed, *, partly: bool) -> str:
    """`pods`, `pods in kube-system`."""
    namespace = feed.watched.namespace
    return f"{feed.resource.name} in {namespace}" if partly and namespace else feed.resource.name


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
            coverage = _least(
                journal.coverage(context, name, Scope(asked.namespace, "", asked.fields or ""), until.at)
                for asked in asked_of_server(where)
            )
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


def _least(found: Iterable[Coverage]) -> Coverage:
    """That of several namespaces together."""
    each = {*found}
    return each.pop() if len(each) == 1 else Coverage.SOME


def nothing_words(feeds: ProblemFeeds | PastProblems, *, is_looking: bool) -> tuple[str, ...]:
    """What is said where nothing is listed."""
    if is_looking or not feeds.is_synced:
        return (f"Looking through {looked_through(feeds)} …",)
    if not feeds.kinds:
        return ("Nothing can be looked at", *unlooked_at(feeds))
    return ("Nothing is known to be wrong", f"{looked_through(feeds)} are well.", *unlooked_at(feeds))

"""What is looked at while problems are listed: now what is watched and the usual kinds, or all as of a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import TYPE_CHECKING

from kwatch.base.namespaces import asked_of_server, holds, in_words, is_everywhere, named
from kwatch.base.printable import printable
from kwatch.base.threads import reason_of, spawn
from kwatch.history.coverage import Coverage, Scope
from kwatch.informer.errors import Closed
from kwatch.informer.status import Phase
from kwatch.session.namespaces_feed import FeedOfNamespaces
from kwatch.session.ports import Watched
from kwatch.session.state import ConnectionPhase
from kwatch.tui.features.table.contexts_header import CountOfContext, Fact, facts_by_context
from kwatch.tui.features.time_travel.moment import clock_text
from kwatch.tui.kit.widgets.header import Mood, connection_freshness, freshness_of, freshness_of_several
from kwatch.view.freshness import NOT_LISTED, Freshness, Severity, enumerated, obstacle, short_reason
from kwatch.view.problems import ProblemList
from kwatch.view.source import ViewScope, filtered

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Moment
    from kwatch.informer.resource import Resource
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
PROBLEM_NAMESPACES = 20
"""Namespaces in which all these kinds are watched, where they may not be listed across all."""
EVENTS = frozenset({"events", "events.events.k8s.io"})
"""They report problems, and are none."""


class ProblemFeeds:
    """Feeds the ProblemList of one context, as soon as that is connected; `release` lets go of everything."""

    doubts: Sequence[str] = ()
    """Of the present the freshness says enough."""

    def __init__(self, context: str, session: Session, namespace: str | None) -> None:
        self.context, self.session = context, session
        self.problems = ProblemList(context)
        self.are_wider = False
        """Whether more than the namespace is looked at: what is watched anyway is."""
        self._namespace = namespace
        self._feeds: dict[str, Feed | FeedOfNamespaces] = {}
        self._has_begun = False
        with suppress(Closed):
            self._begin()

    @property
    def kinds(self) -> AbstractSet[str]:
        """The resources that are looked at."""
        return {str(feed.resource) for feed in self._feeds.values() if feed.status.synced}

    @property
    def missing(self) -> Mapping[str, str]:
        """What is not looked at -> why: what is still being listed is on its way, and is not missing."""
        obstacles = [(feed, obstacle(feed.status)) for feed in self._feeds.values()]
        known = {feed.resource for feed, why in obstacles if not why}
        found = {_name_of(feed, partly=feed.resource in known): why for feed, why in obstacles if why}
        for feed in self._feeds.values():
            if isinstance(feed, FeedOfNamespaces):
                found |= {f"{feed.resource.name} in {place}": why for place, why in feed.left_out.items()}
        return found

    @property
    def absence(self) -> str:
        """Why nothing is looked at; empty where something is, or will be."""
        state = self.session.state
        return short_reason(state.message) if not self._has_begun and state.phase is ConnectionPhase.FAILED else ""

    def freshness(self, now: float) -> Freshness:
        """As fresh as the worst of what is looked at."""
        if not self._has_begun:
            return connection_freshness(self.session.state, now)
        known = [(feed.resource.name, feed.status) for feed in self._feeds.values() if not obstacle(feed.status)]
        return freshness_of(known, now)

    @property
    def objects(self) -> int:
        """How many objects there are in all of them."""
        return sum(feed.status.objects for feed in self._feeds.values())

    @property
    def is_synced(self) -> bool:
        """Whether all that can be listed has been."""
        if not self._has_begun:
            return bool(self.absence)
        return all(feed.status.synced or obstacle(feed.status) for feed in self._feeds.values())

    def take(self) -> None:
        """Hand on what changed."""
        with suppress(Closed):
            self._begin()
            self._look_elsewhere()
        for source_id, feed in self._feeds.items():
            dirty = feed.drain()
            if dirty:
                self.problems.touch(source_id, dirty)

    def release(self) -> None:
        """Watch no longer for the sake of problems."""
        for feed in self._feeds.values():
            feed.release()
        self._feeds.clear()

    def _begin(self) -> None:
        """Once it is known what there is: share what runs, which may see more than is meant, and watch what lacks."""
        session, names, namespace = self.session, self.session.names, self._namespace
        if self._has_begun or names is None:
            return
        self._has_begun = True
        running = [each.watched for each in session.informers() if _is_whole_enough(each.watched)]
        for watched in running:
            how = (watched.namespace, watched.label_selector, watched.field_selector)
            self._watch(str(watched), session.open(watched.resource, *how, purpose="problems"))
            self.are_wider |= watched.resource.namespaced and not _is_within(watched.namespace, namespace)
        for resource in filter(None, map(names.find, ALWAYS_WATCHED)):
            where = namespace if resource.namespaced else None
            if Watched(resource) not in running and Watched(resource, where) not in running:
                self._watch_namespaces(resource)

    def _look_elsewhere(self) -> None:
        """What is shared and may not be listed across all namespaces is watched in those that are known."""
        for source_id, feed in [*self._feeds.items()]:
            if isinstance(feed, FeedOfNamespaces) or not is_everywhere(self._namespace):
                continue
            status, watched = feed.status, feed.watched
            if status.phase is Phase.FORBIDDEN and not status.synced and watched == Watched(watched.resource):
                self._feeds.pop(source_id).release()
                self._watch_namespaces(watched.resource)

    def _watch_namespaces(self, resource: Resource) -> None:
        feed = FeedOfNamespaces(self.session, resource, self._namespace, purpose="problems", most=PROBLEM_NAMESPACES)
        self._watch(f"all {resource}", feed)

    def _watch(self, source_id: str, feed: Feed | FeedOfNamespaces) -> None:
        self._feeds[source_id] = feed
        self.problems.watch(source_id, feed.resource, feed.objects)


def _is_within(watched: str | None, namespace: str | None) -> bool:
    """Whether what is watched is among what is meant."""
    return is_everywhere(namespace) if watched is None else holds(namespace, watched)


def _name_of(feed: Feed | FeedOfNamespaces, *, partly: bool) -> str:
    """`pods`, `pods in kube-system`."""
    namespace = feed.watched.namespace if not isinstance(feed, FeedOfNamespaces) else None
    return f"{feed.resource.name} in {namespace}" if partly and namespace else feed.resource.name


def _is_whole_enough(watched: Watched) -> bool:
    """Whether it tells of problems; watches of one object by its name do not last."""
    if not watched.is_whole:
        return False
    return str(watched.resource) not in EVENTS and not (watched.field_selector or "").startswith("metadata.name=")


class PastProblems:
    """Asked like ProblemFeeds. Found in the journal by a thread, after which nothing changes any more."""

    are_wider = False
    absence = ""

    def __init__(self, context: str, session: Session, journal: Journal, until: Moment, namespace: str | None) -> None:
        self.context, self.session = context, session
        self.problems = ProblemList(context)
        self.missing: Mapping[str, str] = {}
        """What is not looked at -> why."""
        self.doubts: Sequence[str] = ()
        """What was not watched at the moment, but before: it is as it was known then."""
        self.is_synced = False
        self.kinds: AbstractSet[str] = frozenset()
        self.objects = 0
        self._journal = journal
        self._until = until
        self._namespace = namespace
        self._made: tuple[ProblemList, Mapping[str, str], Sequence[str], AbstractSet[str], int] | None = None
        spawn("kwatch-past-problems", self._make, self._crashed)

    def take(self) -> None:
        if self._made is not None and not self.is_synced:
            self.problems, self.missing, self.doubts, self.kinds, self.objects = self._made
            self.is_synced = True

    def freshness(self, now: float) -> Freshness:
        """What was does not change; where nothing was watched, nothing is known."""
        is_unknown = self.is_synced and not self.kinds
        return Freshness("not watched then", Severity.WORKING) if is_unknown else Freshness("", Severity.LIVE)

    def release(self) -> None: ...

    def _make(self) -> None:
        """In the thread."""
        journal, context, until, names = self._journal, self.context, self._until, self.session.names
        problems, doubts, kinds, objects = ProblemList(context), [], set[str](), 0
        found = [names.find(name) for name in ALWAYS_WATCHED] if names is not None else []
        missing = {each.name: "not watched then" for each in found if each is not None}
        known = journal.resources(context) - EVENTS
        for resource in names.resources if names is not None else ():
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
            kinds.add(name)
            objects += len(source.list_keys())
            missing.pop(resource.name, None)
            if coverage is not Coverage.ALL:
                doubts.append(resource.name)
        self._made = problems, missing, doubts, kinds, objects

    def _crashed(self, error: BaseException) -> None:
        self._made = ProblemList(self.context), {"everything": f"internal error: {reason_of(error)}"}, (), set(), 0


def _least(found: Iterable[Coverage]) -> Coverage:
    """The coverage of several namespaces together."""
    each = {*found}
    return each.pop() if len(each) == 1 else Coverage.SOME


class LookedThrough:
    """What is looked at in each of the contexts that are shown, as one. One that does not answer delays no other."""

    def __init__(self, parts: Sequence[ProblemFeeds | PastProblems], until: Moment | None) -> None:
        self.parts = parts
        self._until = until
        self._of = {part.context: part for part in parts}

    def of(self, context: str) -> ProblemFeeds | PastProblems:
        return self._of[context]

    @property
    def are_several(self) -> bool:
        return len(self.parts) > 1

    @property
    def are_wider(self) -> bool:
        return any(part.are_wider for part in self.parts)

    @property
    def is_synced(self) -> bool:
        """Whether all that can be listed has been."""
        return all(part.is_synced for part in self.parts)

    @property
    def is_complete(self) -> bool:
        """Whether all that came has been looked at."""
        return all(part.problems.is_complete for part in self.parts)

    @property
    def has_any(self) -> bool:
        return any(found for part in self.parts for _, found in part.problems.snapshot())

    def take(self) -> None:
        for part in self.parts:
            part.take()

    def look(self, now: float, seconds: float) -> bool:
        """Look at what changed, for about so long; whether the list is another one now."""
        changes = [part.problems.look(now, seconds / len(self.parts)) for part in self.parts]
        return any(changes)

    def release(self) -> None:
        for part in self.parts:
            part.release()

    def freshness(self, now: float) -> tuple[str, Mood, str]:
        """What to say, how it looks, since when nothing is certain."""
        is_recorded = any(part.session.state.is_recording for part in self.parts)
        if self._until is not None:
            recorded = "recorded, " if is_recorded else ""
            return f"{recorded}as it was at {clock_text(self._until.at, now, fine=False)}", Mood.PAST, ""
        if is_recorded:
            return "recorded", Mood.PAST, ""
        return freshness_of_several([part.freshness(now) for part in self.parts], now)

    def facts(self, counts: Mapping[str, int], now: float) -> tuple[Fact, ...]:
        """How many problems there are of each of several contexts, and what is in its way."""
        if not self.are_several:
            return ()
        each = [(part.context, part.freshness(now), counts.get(part.context, 0)) for part in self.parts]
        return facts_by_context([CountOfContext(*of, f"{of[2]:,}") for of in each], now)

    def where(self, namespace: str | None) -> str:
        """The namespace; more than it, where more is watched anyway."""
        words = in_words(namespace)
        return f"{words} and what else is watched" if self.are_wider and named(namespace) else words

    @property
    def words(self) -> str:
        """`120 objects of 8 of 9 kinds`; of several contexts `120 objects of 8 kinds in 2 of 3 contexts`."""
        objects = sum(part.objects for part in self.parts)
        kinds = len(frozenset[str]().union(*(part.kinds for part in self.parts)))
        missing = len(self.parts[0].missing) if not self.are_several else 0
        of_kinds = f"{kinds} of {kinds + missing} kinds" if missing else f"{kinds} {'kind' if kinds == 1 else 'kinds'}"
        found = f"{objects:,} {'object' if objects == 1 else 'objects'} of {of_kinds}"
        if not self.are_several:
            return found
        there, count = sum(bool(part.kinds) for part in self.parts), len(self.parts)
        return f"{found} in {count} contexts" if there == count else f"{found} in {there} of {count} contexts"

    @property
    def unlooked_at(self) -> tuple[str, ...]:
        """What is not looked at, and why, in sentences."""
        by_reason: dict[str, list[str]] = {}
        doubts: list[str] = []
        for part in self.parts:
            place = f" in {part.context}" if self.are_several else ""
            if part.absence:
                by_reason.setdefault(part.absence, []).append(part.context)
            for name, why in part.missing.items():
                # A server says of each what is not allowed: the first one will do.
                is_refused = "forbidden" in why.casefold() or why == NOT_LISTED
                by_reason.setdefault("forbidden" if is_refused else printable(why), []).append(f"{name}{place}")
            doubts += [f"{name}{place}" for name in part.doubts]
        without = [f"without {enumerated(names)}: {why}" for why, names in by_reason.items()]
        return (*without, *((f"{enumerated(doubts)} not wholly watched then",) if doubts else ()))

    def nothing_words(self, *, is_looking: bool) -> tuple[str, ...]:
        """What is said where nothing is listed."""
        if is_looking or not self.is_synced:
            return (f"Looking through {self.words} …",)
        if not any(part.kinds for part in self.parts):
            return ("Nothing can be looked at", *self.unlooked_at)
        return ("Nothing is known to be wrong", f"{self.words} are well.", *self.unlooked_at)

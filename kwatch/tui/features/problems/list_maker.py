"""The thread that makes the list of problems, whenever it is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from kwatch.base.namespaces import holds, is_hiding
from kwatch.base.threads import reason_of, spawn
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.query.query import Query
from kwatch.view.delta_filter import DeltaFilter
from kwatch.view.problem_lines import ProblemFilter, ProblemLines, problem_lines
from kwatch.view.problem_past import HealedObjects

if TYPE_CHECKING:
    from kwatch.catalog.kind import Kind
    from kwatch.history.version import Moment
    from kwatch.informer.clock import Clock
    from kwatch.informer.kube_object import KubeObject
    from kwatch.informer.resource import Resource
    from kwatch.query.context import JournalAccess
    from kwatch.tui.features.problems.problem_feeds import LookedThrough, PastProblems, ProblemFeeds
    from kwatch.view.problems import Collected, Snapshot, UnhealthyObject


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What is to be listed. `within` seconds also what healed; None: only what is wrong."""

    query: Query = field(default_factory=Query)
    within: float | None = None
    opened: frozenset[str] = frozenset()
    """Keys of the lines whose members are listed one by one."""
    causes: Mapping[str, str] = field(default_factory=dict)
    """What is known to cause what: keys of what fails alike -> the cause."""
    onsets: Mapping[str, float] = field(default_factory=dict)
    """Since when, as far as that is known: keys of lines -> seconds since the epoch."""
    order: str = "since"
    """What is equally bad: the newest first, or by `name`."""


class ListMaker:
    """Makes the lines in a thread, whenever it is asked; `version` grows with every other `lines`."""

    def __init__(
        self,
        feeds: LookedThrough,
        namespace: str | None,
        until: Moment | None,
        clock: Clock,
        on_news: Callable[[], object],
    ) -> None:
        """`clock` shows the moment that is looked at. `on_news` is called in the thread."""
        self.lines = ProblemLines()
        self.version = 0
        self.took = 0.0
        """Seconds that making the last one took."""
        self.mistake = ""
        """Why the filter means nothing, or what went wrong."""
        self._feeds, self._clock, self._on_news = feeds, clock, on_news
        self._found = {part.context: _Found(part, namespace, until, clock) for part in feeds.parts}
        self._asked: tuple[int, Mapping[str, Snapshot], ListOptions] | None = None
        self._last_asked = self._last_made = 0
        self._wake, self._closed = threading.Event(), threading.Event()
        spawn("kwatch-problems", self._run, self._crashed, until=self._closed)

    @property
    def left_out(self) -> int:
        """How much was not looked through for what healed: it was too much."""
        return sum(each.left_out for each in self._found.values())

    def ask(self, options: ListOptions) -> None:
        """On the UI thread, to which the lists belong."""
        self._last_asked += 1
        self._asked = self._last_asked, {part.context: part.problems.snapshot() for part in self._feeds.parts}, options
        self._wake.set()

    @property
    def is_done(self) -> bool:
        """Whether the lines are what was asked for last."""
        return self._last_made == self._last_asked

    def object_of(self, unhealthy: UnhealthyObject) -> KubeObject | None:
        """As it is, or was last."""
        return self._found[unhealthy.context].object_of(unhealthy)

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
                number, snapshots, options = asked
                self._make(snapshots, options)
                self.took, self._last_made = perf_counter() - began, number
                self.version += 1
                self._on_news()

    def _crashed(self, error: BaseException) -> None:
        self.mistake, self._last_made = f"internal error: {reason_of(error)}", self._last_asked
        self.version += 1
        self._on_news()

    def _make(self, snapshots: Mapping[str, Snapshot], options: ListOptions) -> None:
        found: list[UnhealthyObject] = []
        for each in self._found.values():
            found += each.collect(snapshots[each.context], options.within, self._closed.is_set)
        several = self._feeds.are_several
        filters = {
            each.context: ProblemFilter(each.filter(options.query), self.object_of, several=several)
            for each in (self._found.values() if options.query else ())
        }
        accepts = (lambda each: filters[each.context](each)) if filters else None
        onsets = options.onsets if options.order == "since" else {}
        self.lines = problem_lines(found, options.opened, accepts, options.causes, onsets)
        complaints = [each.complaint for each in filters.values()]
        self.mistake = complaints[0] if complaints and all(complaints) else ""


class _Found:
    """What is wrong in one context, or was. Used by the list maker's thread."""

    def __init__(
        self, part: ProblemFeeds | PastProblems, namespace: str | None, until: Moment | None, clock: Clock
    ) -> None:
        self.context = part.context
        self.left_out = 0
        self._part, self._session = part, part.session
        self._namespace, self._until, self._clock = namespace, until, clock
        self._ill: Collected = {}
        self._healed: tuple[float, HealedObjects] | None = None

    def collect(
        self, snapshot: Snapshot, within: float | None, is_over: Callable[[], bool]
    ) -> Iterator[UnhealthyObject]:
        self._ill = self._part.problems.collect(snapshot, self._ill)
        yield from filter(self._is_meant, self._ill.values())
        yield from self._find_healed(within, is_over)

    def object_of(self, unhealthy: UnhealthyObject) -> KubeObject | None:
        """As it is, or was last."""
        found = self._part.problems.object_of(unhealthy)
        return found if found is not None or self._healed is None else self._healed[1].last_object(unhealthy.id)

    def filter(self, query: Query) -> DeltaFilter:
        return DeltaFilter(query, self._kind_of, self._clock, changes_of=self._changes_of)

    def _find_healed(self, within: float | None, is_over: Callable[[], bool]) -> Iterable[UnhealthyObject]:
        journal, names = self._session.journal, self._session.names
        if within is None or journal is None or names is None:
            self._healed, self.left_out = None, 0
            return ()
        now = self._clock.time()
        if self._healed is None or self._healed[0] != within:
            resources = {str(each): each for each in names.resources}
            healed = HealedObjects(journal, self.context, resources, now - within, self._until)
            self._healed = within, healed
        healed = self._healed[1]
        healed.take(self._ill, is_over)
        self.left_out = healed.left_out
        found = healed.list(now - within, now)
        return [each for each in found if not each.namespace or holds(self._namespace, each.namespace)]

    def _is_meant(self, unhealthy: UnhealthyObject) -> bool:
        """Not what is hidden, though it is watched anyway."""
        return not is_hiding(self._namespace) or holds(self._namespace, unhealthy.namespace)

    def _kind_of(self, resource: str) -> tuple[Kind, Resource] | None:
        for informer in self._session.informers():
            if str(informer.watched.resource) == resource:
                return informer.kind, informer.watched.resource
        found = self._session.names.find(resource) if self._session.names is not None else None
        return (kind_for(found) or generic_kind(found), found) if found is not None else None

    def _changes_of(self, resource: str) -> JournalAccess | None:
        journal = self._session.journal
        if journal is None:
            return None
        if self._until is not None:
            return journal.changes_as_of(self.context, resource, self._until.sequence)
        return journal.changes(self.context, resource)


def left_out(maker: ListMaker) -> tuple[str, ...]:
    """What was too much to be looked at, in sentences."""
    count = maker.left_out
    return (f"too much for what healed: {count:,} older changes are not looked through",) if count else ()

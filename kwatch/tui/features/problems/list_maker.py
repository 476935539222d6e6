"""The thread that makes the list of problems, whenever it is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from kwatch.base.namespaces import holds, is_hiding
from kwatch.base.threads import reason_of, spawn
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.query.query import Query
from kwatch.view.delta_filter import DeltaFilter
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

if TYPE_CHECKING:
    from kwatch.catalog.kind import Kind
    from kwatch.history.version import Moment
    from kwatch.informer.clock import Clock
    from kwatch.informer.kube_object import KubeObject
    from kwatch.informer.resource import Resource
    from kwatch.query.context import JournalAccess
    from kwatch.session.session import Session


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
        found = [*filter(self._is_meant, self._ill.values()), *self._find_healed(options.within)]
        accepts = None
        if options.query:
            asked = DeltaFilter(options.query, self._kind_of, self._clock, changes_of=self._changes_of)
            accepts = ProblemFilter(asked, lambda unhealthy: self.object_of(problems, unhealthy))
        onsets = options.onsets if options.order == "since" else {}
        self.lines = problem_lines(found, options.opened, accepts, options.causes, onsets)
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

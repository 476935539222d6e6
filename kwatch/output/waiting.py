"""`kwatch wait`: until a filter holds for as many objects as asked, or another one says that it never will."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain

from kwatch.base.duration import humanize
from kwatch.base.printable import printable
from kwatch.catalog.health import assess
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.history.journal import Journal
from kwatch.history.ownership import RelationType
from kwatch.informer.clock import Clock
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.status import Phase
from kwatch.output.opening import TICK, Connecting, Health, Run, SelectedFeeds, Selection, StreamError
from kwatch.output.printer import json_text
from kwatch.output.timeline import live_timeline, timeline_text
from kwatch.query.parser import parse
from kwatch.query.query import Query
from kwatch.session.informer_pool import Feed
from kwatch.view.projection import Projection

TOLD = 3
"""Objects of which it is said what hindered them, and lines of each timeline."""
_LINES = 8
_A_TERM = 1000
"""What a term that is fulfilled weighs, less its place."""


class Ending(Enum):
    """How it ended."""

    TRUE = auto()
    FAILED = auto()
    """What was not to happen did."""
    LATE = auto()
    STOPPED = auto()


@dataclass(frozen=True, slots=True)
class WaitRequest:
    """What is waited for. `filters` are alternatives: an object matches that matches one of them.

    `least` matches are wanted; None: every object there is, and at least one. 0: not a single one.
    """

    selection: Selection
    filters: tuple[Query, ...]
    fail_on: Query | None = None
    least: int | None = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended after how many seconds, and which objects matched then: `resource key`."""

    ending: Ending
    seconds: float
    matching: tuple[str, ...]
    failing: tuple[str, ...]
    """What matches the filter that was not to match."""
    total: int


def read_filter(text: str) -> Query:
    """Raise QuerySyntaxError, a ValueError, for what cannot be understood."""
    query = parse(text)
    if not query:
        raise ValueError("an empty filter matches everything; say what to wait for: 'status=Running'")
    return query


class Agreement:
    """Whether it holds in all contexts at once, and has for long enough; or that it never will. Thread-safe."""

    def __init__(self, contexts: Iterable[str], stable: float, timeout: float | None, clock: Clock) -> None:
        """`stable`: seconds that it must hold without a pause; `timeout`: those that it may take."""
        self._clock = clock
        self._stable = stable
        self._began = clock.monotonic()
        self._timeout = timeout
        self._lock = threading.Lock()
        self._holding = dict.fromkeys(contexts, False)
        self._since: float | None = None
        self._is_reached = False
        self.is_given_up = False
        """Set where it cannot be reached any more: there is nothing to wait for elsewhere."""

    @property
    def seconds(self) -> float:
        """Since it began."""
        return self._clock.monotonic() - self._began

    @property
    def is_late(self) -> bool:
        return self._timeout is not None and self.seconds >= self._timeout

    def holds(self, context: str, whether: bool) -> bool:
        """Say that it holds in one; whether it is reached, and then that stays."""
        with self._lock:
            self._holding[context] = whether
            if not all(self._holding.values()):
                self._since = None
                return self._is_reached
            now = self._clock.monotonic()
            self._since = now if self._since is None else self._since
            self._is_reached = self._is_reached or now - self._since >= self._stable
            return self._is_reached


class Waiting:
    """In one context, in one thread, until `stop` is set. What is not current decides nothing: an old cache may be
    wrong.
    """

    def __init__(self, run: Run, request: WaitRequest, journal: Journal, agreement: Agreement) -> None:
        self._run = run
        self._request = request
        self._journal = journal
        self._agreement = agreement
        self._feeds: list[Feed] = []
        self._alternatives: list[list[Projection]] = []
        """For each feed a view for each filter."""
        self._failing: list[Projection] = []

    def wait(self) -> Outcome:
        """Raise StreamError when it cannot begin, QuerySyntaxError for a filter that means nothing here."""
        try:
            outcome = self._wait()
        except StreamError:
            self._agreement.is_given_up = True
            raise
        if outcome.ending is not Ending.TRUE:
            self._agreement.is_given_up = True
        return outcome

    def _wait(self) -> Outcome:
        run, connecting, health = self._run, Connecting(self._run), None
        while not run.stop.is_set() and not self._agreement.is_given_up:
            if health is None and connecting.look():
                self._feeds = SelectedFeeds(run, self._request.selection, may_poll=True)
                health = Health(run, self._feeds)
            if health is not None:
                health.look(begun=bool(self._alternatives))
                if not self._alternatives and all(feed.status.synced for feed in self._feeds):
                    self._open_views()
            is_live = bool(self._alternatives) and all(map(_is_current, self._feeds))
            if is_live:
                self._refresh()
                if self._keys(self._failing):
                    return self._outcome(Ending.FAILED)
            if self._agreement.holds(run.context, is_live and self._holds()):
                return self._outcome(Ending.TRUE)
            if self._agreement.is_late:
                break
            run.clock.wait(run.stop, TICK)
        is_late = self._agreement.is_late and not run.stop.is_set()
        return self._outcome(Ending.LATE if is_late else Ending.STOPPED)

    def hindrances(self) -> Iterator[str]:
        """Of what failed, must not be there, or comes nearest to matching: what is wrong, and what happened last."""
        if not self._feeds:
            yield printable(self._run.session.state.message or "there was no connection yet")
            return
        if not self._keys(self._failing) and self._holds():
            return  # what did not hold is elsewhere
        meant = self._hindering()
        for feed, key in meant[:TOLD]:
            problem = self._problem(feed, key) or "nothing is known to be wrong with it"
            yield printable(f"{feed.resource} {key}: {problem}")
            namespace, _, name = key.rpartition("/")
            selection = Selection(str(feed.resource), name, namespace or None, all_namespaces=not namespace)
            entries = live_timeline(self._run, self._journal, selection, follow=False)
            happened = [each for each in entries if each.entry.relation_type is not RelationType.LISTED]
            lines = [*chain.from_iterable(map(timeline_text, happened))]
            yield from (f"  {line}" for line in lines[-_LINES:])
        if len(meant) > TOLD:
            yield f"and {len(meant) - TOLD:,} more"
        if not meant:
            yield "no object comes near it: none fulfils any part of the filter"

    def _hindering(self) -> list[tuple[Feed, str]]:
        """Those with a problem first."""
        request = self._request
        names = self._keys(self._failing) or (self._matching() if request.least == 0 else self._nearest())
        found = [(feed, key) for feed in self._feeds for key in feed.indexer.list_keys() if _name(feed, key) in names]
        return sorted(found, key=lambda one: not self._problem(*one))

    def _nearest(self) -> set[str]:
        """What does not match, but fulfils the most terms of a filter, the first ones rather than the last. Of one
        object that was named, and where all are to match, everything that does not.
        """
        others = {_name(feed, key) for feed in self._feeds for key in feed.indexer.list_keys()} - self._matching()
        if self._request.least is None or self._request.selection.name is not None:
            return others
        fulfilled = Counter[str]()
        for query in self._request.filters:
            counts = Counter[str]()
            for place, term in enumerate(query.terms):
                names = self._keys([self._view(feed, Query((term,))) for feed in self._feeds])
                counts.update(dict.fromkeys(names, _A_TERM - place))
            fulfilled |= counts
        most = max((fulfilled[name] for name in others), default=0)
        return {name for name in others if most and fulfilled[name] == most}

    def _open_views(self) -> None:
        queries = self._request.filters
        self._alternatives = [[self._view(feed, query) for query in queries] for feed in self._feeds]
        fail_on = self._request.fail_on
        self._failing = [self._view(feed, fail_on) for feed in self._feeds] if fail_on is not None else []

    def _view(self, feed: Feed, query: Query) -> Projection:
        resource = feed.resource
        view = Projection(
            feed.indexer,
            kind_for(resource) or generic_kind(resource),
            clock=self._run.clock,
            resource=resource,
            journal=self._journal.changes(self._run.session.context, str(resource)),
        )
        view.set_query(query)
        view.rebuild()
        return view

    def _refresh(self) -> None:
        for place, feed in enumerate(self._feeds):
            dirty = feed.drain()
            for view in (*self._alternatives[place], *self._failing[place : place + 1]):
                view.apply(dirty)

    def _keys(self, views: Iterable[Projection]) -> set[str]:
        feeds = {id(feed.indexer): feed for feed in self._feeds}
        return {_name(feeds[id(view.source)], key) for view in views for key in view.order}

    def _matching(self) -> set[str]:
        return {key for views in self._alternatives for key in self._keys(views)}

    def _holds(self) -> bool:
        least, found = self._request.least, len(self._matching())
        if least is None:
            return found == self._total > 0
        return found == 0 if least == 0 else found >= least

    @property
    def _total(self) -> int:
        return sum(len(feed.indexer.list_keys()) for feed in self._feeds)

    def _problem(self, feed: Feed, key: str) -> str:
        obj = feed.indexer.get_by_key(key)
        problem = assess(feed.resource, obj).at(self._run.clock.time()) if isinstance(obj, KubeObject) else None
        return problem.reason if problem is not None else ""

    def _outcome(self, ending: Ending) -> Outcome:
        matching, failing = (tuple(sorted(keys)) for keys in (self._matching(), self._keys(self._failing)))
        return Outcome(ending, self._agreement.seconds, matching, failing, self._total)


def _is_current(feed: Feed) -> bool:
    """Whether what is cached is what is: watched, or the newest list there can be where that is refused."""
    return feed.status.phase is Phase.WATCHING or feed.status.polls


def _name(feed: Feed, key: str) -> str:
    return f"{feed.resource} {key}"


_WORDS = {
    Ending.TRUE: "true",
    Ending.FAILED: "failed",
    Ending.LATE: "timed out",
    Ending.STOPPED: "stopped",
}


def outcome_text(outcome: Outcome) -> str:
    """`true after 12s: 3 of 4 objects match`."""
    what = f"{len(outcome.matching):,} of {outcome.total:,} objects match"
    if outcome.failing:
        what = printable(f"{', '.join(outcome.failing[:TOLD])} matched what was not to match; {what}")
    return f"{_WORDS[outcome.ending]} after {humanize(outcome.seconds)}: {what}"


def outcome_json(outcome: Outcome, hindrances: Sequence[str]) -> str:
    """`{outcome, seconds, matching, failing, total, hindrances}`."""
    line = {
        "outcome": _WORDS[outcome.ending],
        "seconds": round(outcome.seconds, 3),
        "matching": outcome.matching,
        "failing": outcome.failing,
        "total": outcome.total,
        "hindrances": list(hindrances),
    }
    return json_text(line)

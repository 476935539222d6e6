"""What is wrong: a HealthMonitor judges the objects of one source piece by piece, so that no tick of the screen waits
for it; a ProblemList shows what several monitors found as one list; a ProblemPast is how one of them came to be.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter

import msgspec

from kwatch.catalog.health import Problem, assess
from kwatch.history.journal import Journal
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.row import resource_finder
from kwatch.view.row_cache import DueTimes
from kwatch.view.source import Source
from kwatch.view.suspects.failure import failure_of


class HealthMonitor:
    """Of one resource, or with `others` of several. Used on the UI thread: `touch` says what changed, `look` works."""

    def __init__(self, resource: Resource, source: Source, others: Sequence[Resource] = ()) -> None:
        """Everything in the source waits to be looked at."""
        self._resource_of = resource_finder((resource, *others))
        self._source = source
        self._waiting: dict[str, None] = dict.fromkeys(source.list_keys())
        self._due = DueTimes()
        self._timed: set[str] = set()
        """Those of which time alone decides whether anything is wrong with them."""
        self._found: dict[str, Problem] = {}

    @property
    def found(self) -> Mapping[str, Problem]:
        """Key -> the worst that is known to be wrong; live, so only valid until the next look."""
        return self._found

    @property
    def is_complete(self) -> bool:
        """Whether nothing waits to be looked at."""
        return not self._waiting

    def object(self, key: str) -> KubeObject | None:
        obj = self._source.get_by_key(key)
        return obj if isinstance(obj, KubeObject) else None

    def among(self, keys: Container[str]) -> int:
        """How many of the found ones are among some keys."""
        return sum([key in keys for key in self._found])

    def touch(self, keys: Iterable[str]) -> None:
        """These changed, came or went."""
        self._waiting.update(dict.fromkeys(keys))

    def rewind(self) -> None:
        """Time was set back: what was not wrong any more may be wrong again."""
        self.touch(self._timed)

    def look(self, now: float, seconds: float) -> bool:
        """Look at what waits, and at what has become due, for at most `seconds`; whether anything changed."""
        self.touch(self._due.pop(now))
        deadline = perf_counter() + seconds
        changed = False
        while self._waiting:
            key, _ = self._waiting.popitem()
            changed |= self._judge(key, now)
            if perf_counter() >= deadline:
                break
        return changed

    def _judge(self, key: str, now: float) -> bool:
        obj = self._source.get_by_key(key)
        problem: Problem | None = None
        due: float | None = None
        self._timed.discard(key)
        if isinstance(obj, KubeObject):
            assessment = assess(self._resource_of(key), obj)
            problem, due = assessment.at(now), assessment.next_due(now)
            if assessment.is_timed:
                self._timed.add(key)
        self._due.put(key, due)
        before = self._found.get(key)
        if problem is None:
            self._found.pop(key, None)
        else:
            self._found[key] = problem
        return problem != before


@dataclass(frozen=True, slots=True)
class UnhealthyObject:
    """One unhealthy object, with the worst that is wrong with it."""

    resource: Resource
    key: str
    problem: Problem

    def contains(self, words: Sequence[str]) -> bool:
        """Whether every word, in lower case, is in its kind, key or reason."""
        text = f"{self.resource.kind} {self.key} {self.problem.reason}".casefold()
        return all(word in text for word in words)


class ProblemList:
    """The worst first, then by kind, namespace and name. Used on the UI thread; the caller chooses the sources' ids."""

    def __init__(self) -> None:
        self._monitors: dict[str, tuple[Resource, HealthMonitor]] = {}

    def watch(self, source_id: str, resource: Resource, source: Source) -> None:
        """Look at another source, too."""
        if source_id not in self._monitors:
            self._monitors[source_id] = (resource, HealthMonitor(resource, source))

    def touch(self, source_id: str, keys: Iterable[str]) -> None:
        """These changed there."""
        self._monitors[source_id][1].touch(keys)

    def look(self, now: float, seconds: float) -> bool:
        """Look at what changed, for about so long; whether the list is another one now."""
        share = seconds / max(1, len(self._monitors))
        changes = [health.look(now, share) for _, health in self._monitors.values()]
        return any(changes)

    @property
    def is_complete(self) -> bool:
        """Whether everything has been looked at."""
        return all(health.is_complete for _, health in self._monitors.values())

    def object_of(self, unhealthy: UnhealthyObject) -> KubeObject | None:
        """The object as its source has it."""
        for resource, health in self._monitors.values():
            if resource == unhealthy.resource and (obj := health.object(unhealthy.key)) is not None:
                return obj
        return None

    def list(self, narrowed: str = "") -> Sequence[UnhealthyObject]:
        """The problems that contain all words; the same object from two sources once."""
        words = narrowed.casefold().split()
        found: dict[tuple[str, str], UnhealthyObject] = {}
        for resource, health in self._monitors.values():
            for key, problem in health.found.items():
                unhealthy = UnhealthyObject(resource, key, problem)
                if unhealthy.contains(words):
                    found[str(resource), key] = unhealthy
        return sorted(found.values(), key=_rank)


def _rank(unhealthy: UnhealthyObject) -> tuple[int, str, str]:
    return -unhealthy.problem.level, unhealthy.resource.kind, unhealthy.key


MOST_READ = 40
"""Versions of an object that are read, the newest."""


@dataclass(frozen=True, slots=True)
class ProblemPast:
    """What is known of how a problem came to be."""

    since: float | None
    """In seconds since the epoch; None where nothing tells."""
    approximate: bool
    """`since` is what the object itself says: something was wrong already when it was first seen."""
    times: int
    """How often something was wrong with the object, this time included, as far as is remembered."""
    before: str
    """What else was wrong with it last; empty for nothing."""


def past_of(
    unhealthy: UnhealthyObject, obj: KubeObject | None, journal: Journal | None, context: str, now: float
) -> ProblemPast:
    """Read the newest versions of an object up to `now`; takes a millisecond or so, and is for a thread."""
    states = [*_states(unhealthy, journal, context, now)]
    times = sum(bool(now_wrong and not wrong) for (_, wrong), (_, now_wrong) in pairwise([(0.0, ""), *states]))
    since: float | None = None
    seen = False
    for at, reason in reversed(states):
        if not reason:
            seen = True
            break
        since = at
    kind = _kind_of(unhealthy.problem.reason)
    before = next((reason for _, reason in reversed(states) if reason and _kind_of(reason) != kind), "")
    if not seen:
        said = _said_of(unhealthy, obj)
        since = said if said is not None and said <= now else None  # the server's clock may be ahead
    return ProblemPast(since, not seen, max(times, 1), before)


def _states(
    unhealthy: UnhealthyObject, journal: Journal | None, context: str, now: float
) -> Iterator[tuple[float, str]]:
    """From when on what was wrong, empty for nothing, oldest first. A state is judged by how it was at its end."""
    if journal is None:
        return
    kept = journal.versions(context, str(unhealthy.resource), unhealthy.key)
    versions: list[Version] = [each for each in kept if each.at <= now][-MOST_READ:]
    for version, until in zip(versions, [*(each.at for each in versions[1:]), now], strict=True):
        try:
            problem = assess(unhealthy.resource, journal.object_of(version)).at(until)
        except KeyError:
            continue
        is_wrong = problem is not None and not version.deleted
        began = max(version.at, problem.since or 0.0) if problem is not None else version.at
        yield began, problem.reason if problem is not None and is_wrong else ""


def _said_of(unhealthy: UnhealthyObject, obj: KubeObject | None) -> float | None:
    try:
        return failure_of(unhealthy.resource.kind, obj.tree()).since if obj is not None else None
    except (msgspec.DecodeError, RecursionError):
        return None


def _kind_of(reason: str) -> str:
    """What a reason says before the details: `crash loop`."""
    return reason.partition(":")[0]

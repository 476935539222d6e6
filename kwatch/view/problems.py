"""What is wrong: a HealthMonitor judges the objects of one source piece by piece, so that no tick of the screen waits
for it; a ProblemList is what several monitors of one context found.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from types import MappingProxyType
from typing import TypeAlias

from kwatch.catalog.health import Problem, assess
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.row import resource_finder
from kwatch.view.row_cache import DueTimes
from kwatch.view.source import Source


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

    def look(self, now: float, seconds: float, then: Callable[[str], None] | None = None) -> bool:
        """Look at what waits, and at what has become due, for at most `seconds`; whether anything changed. `then` is
        called with each key: what reads the same object reads it quicker now.
        """
        self.touch(self._due.pop(now))
        deadline = perf_counter() + seconds
        changed = False
        while self._waiting:
            key, _ = self._waiting.popitem()
            changed |= self._judge(key, now)
            if then is not None:
                then(key)
            if perf_counter() >= deadline:
                break
        else:
            self._waiting = {}  # an emptied table keeps its room: five megabytes after 100,000 objects
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
class Healing:
    """When an object got well, in seconds since the epoch; `began` None: it was ill when it was first seen."""

    began: float | None
    ended: float
    is_gone: bool
    """It was deleted, ill as it was."""


@dataclass(frozen=True, slots=True)
class UnhealthyObject:
    """One unhealthy object, with the worst that is wrong with it; or one that healed, with what was wrong last."""

    resource: Resource
    key: str
    problem: Problem
    owner: str = ""
    """What controls it: `ReplicaSet/web-1234`."""
    context: str = ""
    healing: Healing | None = None

    @property
    def id(self) -> tuple[str, str]:
        """Within its context."""
        return str(self.resource), self.key

    @property
    def namespace(self) -> str:
        return self.key.rpartition("/")[0]

    @property
    def is_told_by_owner(self) -> bool:
        """Whether what is wrong with it is wrong with what owns it, which says so."""
        return bool(self.owner) and str(self.resource) == "replicasets.apps"

    @property
    def place(self) -> tuple[str, ...]:
        """The same for all that fail alike in one place: of one owner, else in one namespace."""
        healed = "healed" if self.healing is not None else ""
        where = (self.context,) if self.context else ()
        return *where, str(self.resource), self.namespace, self.owner, failure_word(self.problem.reason), healed


def failure_word(reason: str) -> str:
    """What a reason says before the details: `image pull`, `web: CreateContainerConfigError`. What crashes again and
    again ends, waits and runs in turn: it is one failure.
    """
    word, _, details = reason.partition(": ")
    if word in ("crash loop", "restarted") or word.endswith(" ended"):
        return "crash"
    second = details.partition(": ")[0]
    return f"{word}: {second}" if second[:1].isupper() and second.isalpha() else word


Snapshot: TypeAlias = "tuple[tuple[Resource, Mapping[str, Problem]], ...]"
Collected: TypeAlias = "Mapping[tuple[str, str], UnhealthyObject]"


class ProblemList:
    """Of several sources of one context, whose ids the caller chooses. Used on the UI thread, but for `collect` and
    `object_of`.
    """

    def __init__(self, context: str = "") -> None:
        self.context = context
        self._monitors: dict[str, tuple[Resource, HealthMonitor]] = {}
        self._of_resource: dict[str, tuple[HealthMonitor, ...]] = {}

    def watch(self, source_id: str, resource: Resource, source: Source) -> None:
        """Look at another source, too."""
        if source_id not in self._monitors:
            health = HealthMonitor(resource, source)
            self._monitors[source_id] = (resource, health)
            self._of_resource[str(resource)] = (*self._of_resource.get(str(resource), ()), health)

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
        return self._object(*unhealthy.id)

    def _object(self, resource: str, key: str) -> KubeObject | None:
        found = (health.object(key) for health in self._of_resource.get(resource, ()))
        return next((obj for obj in found if obj is not None), None)

    def snapshot(self) -> Snapshot:
        """What is wrong now, for a thread to collect."""
        return tuple((resource, dict(health.found)) for resource, health in self._monitors.values())

    def collect(self, snapshot: Snapshot, before: Collected = MappingProxyType({})) -> Collected:
        """The objects of a snapshot by resource and key: one of two sources is there once. In any thread; what did not
        change since `before` stays the same object.
        """
        found: dict[tuple[str, str], UnhealthyObject] = {}
        for resource, problems in snapshot:
            name = str(resource)
            for key, problem in problems.items():
                known = before.get((name, key))
                if known is None or known.problem != problem:
                    owner = owner_of(self._object(name, key))
                    known = UnhealthyObject(resource, key, problem, owner, self.context)
                if not known.is_told_by_owner:
                    found[name, key] = known
        return found


def owner_of(obj: KubeObject | None) -> str:
    """What controls an object: `ReplicaSet/web-1234`; empty for nothing."""
    owners = obj.owners if obj is not None else ()
    owner = next((each for each in owners if each.controller), next(iter(owners), None))
    return f"{owner.kind}/{owner.name}" if owner is not None else ""

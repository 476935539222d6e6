"""What is wrong: a HealthMonitor judges the objects of one source piece by piece, so that no tick of the screen waits
for it; a ProblemList is what several monitors found; `problem_lines` makes one line of all that fail alike.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from types import MappingProxyType
from typing import TypeAlias

from kwatch.catalog.health import Problem, assess
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.query import Query
from kwatch.query.row import SEPARATOR, resource_finder
from kwatch.query.term import Negated
from kwatch.query.terms.change import Change, Since
from kwatch.view.delta_filter import DeltaFilter, LoggedDelta
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
    healing: Healing | None = None

    @property
    def id(self) -> tuple[str, str]:
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
        return str(self.resource), self.namespace, self.owner, failure_word(self.problem.reason), healed


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
    """Of several sources, whose ids the caller chooses. Used on the UI thread, but for `collect` and `object_of`."""

    def __init__(self) -> None:
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
                    known = UnhealthyObject(resource, key, problem, owner_of(self._object(name, key)))
                if not known.is_told_by_owner:
                    found[name, key] = known
        return found


def owner_of(obj: KubeObject | None) -> str:
    """What controls an object: `ReplicaSet/web-1234`; empty for nothing."""
    owners = obj.owners if obj is not None else ()
    owner = next((each for each in owners if each.controller), next(iter(owners), None))
    return f"{owner.kind}/{owner.name}" if owner is not None else ""


FEW = 10
"""Objects of no owner that fail alike from which on they are one line."""


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One object, or all that fail alike, the worst first. The key is that of the cause, whichever objects it has."""

    key: str
    members: Sequence[UnhealthyObject]
    reason: str
    """What all the members say."""
    parts: Sequence[str]
    """The keys of those that fail alike in one place, the worst first; of one cause there may be several."""
    is_open: bool = False
    """Whether a line of each of several members follows."""
    depth: int = 0
    """1 of such a line."""
    namespace: str = ""
    name: str = ""
    """`web-1`; of several `×12 web-1234`, by what controls them, or `×12`."""

    @property
    def first(self) -> UnhealthyObject:
        return self.members[0]

    @property
    def is_group(self) -> bool:
        return len(self.members) > 1


@dataclass(frozen=True, slots=True)
class ProblemLines:
    """All lines in order. `count` objects are unhealthy among them and `healed` were, those of folded groups, too."""

    lines: Sequence[ProblemLine] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    """Key -> place."""
    alike: Mapping[str, UnhealthyObject] = field(default_factory=dict)
    """The keys of those that are unhealthy alike -> the worst of them, in order; a cause of each may be looked for."""
    count: int = 0
    healed: int = 0
    total: int = 0
    """How many would be unhealthy without a filter."""


def problem_lines(
    found: Iterable[UnhealthyObject],
    opened: Container[str] = frozenset(),
    accepts: Callable[[UnhealthyObject], bool] | None = None,
    causes: Mapping[str, str] = MappingProxyType({}),
    onsets: Mapping[str, float] = MappingProxyType({}),
) -> ProblemLines:
    """The worst first, then the newest by the `onsets` that are known of lines, then by kind, namespace and name; what
    healed comes last, the latest first.

    `causes`: keys of what fails alike -> what is known to cause it. What fails in the same way for one cause is one
    line, wherever it is.
    """
    everything = list(found)
    shown = everything if accepts is None else [each for each in everything if accepts(each)]
    alike = _alike(shown)
    groups: dict[str, list[str]] = {}
    for key, members in alike.items():
        first = members[0]
        cause = causes.get(key)
        word = (str(first.resource), failure_word(first.problem.reason), "" if first.healing is None else "healed")
        groups.setdefault("\n".join((*word, cause)) if cause is not None else key, []).append(key)
    # The key stays while a cause becomes known, unless that is the cause of others, too.
    heads = [_head(key if parts[1:] else parts[0], parts, alike, opened) for key, parts in groups.items()]
    heads.sort(key=lambda line: (*_rank(line.first)[:2], -onsets.get(line.key, 0.0), *_rank(line.first)[2:]))
    lines: list[ProblemLine] = []
    for head in heads:
        lines.append(head)
        if head.is_open:
            lines += [_member(each) for each in head.members]
    healed = sum(each.healing is not None for each in shown)
    ill = {key: members[0] for key, members in alike.items() if members[0].healing is None}
    return ProblemLines(
        lines,
        {line.key: place for place, line in enumerate(lines)},
        dict(sorted(ill.items(), key=lambda item: _rank(item[1]))),
        len(shown) - healed,
        healed,
        sum(each.healing is None for each in everything),
    )


def _alike(shown: Iterable[UnhealthyObject]) -> dict[str, list[UnhealthyObject]]:
    """Those of one owner that fail alike, the worst first; of no owner, where they are many."""
    places: dict[tuple[str, ...], list[UnhealthyObject]] = {}
    for each in shown:
        places.setdefault(each.place, []).append(each)
    found: dict[str, list[UnhealthyObject]] = {}
    for place, members in places.items():
        if members[0].owner or len(members) > FEW:
            members.sort(key=_rank)
            found["\n".join(place)] = members
        else:
            found |= {_key(each): [each] for each in members}
    return found


def _head(
    key: str, parts: Sequence[str], alike: Mapping[str, list[UnhealthyObject]], opened: Container[str]
) -> ProblemLine:
    parts = sorted(parts, key=lambda part: _rank(alike[part][0]))
    members = alike[parts[0]]
    if len(parts) > 1:
        members = sorted((each for part in parts for each in alike[part]), key=_rank)
    if len(members) == 1:
        return _member(members[0], key, parts, depth=0)
    owners = {each.owner for each in members}
    namespaces = {each.namespace for each in members}
    owner = owners.pop().partition("/")[2] if len(owners) == 1 and len(namespaces) == 1 else ""
    namespace = namespaces.pop() if len(namespaces) == 1 else f"{len(namespaces):,} of them"
    name = f"×{len(members):,} {owner}".strip()
    is_open = any(each in opened for each in (key, *parts))
    return ProblemLine(key, members, _common_reason(members), parts, is_open, 0, namespace, name)


def _member(unhealthy: UnhealthyObject, key: str = "", parts: Sequence[str] = (), depth: int = 1) -> ProblemLine:
    namespace, _, name = unhealthy.key.rpartition("/")
    parts = parts or ("\n".join(unhealthy.place),)
    reason = unhealthy.problem.reason
    return ProblemLine(key or _key(unhealthy), (unhealthy,), reason, parts, False, depth, namespace, name)


def _key(unhealthy: UnhealthyObject) -> str:
    healed = "\nhealed" if unhealthy.healing is not None else ""
    return f"{unhealthy.resource}\n{unhealthy.key}{healed}"


def _common_reason(members: Sequence[UnhealthyObject]) -> str:
    reasons = {each.problem.reason for each in members}
    if len(reasons) == 1:
        return reasons.pop()
    first, last = min(reasons), max(reasons)
    end = next((place for place, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    common = first[:end].rpartition(" ")[0].rstrip(" :,;(")
    word = members[0].problem.reason.partition(": ")[0]
    return f"{common if len(common) > len(word) else word} …"


def _rank(unhealthy: UnhealthyObject) -> tuple[float, int, str, str]:
    healing = unhealthy.healing
    when = -healing.ended if healing is not None else float("-inf")
    return when, -unhealthy.problem.level, unhealthy.resource.kind, unhealthy.key


def window_of(query: Query) -> tuple[float | None, Query]:
    """The seconds of `since:`, which here asks for what healed, too, and the other terms. It bounds changes as well."""
    within = min((term.seconds for term in query.terms if isinstance(term, Since)), default=None)
    terms = [term.term if isinstance(term, Negated) else term for term in query.terms]
    if any(isinstance(term, Change) for term in terms):
        return within, query
    return within, Query(tuple(term for term in query.terms if not isinstance(term, Since)))


class ProblemFilter:
    """The filter language over problems: text is searched in kind, name, owner and reason. Used by one thread."""

    def __init__(self, asked: DeltaFilter, object_of: Callable[[UnhealthyObject], KubeObject | None]) -> None:
        self._asked = asked
        self._object_of = object_of

    @property
    def complaint(self) -> str:
        """Why the filter means nothing; empty where it does mean something."""
        return self._asked.complaint.message if self._asked.complaint is not None else ""

    def __call__(self, unhealthy: UnhealthyObject) -> bool:
        obj = self._object_of(unhealthy)
        if obj is None:
            return False
        namespace, _, name = unhealthy.key.rpartition("/")
        kind = unhealthy.resource.kind
        text = SEPARATOR.join((kind, namespace, name, unhealthy.owner, unhealthy.problem.reason))
        is_gone = unhealthy.healing is not None and unhealthy.healing.is_gone
        return self._asked.matches(LoggedDelta(*unhealthy.id, obj, text, 0.0, deletion=is_gone))

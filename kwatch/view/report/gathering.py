"""Asks a journal for everything that a report says. Takes up to some seconds; for a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from kwatch import __version__
from kwatch.base.duration import humanize
from kwatch.base.namespaces import holds
from kwatch.catalog.health import assess
from kwatch.catalog.indices import indexers_for, indexers_on_demand
from kwatch.catalog.names import ResourceNames
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.history.coverage import Gap
from kwatch.history.journal import Journal
from kwatch.history.object_history import EVENTS
from kwatch.history.version import Moment
from kwatch.informer.clock import SystemClock
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.context import IndexAccess
from kwatch.view.as_of_source import AsOfIndex
from kwatch.view.delta_filter import DeltaFilter
from kwatch.view.problem_lines import ProblemFilter
from kwatch.view.problem_past import HealedObjects
from kwatch.view.problems import HealthMonitor, UnhealthyObject, owner_of
from kwatch.view.relations import Relation, nearest_owner
from kwatch.view.report import JointReport, Missed, Report, Story, Watching
from kwatch.view.report.masking import NameMask, finished
from kwatch.view.report.story import SHORTEST, Asked, Group, LogsOf, Teller, affected, start_of, tree_of
from kwatch.view.source import ViewScope, filtered
from kwatch.view.suspects import FailingObject, FormerObjects, clocks_apart, group_by_cause, surroundings_of

MOST_STORIES = 12
MOST_OTHERS = 200
MOST_HEALED = 60
_MOST_GAPS = 20
_GENERATIONS = 5
_PAGE = 1000
_BUILT_IN = frozenset({"", "apps", "batch", "autoscaling", "policy", "extensions"})
"""Groups of resources that every cluster has."""
_TOGETHER = 3.0
"""Seconds within which gaps of several resources are one."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What is asked. `now` is the moment that is told of, `until` the same if it is in the past."""

    journal: Journal
    context: str
    names: ResourceNames
    now: float
    made_at: float
    is_recording: bool = False
    recording: str = ""
    """The name of the file, if it is one."""
    server: str = ""
    until: Moment | None = None
    doubts: tuple[str, ...] = ()
    logs: LogsOf | None = None
    mask: NameMask | None = None
    """With what is known of other contexts, whose pseudonyms are to be the same."""
    several: bool = False
    """Whether it is one of several contexts, which a filter may tell apart."""


class _Standing(SystemClock):
    """The moment that is told of."""

    def __init__(self, now: float) -> None:
        self._now = now

    def time(self) -> float:
        return self._now


class NotKnown(ValueError):
    """The object is not there and never was, as far as is remembered: the text is a sentence."""


def gather(origin: Origin, asked: Asked) -> Report:
    """Every text in it is safe to print, and short. Raise NotKnown for an object that is not there, QuerySyntaxError
    for a filter that means nothing for any kind.
    """
    gathering = _Gathering(origin, asked)
    return finished(gathering.report(), gathering.mask)


def joined(joint: JointReport, mask: NameMask | None) -> Report | JointReport:
    """One alone as it is; the reports are safe to print already, what is missing is made so."""
    if len(joint.reports) == 1 and not joint.missing:
        return joint.reports[0]
    if mask is not None:
        for context, _ in joint.missing:
            mask.know(context, "cluster")
    return replace(joint, missing=finished(joint.missing, mask))


class _Gathering:
    def __init__(self, origin: Origin, asked: Asked) -> None:
        self._origin = origin
        self._asked = asked
        self._journal = origin.journal
        self._context = origin.context
        self._now = origin.now
        self._sequence = origin.until.sequence if origin.until is not None else origin.journal.last_sequence
        self._caches: dict[str, AsOfIndex] = {}
        self._tops: dict[str, tuple[Resource, str]] = {}
        self._objects = 0
        self._query: DeltaFilter | None = None
        if asked.query is not None:
            kinds = {str(each): (kind_for(each) or generic_kind(each), each) for each in self._resources()}
            self._query = DeltaFilter(asked.query, kinds.get, _Standing(origin.now))
        self.mask = self._known_names() if asked.mask_names else None
        self._teller = Teller(origin.journal, origin.context, origin.now, origin.until, asked, origin.logs, self.mask)

    def report(self) -> Report:
        self._journal.catch_up(10.0)
        groups = self._groups() if self._asked.subject is None else [self._of_subject(*self._asked.subject)]
        stories = [self._story(group) for group in groups[:MOST_STORIES]]
        rest = [affected(unhealthy) for group in groups[MOST_STORIES:] for unhealthy, _ in group.members]
        self._learn(obj for group in groups for _, obj in group.members)
        left_out = []
        if len(rest) > MOST_OTHERS:
            left_out.append(f"{len(rest) - MOST_OTHERS:,} further objects with problems are not listed.")
        if groups[MOST_STORIES:]:
            left_out.append(
                f"Only the {MOST_STORIES} worst problems are told in detail; of the others there is a line."
            )
        if self._query is not None and self._query.complaint is not None:
            raise self._query.complaint
        starts = [start_of(self._now, self._asked.since, each.since, each.causes) for each in stories]
        start = min(starts, default=self._now - (self._asked.since or SHORTEST))
        ill = {unhealthy.id for group in groups for unhealthy, _ in group.members}
        healed = [*self._healed(start, ill)]
        if len(healed) > MOST_HEALED:
            left_out.append(f"{len(healed) - MOST_HEALED:,} more that healed are not listed.")
        return Report(
            version=__version__,
            made_at=self._origin.made_at,
            start=start,
            end=self._now,
            subject=self._asked.words if self._query is None or self.mask is None else "what matches a filter",
            context=self._context,
            server="" if self._asked.mask_names else self._origin.server,
            source=self._source(),
            is_masked=self._asked.mask_names,
            stories=tuple(stories),
            others=tuple(rest[:MOST_OTHERS]),
            healed=tuple(map(affected, healed[:MOST_HEALED])),
            left_out=tuple(left_out),
            watched=tuple(self._watched()),
            gaps=tuple(self._gaps(start)),
            doubts=(*self._origin.doubts, *self._doubts()),
            objects=self._objects,
            unhealthy=sum(len(group.members) for group in groups),
        )

    def _source(self) -> str:
        name = "" if self._asked.mask_names else self._origin.recording
        return "a live cluster" if not self._origin.is_recording else f"the recording {name}" if name else "a recording"

    def _known_names(self) -> NameMask:
        """The names of everything that was ever seen, as far as it is remembered."""
        mask, journal = self._origin.mask or NameMask(), self._journal
        mask.know(self._context, "cluster")
        for resource in self._resources():
            if resource.group not in _BUILT_IN and not resource.group.endswith(".k8s.io"):
                mask.know(resource.group, "group")
        after = 0
        while page := journal.log(after, _PAGE):
            for version in page:
                if version.context == self._context and version.resource not in EVENTS:
                    namespace, _, name = version.key.rpartition("/")
                    mask.know(namespace, "namespace")
                    mask.know(name, "namespace" if version.resource == "namespaces" else _singular(version.resource))
            after = page[-1].sequence
        return mask

    def _learn(self, objects: Iterable[KubeObject | None]) -> None:
        """What objects of which little is told name inside, e.g. the container that a reason is about."""
        for obj in objects if self.mask is not None else ():
            tree = tree_of(obj)
            if self.mask is not None and tree is not None:
                self.mask.know_object(tree)

    def _cache(self, resource: Resource) -> AsOfIndex | None:
        name = str(resource)
        if name not in self._journal.resources(self._context):
            return None
        if name not in self._caches:
            as_of = self._journal.as_of(self._context, name, sequence=self._sequence)
            self._caches[name] = AsOfIndex(as_of, indexers_for(resource))
        return self._caches[name]

    def _cache_of(self, relation: Relation) -> IndexAccess | None:
        cache = self._cache(relation.resource)
        if cache is not None and relation.index and relation.index not in cache.index_names:
            func = indexers_on_demand(relation.resource).get(relation.index)
            if func is None:
                return None
            cache.add_indexers({relation.index: func})
        return cache

    def _resources(self) -> Iterator[Resource]:
        known = self._journal.resources(self._context)
        yield from (each for each in self._origin.names.resources if str(each) in known)

    def _groups(self) -> list[Group]:
        """The worst first, then those of which more fails."""
        found: dict[tuple[str, str], Group] = {}
        for resource in self._resources():
            if str(resource) in EVENTS:
                continue
            as_of = self._journal.as_of(self._context, str(resource), sequence=self._sequence)
            source = filtered(as_of, ViewScope(self._asked.namespace if resource.namespaced else None))
            self._objects += len(source.list_keys())
            monitor = HealthMonitor(resource, source)
            while not monitor.is_complete:
                monitor.look(self._now, 1.0)
            is_meant = self._filter(partial(_object_in, monitor))
            for key, problem in sorted(monitor.found.items()):
                obj = monitor.object(key)
                unhealthy = UnhealthyObject(resource, key, problem, owner_of(obj), self._context)
                if obj is None or not is_meant(unhealthy):
                    continue
                top = self._top(resource, obj)
                group = found.setdefault((str(top[0]), top[1]), Group(*top))
                group.members.append((unhealthy, obj))
        return sorted(self._by_cause([*found.values()]), key=_urgency)

    def _by_cause(self, groups: list[Group]) -> Iterable[Group]:
        """Groups of one likely cause as one, which is told of the largest of them."""
        failing = [
            FailingObject(each.resource, obj, each.problem.reason) for group in groups for each, obj in group.members
        ]
        place = {
            (str(each.resource), each.key): number for number, group in enumerate(groups) for each, _ in group.members
        }
        same = [*range(len(groups))]
        sequence = self._origin.until.sequence if self._origin.until is not None else None
        names = self._origin.names
        for cause in group_by_cause(failing, names, self._cache_of, self._journal, self._context, self._now, sequence):
            if cause.suspect is not None:
                numbers = {same[place[str(each.resource), each.obj.key]] for each in cause.objects}
                same = [min(numbers) if number in numbers else number for number in same]
        for number in dict.fromkeys(same):
            alike = sorted((group for at, group in enumerate(groups) if same[at] == number), key=_urgency)
            first = alike[0]
            first.also = [(other.resource, other.key) for other in alike[1:]]
            first.members += [member for other in alike[1:] for member in other.members]
            yield first

    def _healed(self, start: float, ill: Collection[tuple[str, str]]) -> Iterator[UnhealthyObject]:
        """What had a problem since then and has none any more, the last that ended first."""
        resources = {str(each): each for each in self._resources() if self._asked.subject is None}
        past = HealedObjects(self._journal, self._context, resources, start, self._origin.until)
        past.take(ill)
        found = [each for each in past.list(start, self._now) if each.id not in ill]
        is_meant = self._filter(lambda each: past.last_object(each.id))
        self._learn(past.last_object(each.id) for each in found)
        where = self._asked.namespace
        for each in sorted(found, key=lambda each: (-(each.healing.ended if each.healing else 0.0), each.id)):
            if holds(where, each.namespace) and is_meant(each):
                yield each

    def _filter(self, object_of: Callable[[UnhealthyObject], KubeObject | None]) -> Callable[[UnhealthyObject], bool]:
        if self._query is None:
            return lambda unhealthy: True
        return ProblemFilter(self._query, object_of, several=self._origin.several)

    def _of_subject(self, resource: Resource, key: str) -> Group:
        obj = self._object(resource, key)
        if obj is None:
            raise NotKnown(f"{resource.kind} {key} is not there, and was not seen before")
        group = Group(resource, key)
        here = surroundings_of(resource, obj, self._origin.names, self._cache_of, self._now)
        pods = self._origin.names.find("pods")
        around = here.pods if str(resource) != "pods" and pods is not None else ()
        self._objects += 1 + len(around)
        for of, each in [(resource, obj), *((pods, pod) for pod in around if pods is not None)]:
            problem = assess(of, each).at(self._now)
            if problem is not None:
                group.members.append((UnhealthyObject(of, each.key, problem), each))
        return group

    def _object(self, resource: Resource, key: str) -> KubeObject | None:
        """As it is, or as it was last."""
        cache = self._cache(resource)
        obj = cache.get_by_key(key) if cache is not None else None
        if isinstance(obj, KubeObject):
            return obj
        versions = self._journal.versions(self._context, str(resource), key)
        for version in reversed([each for each in versions if each.sequence <= self._sequence]):
            if (found := self._journal.object_or_none(version)) is not None:
                return found
        return None

    def _top(self, resource: Resource, obj: KubeObject) -> tuple[Resource, str]:
        """The highest owner that is there."""
        waiting: list[str] = []
        top = (resource, obj.key)
        for _ in range(_GENERATIONS):
            uid = next((each.uid for each in sorted(obj.owners, key=lambda each: not each.controller)), "")
            if uid in self._tops:
                top = self._tops[uid]
                break
            owner = nearest_owner(resource, obj, self._origin.names) if uid else None
            cache = self._cache(owner[0]) if owner is not None else None
            above = cache.get_by_key(owner[1]) if cache is not None and owner is not None else None
            if owner is None or not isinstance(above, KubeObject):
                break
            waiting.append(uid)
            (resource, _), obj, top = owner, above, owner
        self._tops |= dict.fromkeys(waiting, top)
        return top

    def _story(self, group: Group) -> Story:
        obj = self._object(group.resource, group.key)
        assert obj is not None, "it was found a moment ago"
        sequence = self._origin.until.sequence if self._origin.until is not None else None
        former = FormerObjects(self._journal, self._context, self._now, sequence)
        here = surroundings_of(group.resource, obj, self._origin.names, self._cache_of, self._now, former=former)
        return self._teller.tell(group, here)

    def _watched(self) -> Iterator[Watching]:
        for resource in self._resources():
            name, journal = str(resource), self._journal
            namespaces = journal.namespaces(self._context, name)
            cache = self._cache(resource)
            yield Watching(
                name,
                () if None in namespaces else tuple(sorted(filter(None, namespaces))),
                journal.watched_since(self._context, name),
                len(cache.list_keys()) if cache is not None else 0,
            )

    def _gaps(self, start: float) -> Iterator[Missed]:
        """Those of several resources with one cause and time as one."""

        def place(gap: Gap) -> tuple[int, int, str]:
            return round(gap.since / _TOGETHER), round(gap.until / _TOGETHER), gap.cause

        gaps = [each for each in self._journal.gaps(self._context) if each.until >= start and each.since <= self._now]
        for _, group in groupby(sorted(gaps, key=place), key=place):
            same = [*group]
            resources = dict.fromkeys(each.resource for each in same)
            yield Missed(tuple(resources), same[0].since, max(each.until for each in same), same[0].cause)

    def _doubts(self) -> Iterator[str]:
        if (evicted := self._journal.evicted.versions) > 0:
            yield f"{evicted:,} older versions had to make room in kwatch's memory, and are not told of."
        ended = {name: at for name, at in self._journal.unwatched(self._context).items() if at <= self._now}
        for name, at in sorted(ended.items()):
            yield f"{name} were not watched any more for the last {humanize(self._now - at)}."
        apart = clocks_apart(self._journal, self._context)
        if apart:
            which = "behind" if apart > 0 else "ahead of"
            yield (
                f"The server's clock is about {humanize(abs(apart))} {which} that of the machine that watched: times "
                "that are the server's word, marked ≈ on timelines and of rollouts, are off by that."
            )


def _object_in(monitor: HealthMonitor, unhealthy: UnhealthyObject) -> KubeObject | None:
    return monitor.object(unhealthy.key)


def _singular(resource: str) -> str:
    """`deployments.apps` -> `deployment`."""
    plural = resource.partition(".")[0]
    return plural[:-2] if plural.endswith("sses") else plural[:-1] if plural.endswith("s") else plural


def _urgency(group: Group) -> tuple[int, int, str, str]:
    worst = group.worst
    return -(worst.problem.level if worst is not None else 0), -len(group.members), group.resource.kind, group.key

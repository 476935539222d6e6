"""What is related to an object that fails, and what of it changed: asked of the caches, then read from the journal.

`surroundings_of` only asks indexes: it is cheap, and for the UI thread. `suspects_of` reads versions and compares them:
it is for a thread of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from kwatch.base.timestamp import time_or_none
from kwatch.catalog.health import assess
from kwatch.catalog.indices import INVOLVED_UID_INDEX
from kwatch.catalog.names import ResourceNames
from kwatch.history.attribution import managed_fields
from kwatch.history.comparison import CREATED
from kwatch.history.journal import Journal
from kwatch.history.reconstruction import event_facts
from kwatch.history.rollouts import KEPT_IN, rollouts, seen_templates
from kwatch.history.version import Version
from kwatch.informer.index import NAMESPACE_INDEX
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.view.relations import Around, Relation, answer, owned, owners, related
from kwatch.view.relations.related import CacheOf
from kwatch.view.relations.relation import by_index
from kwatch.view.suspects.failure import Failure, failure_of
from kwatch.view.suspects.ranking import Evidence, Found, rank

LONG_AGO = 86_400.0
"""Seconds before now after which what is only reconstructed is no evidence any more."""
_GENERATIONS = 5
_MOST_VERSIONS = 50
"""Versions of one object that are compared, the newest."""
_MOST_PODS = 500
_MOST_NODES = 200
_TITLES: Mapping[str, tuple[str, float]] = {
    "controlled by": ("its owner", 1.0),
    "owned by": ("its owner", 1.0),
    "uses": ("what it uses", 1.0),
    "mounts": ("what it mounts", 1.0),
    "bound to": ("its volume", 0.8),
    "class": ("its class", 0.8),
    "runs as": ("its service account", 0.8),
    "runs on": ("its node", 0.7),
    "scaled by": ("what scales it", 0.7),
    "scales": ("what it scales", 0.9),
    "limited by": ("the quota of its namespace", 0.8),
    "guarded by": ("a network policy", 0.6),
    "node": ("a node", 0.6),
    "selects": ("what it selects", 0.8),
    "served by": ("a service of it", 0.4),
}
"""By the titles of relations: what it is to the object, and how closely that is related. Others explain nothing."""


@dataclass(frozen=True, slots=True)
class RelatedObject:
    """`obj` None: it is named, and not there."""

    relation: str
    resource: Resource
    key: str
    obj: KubeObject | None
    closeness: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around an object when it is asked."""

    subject: RelatedObject
    failing: RelatedObject
    """What is looked at: the object itself, or a pod of it that fails."""
    objects: tuple[RelatedObject, ...]
    events: tuple[KubeObject, ...]
    workload: RelatedObject | None
    kept: tuple[KubeObject, ...]
    """What keeps the templates of the workload."""
    pods: tuple[KubeObject, ...]
    """The pods of the workload."""
    unknown: tuple[str, ...]
    """Resources whose answer is not there: not listed yet, or refused."""


def surroundings_of(
    resource: Resource, obj: KubeObject, names: ResourceNames, cache_of: CacheOf, now: float
) -> Surroundings:
    asking = _Asking(names, cache_of)
    subject = RelatedObject("itself", resource, obj.key, obj, 1.0)
    workload = asking.workload_of(resource, obj)
    pods = asking.pods_of(*((workload.resource, workload.obj) if workload and workload.obj else (resource, obj)))
    pod_resource = names.find("pods")
    failing = subject
    if str(resource) != "pods" and pod_resource is not None:
        bad = (each for each in pods if assess(pod_resource, each).at(now) is not None)
        if (pod := next(bad, None)) is not None:
            failing = RelatedObject("its pod", pod_resource, pod.key, pod, 1.0)
    objects = [subject, *asking.around(resource, obj)]
    if failing is not subject and failing.obj is not None:
        objects += [failing, *asking.around(failing.resource, failing.obj)]
    if workload is not None and workload.obj is not None and workload.key != subject.key:
        objects += [workload, *asking.around(workload.resource, workload.obj)]
    objects += asking.of_namespace(resource, obj)
    found = {(each.resource, each.key): each for each in reversed(objects)}
    about = [each for each in objects if each.relation in ("itself", "its pod", "its owner")]
    return Surroundings(
        subject,
        failing,
        tuple(reversed(found.values())),
        asking.events_about(about),
        workload,
        asking.kept_of(workload),
        pods,
        tuple(sorted(asking.unknown)),
    )


class _Asking:
    """Asks caches, and remembers what had no answer."""

    def __init__(self, names: ResourceNames, cache_of: CacheOf) -> None:
        self._names = names
        self._cache_of = cache_of
        self.unknown: set[str] = set()

    def found(self, relation: Relation | None) -> Iterator[tuple[str, KubeObject | None]]:
        if relation is None:
            return
        keys, cache = answer(relation, self._cache_of), self._cache_of(relation)
        if keys is None or cache is None:
            self.unknown.add(relation.resource.name)
            return
        for key in keys:
            obj = cache.get_by_key(key)
            yield key, obj if isinstance(obj, KubeObject) else None

    def workload_of(self, resource: Resource, obj: KubeObject) -> RelatedObject | None:
        """The object itself or the highest of its owners that is rolled out, or a job or cron job."""
        best: RelatedObject | None = None
        for _ in range(_GENERATIONS):
            if str(resource) in KEPT_IN or resource.group == "batch":
                best = RelatedObject("its owner", resource, obj.key, obj, 1.0)
            relation = next(filter(None, owners(Around(resource, obj, self._names))), None)
            owner = next((each for _, each in self.found(relation) if each is not None), None)
            if relation is None or owner is None:
                return best
            resource, obj = relation.resource, owner
        return best

    def pods_of(self, resource: Resource, obj: KubeObject) -> tuple[KubeObject, ...]:
        around = Around(resource, obj, self._names)
        below = [each for each in owned(around) if each is not None]
        if str(resource) == "services":
            below = [
                group.relation
                for group in related(resource, obj, self._names, self._cache_of)
                if group.relation.title == "selects"
            ]
        found: dict[str, KubeObject] = {}
        for relation in below:
            if relation.resource.name == "pods":
                found |= {key: pod for key, pod in self.found(relation) if pod is not None}
            elif relation.resource.name == "jobs":
                for _, job in self.found(relation):
                    found |= {pod.key: pod for pod in self.pods_of(relation.resource, job)} if job is not None else {}
            if len(found) >= _MOST_PODS:
                break
        return tuple(found.values())[:_MOST_PODS]

    def around(self, resource: Resource, obj: KubeObject) -> Iterator[RelatedObject]:
        for group in related(resource, obj, self._names, self._cache_of):
            relation = group.relation
            title, closeness = _TITLES.get(relation.title.lstrip("‥ "), ("", 0.0))
            if not title or relation.resource.name in ("pods", "replicasets"):
                continue
            for key, each in self.found(relation):
                yield RelatedObject(_named(title, relation.resource), relation.resource, key, each, closeness)

    def of_namespace(self, resource: Resource, obj: KubeObject) -> Iterator[RelatedObject]:
        """What concerns all of a namespace, and the nodes."""
        around = Around(resource, obj, self._names)
        for name in ("resourcequotas", "limitranges"):
            yield from self._all(around.ask("limited by", name, by_index(NAMESPACE_INDEX, obj.namespace)))
        policies = around.ask(
            "guarded by", "networkpolicies.networking.k8s.io", by_index(NAMESPACE_INDEX, obj.namespace)
        )
        yield from self._all(policies)
        nodes = around.ask("node", "nodes", lambda cache: cache.list_keys()[:_MOST_NODES], anywhere=True)
        yield from self._all(nodes)

    def _all(self, relation: Relation | None) -> Iterator[RelatedObject]:
        if relation is not None:
            title, closeness = _TITLES[relation.title]
            for key, each in self.found(relation):
                yield RelatedObject(title, relation.resource, key, each, closeness)

    def kept_of(self, workload: RelatedObject | None) -> tuple[KubeObject, ...]:
        if workload is None or workload.obj is None or str(workload.resource) not in KEPT_IN:
            return ()
        below = owned(Around(workload.resource, workload.obj, self._names))
        kept = (each for each in below if each is not None and str(each.resource) == KEPT_IN[str(workload.resource)])
        return tuple(obj for relation in kept for _, obj in self.found(relation) if obj is not None)

    def events_about(self, objects: Iterable[RelatedObject]) -> tuple[KubeObject, ...]:
        found: dict[str, KubeObject] = {}
        for each in objects:
            if each.obj is None:
                continue
            around = Around(each.resource, each.obj, self._names)
            about = around.ask("about", "events", by_index(INVOLVED_UID_INDEX, each.obj.uid))
            found |= {key: event for key, event in self.found(about) if event is not None}
        return tuple(found.values())


def _named(title: str, resource: Resource) -> str:
    return f"its {resource.kind}" if title in ("what it uses", "what it mounts", "its owner") else title


def suspects_of(
    here: Surroundings, journal: Journal | None, context: str, now: float, until: int | None = None
) -> Found:
    """Read what changed, and rank it. Takes some milliseconds an object; for a thread of its own. `until` is the
    sequence of the moment in the past that is looked at: nothing that came later counts.
    """
    reader = _Reader(journal, context, now, until)
    obj = here.failing.obj
    tree = _tree(obj) if obj is not None else None
    failure = failure_of(here.failing.resource.kind, tree or {}, reader.warnings(here.events))
    is_failing = obj is not None and assess(here.failing.resource, obj).at(now) is not None
    failure = reader.onset(here.failing, failure) if is_failing else replace(failure, since=now)
    alike = [pod for pod in here.pods if (found := _tree(pod)) and failure_of("Pod", found).kind is failure.kind]
    evidence = [*reader.rollouts(here, alike)]
    for each in here.objects:
        is_template = here.workload is not None and each.key == here.workload.key
        evidence += reader.evidence(each, skip_template=is_template and bool(here.kept))
    return Found(
        failure, is_failing, rank(failure, evidence), len(alike) if is_failing else 0, len(here.pods), here.unknown
    )


class _Reader:
    """Reads the journal, and what objects prove themselves."""

    def __init__(self, journal: Journal | None, context: str, now: float, until: int | None) -> None:
        self._journal = journal
        self._context = context
        self._now = now
        self._until = until

    def warnings(self, events: Iterable[KubeObject]) -> list[str]:
        """Reasons and messages, the newest first."""
        facts = [event_facts(tree) for each in events if (tree := _tree(each)) is not None]
        facts.sort(key=lambda fact: fact.last or 0.0, reverse=True)
        return list(dict.fromkeys(fact.words for fact in facts if fact.type == "Warning"))

    def onset(self, failing: RelatedObject, failure: Failure) -> Failure:
        """Since when it has a problem without a pause, as far as that was seen."""
        since: float | None = None
        for version in reversed(self._versions(failing)):
            obj = self._object(version)
            if obj is None or assess(failing.resource, obj).at(version.at + _SETTLED) is None:
                break
            since = version.at
        else:
            return failure  # it failed before it was seen for the first time
        if since is None:
            return failure
        return replace(failure, since=since, exact=True)

    def rollouts(self, here: Surroundings, alike: Sequence[KubeObject]) -> Iterator[Evidence]:
        workload = here.workload
        tree = _tree(workload.obj) if workload is not None and workload.obj is not None else None
        if workload is None or tree is None or not here.kept:
            return
        kept = [found for each in here.kept if (found := _tree(each)) is not None]
        versions = self._versions(workload)

        def object_of(version: Version) -> Mapping[str, Any] | None:
            obj = self._object(version)
            return _tree(obj) if obj is not None else None

        made = Counter(_maker(pod) for pod in here.pods)
        failing = Counter(_maker(pod) for pod in alike)
        for each in rollouts(tree, kept, tuple(seen_templates(versions, object_of))):
            if each.is_oldest or (each.at is not None and each.at < self._now - LONG_AGO):
                continue
            hash_of = each.kept_in.rpartition("-")[2]
            share = None
            if each.is_current and made[hash_of]:
                share = failing[hash_of] == made[hash_of] and failing.total() == failing[hash_of]
            yield Evidence(
                f"rollout {each.number} of {workload.resource.kind}",
                str(workload.resource),
                workload.key,
                each.at,
                each.changes,
                each.who,
                each.approximate,
                1.0 if each.is_current else 0.3,
                share,
                number=each.number,
            )

    def evidence(self, each: RelatedObject, *, skip_template: bool) -> Iterator[Evidence]:
        if each.obj is None:
            yield Evidence(each.relation, str(each.resource), each.key, None, closeness=each.closeness, is_there=False)
            return
        seen = self._versions(each)[-_MOST_VERSIONS:]
        for version in seen:
            yield from self._version(each, version, skip_template=skip_template)
        if not seen or seen[0].relisted:
            yield from self._proved(each, before=seen[0].at if seen else None, skip_template=skip_template)

    def _version(self, each: RelatedObject, version: Version, *, skip_template: bool) -> Iterator[Evidence]:
        assert self._journal is not None, "it has versions"
        try:
            comparison = self._journal.compare(version)
        except (KeyError, msgspec.DecodeError, RecursionError):
            return
        is_new = comparison.beginning == CREATED and each.relation not in ("itself", "its pod")
        is_change = comparison.previous is not None or version.deleted or is_new
        pairs = [*zip(comparison.changes, comparison.who, strict=True)] if is_change else []
        if skip_template:
            pairs = [(change, who) for change, who in pairs if change.steps[:2] != ("spec", "template")]
        if pairs:
            yield Evidence(
                each.relation,
                str(each.resource),
                each.key,
                version.at,
                tuple(change for change, _ in pairs),
                tuple(who for _, who in pairs),
                version.relisted,
                each.closeness,
                sequence=version.sequence,
            )

    def _proved(self, each: RelatedObject, before: float | None, *, skip_template: bool) -> Iterator[Evidence]:
        """What its managedFields prove of before it was seen: who wrote it last, and when."""
        tree = _tree(each.obj) if each.obj is not None else None
        if tree is None or skip_template or str(each.resource) == "pods":
            return
        for entry in managed_fields(tree).values():
            at = time_or_none(entry.writer.time)
            is_late = at is not None and before is not None and at >= before
            if entry.writer.subresource or at is None or is_late or at < self._now - LONG_AGO:
                continue
            yield Evidence(
                each.relation,
                str(each.resource),
                each.key,
                at,
                who=(entry.writer,),
                approximate=True,
                closeness=each.closeness,
            )

    def _versions(self, each: RelatedObject) -> Sequence[Version]:
        if self._journal is None:
            return ()
        versions = self._journal.versions(self._context, str(each.resource), each.key)
        until = self._until
        return versions if until is None else [version for version in versions if version.sequence <= until]

    def _object(self, version: Version) -> KubeObject | None:
        try:
            return self._journal.object_of(version) if self._journal is not None else None
        except KeyError:
            return None


_SETTLED = 120.0
"""Seconds that a problem may need to count as one: it is asked what would be wrong by then."""
_HASHES = ("pod-template-hash", "controller-revision-hash")


def _maker(pod: KubeObject) -> str:
    """The hash of the template that a pod was made from."""
    found = next((pod.labels[name] for name in _HASHES if name in pod.labels), "")
    return found.rpartition("-")[2]


def _tree(obj: KubeObject | None) -> Mapping[str, Any] | None:
    try:
        return obj.tree() if obj is not None else None
    except (msgspec.DecodeError, RecursionError):
        return None

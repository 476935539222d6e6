"""What is related to an object that fails: asked of the indexes of the caches, by whoever reads then what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from heapq import nlargest

from kwatch.catalog.health import assess
from kwatch.catalog.indices import INVOLVED_UID_INDEX
from kwatch.catalog.names import ResourceNames
from kwatch.catalog.tree import Tree
from kwatch.history.coverage import Scope
from kwatch.history.rollouts import KEPT_IN
from kwatch.informer.index import NAMESPACE_INDEX
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.view.relations import Around, Relation, answer, owned, owners, related
from kwatch.view.relations.related import CacheOf
from kwatch.view.relations.relation import by_index, selects, where
from kwatch.view.rollouts import keeper_of, tree_or_none
from kwatch.view.suspects.failure import messages_on_webhooks, statements_in

_GENERATIONS = 5
_MOST_PODS = 500
_MOST_EVENTS = 500
"""About one object, the newest."""
_MOST_NODES = 200
_NEWEST = 5
_ANSWERING = 1.8
"""Closeness of what answers for a webhook that cannot be called: nothing else explains that better."""
_FRONTS = ("services", "endpoints", "endpointslices.discovery.k8s.io", "ingresses.networking.k8s.io")
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
    "of service": ("its owner", 1.0),
    "leads to": ("what it uses", 0.9),
    "certificate": ("what it uses", 0.9),
    "granted by": ("what it may do", 0.8),
    "grants": ("what it may do", 0.8),
    "in": ("its namespace", 0.8),
}
"""By the titles of relations: what it is to the object, and how closely that is related. Others explain nothing."""
_ASKED_ABOUT_ONE = _TITLES.keys() - {"scaled by"}
"""What is asked about each object; autoscalers are asked once what they scale."""


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
    jobs: tuple[KubeObject, ...]
    """The jobs of a cron job."""
    unknown: tuple[str, ...]
    """Resources whose answer is not there, with why: not listed yet, or refused."""
    asked: AbstractSet[tuple[Resource, Scope]] = frozenset()
    """What answered."""


def surroundings_of(
    resource: Resource,
    obj: KubeObject,
    names: ResourceNames,
    cache_of: CacheOf,
    now: float,
    why_not: Callable[[Relation], str] = lambda relation: "",
) -> Surroundings:
    """`why_not` says why a relation has no answer, in words."""
    return Asking(names, cache_of, why_not).surroundings(resource, obj, now)


class Asking:
    """Asks caches, each question once, and remembers what had no answer. Used by one thread, for one moment."""

    def __init__(
        self, names: ResourceNames, cache_of: CacheOf, why_not: Callable[[Relation], str] = lambda relation: ""
    ) -> None:
        self._names = names
        self._cache_of = cache_of
        self._why_not = why_not
        self._of_namespaces: dict[str, tuple[RelatedObject, ...]] = {}
        self._around: dict[tuple[Resource, str], tuple[RelatedObject, ...]] = {}
        self._scalers_of: dict[str, Mapping[tuple[str, str], Sequence[RelatedObject]]] = {}
        self.unknown: set[str] = set()
        self._asked: set[tuple[Resource, Scope]] = set()

    def surroundings(self, resource: Resource, obj: KubeObject, now: float) -> Surroundings:
        subject = RelatedObject("itself", resource, obj.key, obj, 1.0)
        is_front = str(resource) in _FRONTS
        workload = self.workload_behind(resource, obj) if is_front else self.workload_of(resource, obj)
        pods = self.pods_of(*((workload.resource, workload.obj) if workload and workload.obj else (resource, obj)))
        pod_resource = self._names.find("pods")
        failing = subject
        if str(resource) != "pods" and pod_resource is not None:
            is_part = workload is not None and workload.key != subject.key and not is_front
            own = (self.pods_of(resource, obj) if is_part else ()) or pods
            bad = (each for each in own if assess(pod_resource, each).at(now) is not None)
            if (pod := next(bad, None)) is not None:
                failing = RelatedObject("its pod", pod_resource, pod.key, pod, 1.0)
            elif str(resource) == "services":
                failing = next(self.bad_slices(resource, obj, now), subject)
        objects = [subject, *self.around(resource, obj)]
        if failing is not subject and failing.obj is not None:
            objects += [failing, *self.around(failing.resource, failing.obj)]
        place = (subject.resource, subject.key)
        if workload is not None and workload.obj is not None and (workload.resource, workload.key) != place:
            objects += [workload, *self.around(workload.resource, workload.obj)]
        objects += [each for each in self.of_namespace(resource, obj) if _concerns(each, failing)]
        objects += self.of_accounts(objects)
        jobs = [*self.below(workload, "jobs")] if workload is not None else []
        kept = self.kept_of(workload)
        about = [each for each in objects if each.relation in ("itself", "its pod", "its owner", "its endpoints")]
        events = self.events_about(about) + self.events_of(jobs, "jobs.batch")
        if workload is not None and workload.resource.name == "deployments":
            events += self.events_of(kept, "replicasets.apps")
        objects += self.behind_webhooks(failing, events)
        found = {(each.resource, each.key): each for each in reversed(objects)}
        return Surroundings(
            subject,
            failing,
            tuple(reversed(found.values())),
            tuple({event.key: event for event in events}.values()),
            workload,
            kept,
            pods,
            tuple(jobs),
            tuple(sorted(self.unknown)),
            self._asked,
        )

    def found(self, relation: Relation | None) -> Iterator[tuple[str, KubeObject | None]]:
        if relation is None:
            return
        keys, cache = answer(relation, self._cache_of), self._cache_of(relation)
        if keys is None or cache is None:
            why = self._why_not(relation)
            self.unknown.add(f"{relation.resource.name} ({why})" if why else relation.resource.name)
            return
        self._asked.add((relation.resource, Scope(relation.namespace, fields=relation.field_selector)))
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

    def workload_behind(self, resource: Resource, obj: KubeObject) -> RelatedObject | None:
        """The workload whose pods a service leads to, also when it has none just now."""
        around = Around(resource, obj, self._names)
        if str(resource) != "services":
            service = next((each for each in self.around(resource, obj) if each.resource.name == "services"), None)
            if service is None or service.obj is None:
                return None
            around = Around(service.resource, service.obj, self._names)
        selector = around.tree.at("spec", "selector")

        def is_meant(tree: Tree) -> bool:
            labels = tree.at("spec", "template", "metadata", "labels")
            return selects(selector, {name: value.text() for name, value in labels.entries()})

        for name in KEPT_IN:
            relation = around.ask("selects", name, where(around.namespace, is_meant))
            for key, each in self.found(relation):
                if relation is not None and each is not None:
                    return RelatedObject("what it selects", relation.resource, key, each, 0.9)
        return None

    def bad_slices(self, resource: Resource, obj: KubeObject, now: float) -> Iterator[RelatedObject]:
        for group in related(resource, obj, self._names, self._cache_of):
            if group.relation.title == "endpoints":
                for key, each in self.found(group.relation):
                    if each is not None and assess(group.relation.resource, each).at(now) is not None:
                        yield RelatedObject("its endpoints", group.relation.resource, key, each, 1.0)

    def below(self, workload: RelatedObject, name: str) -> Iterator[KubeObject]:
        """What a workload owns of a resource."""
        if workload.obj is not None:
            for relation in owned(Around(workload.resource, workload.obj, self._names)):
                if relation is not None and relation.resource.name == name:
                    yield from (each for _, each in self.found(relation) if each is not None)

    def of_accounts(self, objects: Iterable[RelatedObject]) -> list[RelatedObject]:
        """What the service accounts among these may do: the bindings, and the roles that those grant."""
        accounts = [each for each in objects if each.resource.name == "serviceaccounts" and each.obj is not None]
        found: list[RelatedObject] = []
        for account in accounts[:1]:
            if account.obj is None or account.obj.name == "default":
                continue
            bindings = self.around(account.resource, account.obj)
            found += bindings
            for binding in bindings:
                if binding.obj is not None:
                    granted = self.around(binding.resource, binding.obj)
                    found += [each for each in granted if each.resource.name.endswith("roles")]
        return found

    def behind_webhooks(self, failing: RelatedObject, events: Iterable[KubeObject]) -> list[RelatedObject]:
        """The webhooks that the server names as what refuses, their services, and what answers for those."""
        found: dict[tuple[Resource, str], RelatedObject] = {}
        if failing.obj is None or failing.resource.name == "pods":
            return []
        around = Around(failing.resource, failing.obj, self._names)
        said = {each for text in messages_on_webhooks((failing.obj, *events)) for each in statements_in(text)}
        named = {each.name for each in said if each.kind == "webhook"}
        for kind in ("validating", "mutating") if named else ():
            meant = where("", lambda tree: any(each["name"].text() in named for each in tree["webhooks"]))
            name = f"{kind}webhookconfigurations.admissionregistration.k8s.io"
            for each in self._related(around.ask("the webhook", name, meant, anywhere=True)):
                found[each.resource, each.key] = each
        for service in (each.name for each in said if each.kind == "webhook's service"):
            name, _, namespace = service.partition(".")
            for each in self._related(around.one("the webhook's service", "services", name, namespace)):
                found[each.resource, each.key] = each
                behind = self.workload_behind(each.resource, each.obj) if each.obj is not None else None
                if behind is not None:
                    answering = replace(behind, relation="what answers for the webhook", closeness=_ANSWERING)
                    found[behind.resource, behind.key] = answering
        return [*found.values()]

    def _related(self, relation: Relation | None) -> Iterator[RelatedObject]:
        for key, each in self.found(relation):
            if relation is not None:
                yield RelatedObject(relation.title, relation.resource, key, each, 1.0)

    def events_of(self, objects: Iterable[KubeObject], resource: str) -> tuple[KubeObject, ...]:
        """Events about the newest of what a workload has made."""
        found = self._names.find(resource)
        newest = sorted(objects, key=lambda each: each.creation_timestamp)[-_NEWEST:]
        about = [RelatedObject("its own", found, each.key, each, 1.0) for each in newest] if found is not None else []
        return self.events_about(about)

    def pods_of(self, resource: Resource, obj: KubeObject) -> tuple[KubeObject, ...]:
        around = Around(resource, obj, self._names)
        below = [each for each in owned(around) if each is not None]
        if str(resource) == "services":
            below = [
                group.relation
                for group in related(resource, obj, self._names, self._cache_of, ("selects",))
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

    def around(self, resource: Resource, obj: KubeObject) -> tuple[RelatedObject, ...]:
        place = (resource, obj.key)
        if place not in self._around:
            self._around[place] = tuple(self._ask_around(resource, obj))
        return self._around[place]

    def _ask_around(self, resource: Resource, obj: KubeObject) -> Iterator[RelatedObject]:
        for group in related(resource, obj, self._names, self._cache_of, _ASKED_ABOUT_ONE):
            relation = group.relation
            title, closeness = _TITLES.get(relation.title.lstrip("‥ "), ("", 0.0))
            if not title or relation.resource.name in ("pods", "replicasets"):
                continue
            for key, each in self.found(relation):
                yield RelatedObject(_named(title, relation.resource), relation.resource, key, each, closeness)
        for scaler in self._scalers(obj.namespace).get((resource.kind, obj.name), ()):
            title, closeness = _TITLES["scaled by"]
            yield replace(scaler, relation=title, closeness=closeness)

    def _scalers(self, namespace: str) -> Mapping[tuple[str, str], Sequence[RelatedObject]]:
        """The autoscalers of a namespace by kind and name of what they scale: looked at once, not once a workload."""
        if namespace not in self._scalers_of:
            found: dict[tuple[str, str], list[RelatedObject]] = {}
            resource = self._names.watched("horizontalpodautoscalers.autoscaling")
            if resource is not None:
                relation = Relation("scaled by", resource, namespace, by_index(NAMESPACE_INDEX, namespace))
                for key, each in self.found(relation):
                    target = Tree(tree_or_none(each)).at("spec", "scaleTargetRef")
                    scaled = (target["kind"].text(), target["name"].text())
                    found.setdefault(scaled, []).append(RelatedObject("", resource, key, each, 0.0))
            self._scalers_of[namespace] = found
        return self._scalers_of[namespace]

    def of_namespace(self, resource: Resource, obj: KubeObject) -> tuple[RelatedObject, ...]:
        """What concerns all of a namespace, and the nodes."""
        if obj.namespace not in self._of_namespaces:
            self._of_namespaces[obj.namespace] = tuple(self._ask_namespace(resource, obj))
        return self._of_namespaces[obj.namespace]

    def _ask_namespace(self, resource: Resource, obj: KubeObject) -> Iterator[RelatedObject]:
        around = Around(resource, obj, self._names)
        for name in ("resourcequotas", "limitranges"):
            yield from self._all(around.ask("limited by", name, by_index(NAMESPACE_INDEX, obj.namespace)))
        policies = around.ask(
            "guarded by", "networkpolicies.networking.k8s.io", by_index(NAMESPACE_INDEX, obj.namespace)
        )
        yield from self._all(policies)
        yield from self._all(around.one("in", "namespaces", obj.namespace, ""))
        nodes = around.ask("node", "nodes", lambda cache: cache.list_keys()[:_MOST_NODES], anywhere=True)
        yield from self._all(nodes)

    def _all(self, relation: Relation | None) -> Iterator[RelatedObject]:
        if relation is not None:
            title, closeness = _TITLES[relation.title]
            for key, each in self.found(relation):
                yield RelatedObject(title, relation.resource, key, each, closeness)

    def kept_of(self, workload: RelatedObject | None) -> tuple[KubeObject, ...]:
        if workload is None or workload.obj is None:
            return ()
        kept = keeper_of(workload.resource, workload.obj, self._names)
        return tuple(obj for _, obj in self.found(kept) if obj is not None)

    def events_about(self, objects: Iterable[RelatedObject]) -> tuple[KubeObject, ...]:
        found: dict[str, KubeObject] = {}
        for each in objects:
            if each.obj is None:
                continue
            around = Around(each.resource, each.obj, self._names)
            about = around.ask("about", "events", by_index(INVOLVED_UID_INDEX, each.obj.uid))
            events = [(key, event) for key, event in self.found(about) if event is not None]
            found |= dict(nlargest(_MOST_EVENTS, events, key=_recency) if len(events) > _MOST_EVENTS else events)
        return tuple(found.values())


def _recency(event: tuple[str, KubeObject]) -> tuple[int, str]:
    """By the server's order: an Event that repeats is a newer version."""
    version = event[1].resource_version
    return len(version), version


def _concerns(each: RelatedObject, failing: RelatedObject) -> bool:
    """Of a network policy: whether it selects the pod that fails."""
    is_policy = each.resource.name == "networkpolicies" and failing.resource.name == "pods"
    if not is_policy or each.obj is None or failing.obj is None:
        return True
    selector = Tree(tree_or_none(each.obj)).at("spec", "podSelector")
    return not selector or selects(selector, failing.obj.labels)


def _named(title: str, resource: Resource) -> str:
    return f"its {resource.kind}" if title in ("what it uses", "what it mounts", "its owner") else title

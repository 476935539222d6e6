"""What is related to an object that fails: asked of the indexes of the caches, by whoever reads then what changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import nlargest

from kwatch.catalog.health import assess
from kwatch.catalog.indices import INVOLVED_UID_INDEX
from kwatch.catalog.names import ResourceNames
from kwatch.catalog.tree import Tree
from kwatch.history.coverage import Scope
from kwatch.history.rollouts import KEPT_IN
from kwatch.informer.index import NAMESPACE_INDEX, NODE_INDEX
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.view.relations import Around, Relation, answer, owned, owners, related
from kwatch.view.relations.related import CacheOf
from kwatch.view.relations.relation import by_index, selects, where
from kwatch.view.rollouts import keeper_of, tree_or_none
from kwatch.view.suspects.failure import (
    FailureKind,
    failure_of,
    is_ready,
    messages_on_webhooks,
    statements_in,
    warnings_in,
)
from kwatch.view.suspects.surroundings import TITLES, FormerObjects, RelatedObject, Surroundings

_GENERATIONS = 5
_MOST_PODS = 500
_MOST_EVENTS = 500
"""About one object, the newest."""
_MOST_NODES = 200
_NEWEST = 5
_ANSWERING = 1.8
"""Closeness of what answers for a webhook that cannot be called: nothing else explains that better."""
_PREEMPTED = re.compile(r"Preempted by pod (\S+) on node")
_FRONTS = ("services", "endpoints", "endpointslices.discovery.k8s.io", "ingresses.networking.k8s.io")
_ASKED_ABOUT_ONE = TITLES.keys() - {"scaled by"}
"""What is asked about each object; autoscalers are asked once what they scale."""


def surroundings_of(
    resource: Resource,
    obj: KubeObject,
    names: ResourceNames,
    cache_of: CacheOf,
    now: float,
    why_not: Callable[[Relation], str] = lambda relation: "",
    former: FormerObjects | None = None,
) -> Surroundings:
    """`why_not` says why a relation has no answer, in words; `former` knows what is not there any more."""
    return Asking(names, cache_of, why_not, former).surroundings(resource, obj, now)


class Asking:
    """Asks caches, each question once, and remembers what had no answer. Used by one thread, for one moment."""

    def __init__(
        self,
        names: ResourceNames,
        cache_of: CacheOf,
        why_not: Callable[[Relation], str] = lambda relation: "",
        former: FormerObjects | None = None,
    ) -> None:
        self._names = names
        self._cache_of = cache_of
        self._why_not = why_not
        self._former = former
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
            else:
                if str(resource) == "services":
                    failing = next(self.bad_slices(resource, obj, now), subject)
                failing = self.starting(failing, pod_resource, own, now) or failing
        objects = [subject, *self.around(resource, obj)]
        if failing is not subject and failing.obj is not None:
            objects += [failing, *self.around(failing.resource, failing.obj)]
        place = (subject.resource, subject.key)
        if workload is not None and (workload.resource, workload.key) != place:
            objects += [workload, *(self.around(workload.resource, workload.obj) if workload.obj is not None else ())]
        objects += [each for each in self.of_namespace(resource, obj) if _concerns(each, failing)]
        objects += self.of_accounts(objects)
        jobs = [*self.below(workload, "jobs")] if workload is not None else []
        kept = self.kept_of(workload)
        about = [each for each in objects if each.relation in ("itself", "its pod", "its owner", "its endpoints")]
        events = self.events_about(about) + self.events_of(jobs, "jobs.batch")
        if workload is not None and workload.resource.name == "deployments":
            events += self.events_of(kept, "replicasets.apps")
        objects = [*self.behind_webhooks(failing, events), *objects, *self.displacing(failing, events)]
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

    def found_and_former(self, relation: Relation) -> Iterator[tuple[str, KubeObject | None, KubeObject | None]]:
        """Key, object and how it was: also what would have been found before it was deleted, or was changed."""
        found, cache = dict(self.found(relation)), self._cache_of(relation)
        if self._former is None or relation.name or cache is None:
            yield from ((key, each, None) for key, each in found.items())
            return
        former = self._former.cache(relation.resource)
        yield from ((key, each, former.get_by_key(key)) for key, each in found.items())
        for key in answer(relation, lambda _: former) or ():
            if key not in found:
                obj = cache.get_by_key(key)
                yield key, obj if isinstance(obj, KubeObject) else None, former.get_by_key(key)

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

        asked = (around.ask("selects", name, where(around.namespace, is_meant)) for name in (*KEPT_IN, "replicasets"))
        for relation in filter(None, asked):
            for key, each, was in self.found_and_former(relation):
                if each is not None and relation.resource.name == "replicasets":
                    return self.workload_of(relation.resource, each)  # its template has other labels by now
                return RelatedObject("what it selects", relation.resource, key, each, 0.9, was)
        return None

    def bad_slices(self, resource: Resource, obj: KubeObject, now: float) -> Iterator[RelatedObject]:
        for group in related(resource, obj, self._names, self._cache_of):
            if group.relation.title == "endpoints":
                for key, each in self.found(group.relation):
                    if each is not None and assess(group.relation.resource, each).at(now) is not None:
                        yield RelatedObject("its endpoints", group.relation.resource, key, each, 1.0)

    def starting(
        self, failing: RelatedObject, pods: Resource, own: Iterable[KubeObject], now: float
    ) -> RelatedObject | None:
        """Where no pod fails yet: one that is not ready and of which Events warn, with a cause if all else is well."""
        tree = tree_or_none(failing.obj)
        if failing.obj is None or failure_of(failing.resource.kind, tree or {}).kind is FailureKind.REFUSED:
            return None  # of the pods that are there it does not tell
        is_well = assess(failing.resource, failing.obj).at(now) is None
        for pod in own:
            state = Tree(tree_or_none(pod))
            if not is_ready(state) and not state.at("metadata", "deletionTimestamp"):
                found = RelatedObject("its pod", pods, pod.key, pod, 1.0)
                warnings = warnings_in(self.events_about([found]))
                if any([*statements_in(text)] for text in warnings) or (warnings and not is_well):
                    return found
        return None

    def below(self, workload: RelatedObject, name: str) -> Iterator[KubeObject]:
        """What a workload owns of a resource."""
        if workload.obj is not None:
            for relation in owned(Around(workload.resource, workload.obj, self._names)):
                if relation is not None and relation.resource.name == name:
                    yield from (each for _, each in self.found(relation) if each is not None)

    def of_accounts(self, objects: Iterable[RelatedObject]) -> list[RelatedObject]:
        """What the service accounts among these may do: the bindings, and the roles that those grant."""
        accounts = (each.obj for each in objects if each.resource.name == "serviceaccounts" and each.obj is not None)
        account = next(accounts, None)
        resource = self._names.find("serviceaccounts")
        if account is None or resource is None:
            return []
        bindings = self.around(resource, account)
        granted = [each for bound in bindings for was in bound.states for each in self.around(bound.resource, was)]
        return [*bindings, *(each for each in granted if each.resource.name.endswith("roles"))]

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

    def displacing(self, failing: RelatedObject, events: Iterable[KubeObject]) -> Iterator[RelatedObject]:
        """The workloads whose pods the scheduler preferred to this one."""
        pods = self._names.find("pods")
        if failing.obj is None or pods is None or failing.resource != pods:
            return
        said = (Tree(tree_or_none(each)) for each in events if b"Preempted" in each.raw)
        uids = {match[1] for each in said if (match := _PREEMPTED.match(each["message"].text()))}
        on_it = by_index(NODE_INDEX, failing.obj.node)
        relation = Around(pods, failing.obj, self._names).ask("displaced by", "pods", on_it, anywhere=True)
        for _, pod in self.found(relation if uids else None):
            workload = self.workload_of(pods, pod) if pod is not None and pod.uid in uids else None
            if workload is not None:
                yield replace(workload, relation="what displaced it")

    def _related(self, relation: Relation | None) -> Iterator[RelatedObject]:
        if relation is not None:
            for key, each, was in self.found_and_former(relation):
                yield RelatedObject(relation.title, relation.resource, key, each, 1.0, was)

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
            title, closeness = TITLES.get(relation.title.lstrip("‥ "), ("", 0.0))
            if not title or relation.resource.name in ("pods", "replicasets"):
                continue
            for key, each, was in self.found_and_former(relation):
                yield RelatedObject(_named(title, relation.resource), relation.resource, key, each, closeness, was)
        for scaler in self._scalers(obj.namespace).get((resource.kind, obj.name), ()):
            title, closeness = TITLES["scaled by"]
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
        mutating = "mutatingwebhookconfigurations.admissionregistration.k8s.io"
        yield from self._all(around.ask("changes pods", mutating, where("", _is_about_pods), anywhere=True))
        yield from self._all(around.one("in", "namespaces", obj.namespace, ""))
        nodes = around.ask("node", "nodes", lambda cache: cache.list_keys()[:_MOST_NODES], anywhere=True)
        yield from self._all(nodes)

    def _all(self, relation: Relation | None) -> Iterator[RelatedObject]:
        if relation is not None:
            title, closeness = TITLES[relation.title]
            for key, each, was in self.found_and_former(relation):
                yield RelatedObject(title, relation.resource, key, each, closeness, was)

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
    """Of a network policy: whether it selects the pod that fails, or did."""
    is_policy = each.resource.name == "networkpolicies" and failing.resource.name == "pods"
    if not is_policy or failing.obj is None:
        return True
    selectors = [Tree(tree_or_none(obj)).at("spec", "podSelector") for obj in each.states]
    return any(not selector or selects(selector, failing.obj.labels) for selector in selectors)


def _is_about_pods(webhooks: Tree) -> bool:
    rules = [rule for webhook in webhooks["webhooks"] for rule in webhook["rules"]]
    return any(each.text() in ("pods", "*", "*/*") for rule in rules for each in rule["resources"])


def _named(title: str, resource: Resource) -> str:
    return f"its {resource.kind}" if title in ("what it uses", "what it mounts", "its owner") else title

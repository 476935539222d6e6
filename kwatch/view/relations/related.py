"""Owners, and everything that is related to one object, owners of owners included; of that, what its overview shows."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kwatch.catalog.names import ResourceNames
from kwatch.catalog.overview import Others
from kwatch.informer.index import NAMESPACE_INDEX
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.query.context import IndexAccess
from kwatch.view.relations import by_kind
from kwatch.view.relations.relation import Around, Relation, by_index, by_labels, is_custom, owned_by

_OWNED = {
    ("", "replicationcontrollers"): ("pods",),
    ("apps", "daemonsets"): ("pods", "controllerrevisions.apps"),
    ("apps", "deployments"): ("replicasets.apps",),
    ("apps", "replicasets"): ("pods",),
    ("apps", "statefulsets"): ("pods", "controllerrevisions.apps"),
    ("batch", "cronjobs"): ("jobs.batch",),
    ("batch", "jobs"): ("pods",),
}
_OFTEN_OWNED = ("deployments.apps", "statefulsets.apps", "jobs.batch", "pods", "services", "configmaps", "secrets")
"""What the controllers of custom resources make."""
_ALSO_BELOW = {("", "services"): ("endpointslices.discovery.k8s.io",)}


def owners(around: Around) -> Iterator[Relation | None]:
    """Every owner, the controller first."""
    for owner in sorted(around.obj.owners, key=lambda each: not each.controller):
        group = GroupVersionResource(*_split(owner.api_version), "").group
        name = f"{owner.kind}.{group}" if group else owner.kind
        yield around.one("controlled by" if owner.controller else "owned by", name, owner.name)


def nearest_owner(resource: Resource, obj: KubeObject, names: ResourceNames) -> tuple[Resource, str] | None:
    """The controller, else the first owner that can be watched: its resource and key. None if there is none."""
    relation = next((each for each in owners(Around(resource, obj, names)) if each is not None), None)
    if relation is None:
        return None
    return relation.resource, f"{relation.namespace}/{relation.name}" if relation.namespace else relation.name


def owned(around: Around) -> Iterator[Relation | None]:
    """What names the object as an owner; a deployment's pods too."""
    resource = around.resource
    default = _OFTEN_OWNED if around.is_custom else ()
    for name in _OWNED.get((resource.group, resource.name), default):
        yield around.ask("owns", name, owned_by(around.obj.uid), anywhere=not resource.namespaced)
    if (resource.group, resource.name) == ("apps", "deployments"):
        yield around.ask("pods", "pods", by_labels(around.namespace, around.tree.at("spec", "selector")))


def resources_below(resource: Resource, names: ResourceNames) -> tuple[Resource, ...]:
    """Resources whose objects may be owned by one of this resource, at any depth, the nearest first."""
    found: dict[Resource, None] = {}
    waiting = [resource]
    while waiting:
        above = waiting.pop(0)
        which = (above.group, above.name)
        default = _OFTEN_OWNED if is_custom(above) else _ALSO_BELOW.get(which, ())
        for name in _OWNED.get(which, default):
            below = names.watched(name)
            if below is not None and below not in found:
                found[below] = None
                waiting.append(below)
    return tuple(found)


def _split(api_version: str) -> tuple[str, str]:
    group, _, version = api_version.rpartition("/")
    return group, version


_Questions = Callable[[Around], Iterable[Relation | None]]
_WORKLOAD: tuple[_Questions, ...] = (by_kind.of_scaled, by_kind.used)
_RBAC = "rbac.authorization.k8s.io"
_QUESTIONS: dict[tuple[str, str], tuple[_Questions, ...]] = {
    ("", "configmaps"): (by_kind.users,),
    ("", "endpoints"): (by_kind.of_endpoints,),
    ("", "events"): (by_kind.of_event,),
    ("", "nodes"): (by_kind.of_node,),
    ("", "persistentvolumeclaims"): (by_kind.users, by_kind.of_claim),
    ("", "persistentvolumes"): (by_kind.of_volume,),
    ("", "pods"): (by_kind.of_pod, by_kind.selecting_pod, by_kind.used),
    ("", "secrets"): (by_kind.users,),
    ("", "serviceaccounts"): (by_kind.users, by_kind.of_service_account),
    ("", "services"): (by_kind.of_service,),
    ("apps", "daemonsets"): (by_kind.used,),
    ("apps", "deployments"): _WORKLOAD,
    ("apps", "statefulsets"): _WORKLOAD,
    ("autoscaling", "horizontalpodautoscalers"): (by_kind.of_autoscaler,),
    ("batch", "cronjobs"): (by_kind.used,),
    ("batch", "jobs"): (by_kind.used,),
    ("discovery.k8s.io", "endpointslices"): (by_kind.of_endpoint_slice,),
    ("events.k8s.io", "events"): (by_kind.of_event,),
    ("networking.k8s.io", "ingresses"): (by_kind.of_ingress,),
    ("networking.k8s.io", "networkpolicies"): (by_kind.selected_pods,),
    ("policy", "poddisruptionbudgets"): (by_kind.selected_pods,),
    (_RBAC, "clusterrolebindings"): (by_kind.of_binding,),
    (_RBAC, "clusterroles"): (by_kind.of_role,),
    (_RBAC, "rolebindings"): (by_kind.of_binding,),
    (_RBAC, "roles"): (by_kind.of_role,),
    ("storage.k8s.io", "storageclasses"): (by_kind.of_storage_class,),
}
_GENERATIONS = 5
"""How far up owners are followed: a chain of owners may be a circle."""

CacheOf = Callable[[Relation], IndexAccess | None]
"""The cache to ask; None while there is none."""


@dataclass(frozen=True, slots=True)
class Group:
    """A relation and what it found: keys of its resource; None while that cannot be known."""

    relation: Relation
    keys: Sequence[str] | None


def related(
    resource: Resource,
    obj: KubeObject,
    names: ResourceNames,
    cache_of: CacheOf,
    titles: Container[str] | None = None,
) -> tuple[Group, ...]:
    """Ask everything that can be asked about the object: owners first, then what it owns, uses and is used by. With
    `titles`, beside the owners only what has one of them.
    """
    around = Around(resource, obj, names)
    groups = list(_up(around, names, cache_of, _GENERATIONS))
    asked = {(group.relation.resource, group.relation.title, group.relation.name) for group in groups}
    questions: tuple[_Questions, ...] = (owned, *_QUESTIONS.get((resource.group, resource.name), ()))
    for relation in (relation for ask in questions for relation in ask(around) if relation is not None):
        question = (relation.resource, relation.title, relation.name)
        if question not in asked and (titles is None or relation.title in titles):
            asked.add(question)
            groups.append(Group(relation, answer(relation, cache_of)))
    return tuple(groups)


def _up(around: Around, names: ResourceNames, cache_of: CacheOf, generations: int) -> Iterator[Group]:
    """The owners, each followed by its own."""
    for relation in owners(around):
        if relation is None:
            continue
        group = Group(relation, answer(relation, cache_of))
        yield group
        cache = cache_of(relation)
        owner = cache.get_by_key(group.keys[0]) if cache is not None and group.keys else None
        if isinstance(owner, KubeObject) and generations:
            for above in _up(Around(relation.resource, owner, names), names, cache_of, generations - 1):
                yield replace(above, relation=replace(above.relation, title=f"‥ {above.relation.title.lstrip('‥ ')}"))


def answer(relation: Relation, cache_of: CacheOf) -> Sequence[str] | None:
    """The keys that answer a question; None while they cannot be known."""
    cache = cache_of(relation)
    if cache is None:
        return None
    try:
        return tuple(relation.find(cache))
    except KeyError:
        return None


def _in_namespace(around: Around) -> Iterator[Relation | None]:
    for resource in ("resourcequotas", "limitranges"):
        yield around.ask("limited by", resource, by_index(NAMESPACE_INDEX, around.obj.name), anywhere=True)


_POD_OWNER = (owned, ("pods",))
_DESCRIBED: dict[tuple[str, str], tuple[_Questions, tuple[str, ...]]] = {
    ("", "namespaces"): (_in_namespace, ("resourcequotas", "limitranges")),
    ("", "nodes"): (by_kind.of_node, ("pods", "leases")),
    ("", "persistentvolumeclaims"): (by_kind.users, ("pods",)),
    ("", "replicationcontrollers"): _POD_OWNER,
    ("", "services"): (by_kind.of_service, ("endpointslices",)),
    ("apps", "daemonsets"): _POD_OWNER,
    ("apps", "deployments"): (owned, ("replicasets",)),
    ("apps", "replicasets"): _POD_OWNER,
    ("apps", "statefulsets"): _POD_OWNER,
}
"""The questions, and the resources whose answers the overview shows."""


def others_around(resource: Resource, obj: KubeObject, names: ResourceNames, cache_of: CacheOf) -> Others:
    """The related objects by the plural name of their resource, as far as they are known."""
    asked = _DESCRIBED.get((resource.group, resource.name))
    if asked is None:
        return {}
    questions, wanted = asked
    found: dict[str, list[KubeObject]] = {}
    for relation in questions(Around(resource, obj, names)):
        if relation is not None and relation.resource.name in wanted:
            cache, keys = cache_of(relation), answer(relation, cache_of)
            if cache is not None and keys is not None:
                objects = (cache.get_by_key(key) for key in keys)
                found[relation.resource.name] = [each for each in objects if isinstance(each, KubeObject)]
    return found

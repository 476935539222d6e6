"""Everything around one object, owners of owners included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kwatch.catalog.names import ResourceNames
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.access import IndexAccess
from kwatch.view.relations import cluster, network, rbac, usage
from kwatch.view.relations.ownership import owned, owners
from kwatch.view.relations.relation import Around, Relation

_Questions = Callable[[Around], Iterable[Relation | None]]
_WORKLOAD: tuple[_Questions, ...] = (cluster.of_scaled, usage.used)
_RBAC = "rbac.authorization.k8s.io"
_QUESTIONS: dict[tuple[str, str], tuple[_Questions, ...]] = {
    ("", "configmaps"): (usage.users,),
    ("", "endpoints"): (network.of_endpoints,),
    ("", "events"): (cluster.of_event,),
    ("", "nodes"): (cluster.of_node,),
    ("", "persistentvolumeclaims"): (usage.users, cluster.of_claim),
    ("", "persistentvolumes"): (cluster.of_volume,),
    ("", "pods"): (cluster.of_pod, network.selecting_pod, usage.used),
    ("", "secrets"): (usage.users,),
    ("", "serviceaccounts"): (usage.users, rbac.of_service_account),
    ("", "services"): (network.of_service,),
    ("apps", "daemonsets"): (usage.used,),
    ("apps", "deployments"): _WORKLOAD,
    ("apps", "statefulsets"): _WORKLOAD,
    ("autoscaling", "horizontalpodautoscalers"): (cluster.of_autoscaler,),
    ("batch", "cronjobs"): (usage.used,),
    ("batch", "jobs"): (usage.used,),
    ("discovery.k8s.io", "endpointslices"): (network.of_endpoint_slice,),
    ("events.k8s.io", "events"): (cluster.of_event,),
    ("networking.k8s.io", "ingresses"): (network.of_ingress,),
    ("networking.k8s.io", "networkpolicies"): (network.selected_pods,),
    ("policy", "poddisruptionbudgets"): (network.selected_pods,),
    (_RBAC, "clusterrolebindings"): (rbac.of_binding,),
    (_RBAC, "clusterroles"): (rbac.of_role,),
    (_RBAC, "rolebindings"): (rbac.of_binding,),
    (_RBAC, "roles"): (rbac.of_role,),
    ("storage.k8s.io", "storageclasses"): (cluster.of_storage_class,),
}
_GENERATIONS = 5
"""How far up owners are followed: a chain of owners may be a circle."""

CacheOf = Callable[[Relation], IndexAccess | None]
"""The cache to ask; None while there is none."""


@dataclass(frozen=True, slots=True)
class Group:
    """A relation and what it found: keys of its resource; None while nobody can know."""

    relation: Relation
    keys: Sequence[str] | None


def related(resource: Resource, obj: KubeObject, names: ResourceNames, cache_of: CacheOf) -> tuple[Group, ...]:
    """Ask everything that can be asked about the object: owners first, then what it owns, uses and is used by."""
    around = Around(resource, obj, names)
    groups = list(_up(around, names, cache_of, _GENERATIONS))
    asked = {(group.relation.resource, group.relation.title, group.relation.name) for group in groups}
    questions: tuple[_Questions, ...] = (owned, *_QUESTIONS.get((resource.group, resource.name), ()))
    for relation in (relation for ask in questions for relation in ask(around) if relation is not None):
        question = (relation.resource, relation.title, relation.name)
        if question not in asked:
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
    """The keys that answer a question; None while nobody can know."""
    cache = cache_of(relation)
    if cache is None:
        return None
    try:
        return tuple(relation.find(cache))
    except KeyError:
        return None

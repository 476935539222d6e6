"""The others that an overview speaks of: of all that is related to an object, what describe says too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from kwatch.catalog.names import ResourceNames
from kwatch.catalog.overview import Others
from kwatch.informer.index import NAMESPACE_INDEX
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.view.relations import cluster, network, usage
from kwatch.view.relations.finders import by_index
from kwatch.view.relations.ownership import owned
from kwatch.view.relations.related import CacheOf, answer
from kwatch.view.relations.relation import Around, Relation

_Questions = Callable[[Around], Iterable[Relation | None]]


def _in_namespace(around: Around) -> Iterator[Relation | None]:
    for resource in ("resourcequotas", "limitranges"):
        yield around.ask("limited by", resource, by_index(NAMESPACE_INDEX, around.obj.name), anywhere=True)


_POD_OWNER = (owned, ("pods",))
_DESCRIBED: dict[tuple[str, str], tuple[_Questions, tuple[str, ...]]] = {
    ("", "namespaces"): (_in_namespace, ("resourcequotas", "limitranges")),
    ("", "nodes"): (cluster.of_node, ("pods", "leases")),
    ("", "persistentvolumeclaims"): (usage.users, ("pods",)),
    ("", "replicationcontrollers"): _POD_OWNER,
    ("", "services"): (network.of_service, ("endpointslices",)),
    ("apps", "daemonsets"): _POD_OWNER,
    ("apps", "deployments"): (owned, ("replicasets",)),
    ("apps", "replicasets"): _POD_OWNER,
    ("apps", "statefulsets"): _POD_OWNER,
}
"""Who asks, and of which resources the answers are told."""


def others_around(resource: Resource, obj: KubeObject, names: ResourceNames, cache_of: CacheOf) -> Others:
    """The others by the plural name of their resource, as far as it is known which there are."""
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

"""A few objects that have to do with each other, in caches with the indices that are always kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kwatch.catalog.indices import indexers_for, indexers_on_demand
from kwatch.catalog.names import ResourceNames
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.view.relations import Relation, related

_VERBS = frozenset({"get", "list", "watch"})


def _resource(name: str, kind: str, group: str = "", *, namespaced: bool = True) -> Resource:
    return Resource(GroupVersionResource(group, "v1", name), kind, namespaced, kind.lower(), verbs=_VERBS)


RESOURCES = {
    each.kind: each
    for each in (
        _resource("pods", "Pod"),
        _resource("nodes", "Node", namespaced=False),
        _resource("services", "Service"),
        _resource("events", "Event"),
        _resource("secrets", "Secret"),
        _resource("configmaps", "ConfigMap"),
        _resource("serviceaccounts", "ServiceAccount"),
        _resource("persistentvolumeclaims", "PersistentVolumeClaim"),
        _resource("persistentvolumes", "PersistentVolume", namespaced=False),
        _resource("deployments", "Deployment", "apps"),
        _resource("replicasets", "ReplicaSet", "apps"),
        _resource("statefulsets", "StatefulSet", "apps"),
        _resource("cronjobs", "CronJob", "batch"),
        _resource("jobs", "Job", "batch"),
        _resource("endpointslices", "EndpointSlice", "discovery.k8s.io"),
        _resource("ingresses", "Ingress", "networking.k8s.io"),
        _resource("networkpolicies", "NetworkPolicy", "networking.k8s.io"),
        _resource("horizontalpodautoscalers", "HorizontalPodAutoscaler", "autoscaling"),
        _resource("endpoints", "Endpoints"),
        _resource("resourcequotas", "ResourceQuota"),
        _resource("limitranges", "LimitRange"),
        _resource("storageclasses", "StorageClass", "storage.k8s.io", namespaced=False),
        _resource("roles", "Role", "rbac.authorization.k8s.io"),
        _resource("clusterroles", "ClusterRole", "rbac.authorization.k8s.io", namespaced=False),
        _resource("rolebindings", "RoleBinding", "rbac.authorization.k8s.io"),
        _resource("clusterrolebindings", "ClusterRoleBinding", "rbac.authorization.k8s.io", namespaced=False),
        _resource("poddisruptionbudgets", "PodDisruptionBudget", "policy"),
        _resource("namespaces", "Namespace", namespaced=False),
        _resource("priorityclasses", "PriorityClass", "scheduling.k8s.io", namespaced=False),
        _resource(
            "mutatingwebhookconfigurations",
            "MutatingWebhookConfiguration",
            "admissionregistration.k8s.io",
            namespaced=False,
        ),
        _resource(
            "validatingwebhookconfigurations",
            "ValidatingWebhookConfiguration",
            "admissionregistration.k8s.io",
            namespaced=False,
        ),
        _resource("widgets", "Widget", "example.com"),
    )
}


def make(
    kind: str,
    key: str,
    *,
    labels: Mapping[str, str] | None = None,
    owner: tuple[str, str] | None = None,
    **fields: Any,
) -> KubeObject:
    """`owner` is kind and name; uids are `uid-Kind/name`."""
    namespace, _, name = key.rpartition("/")
    metadata: dict[str, Any] = {"name": name, "uid": f"uid-{kind}/{name}", "labels": dict(labels or {})}
    if namespace:
        metadata["namespace"] = namespace
    if owner is not None:
        reference = {"kind": owner[0], "name": owner[1], "uid": f"uid-{owner[0]}/{owner[1]}", "controller": True}
        metadata["ownerReferences"] = [reference | {"apiVersion": RESOURCES[owner[0]].api_version}]
    return KubeObject.of({"apiVersion": RESOURCES[kind].api_version, "kind": kind, "metadata": metadata, **fields})


class World:
    """Caches by kind; `asked` are the relations whose cache was looked at."""

    def __init__(self, *objects: KubeObject, on_demand: bool = True) -> None:
        self.names = ResourceNames(tuple(RESOURCES.values()))
        self.asked: list[Relation] = []
        self.caches = {
            resource: Indexer(indexers=indexers_for(resource) | (indexers_on_demand(resource) if on_demand else {}))
            for resource in RESOURCES.values()
        }
        for obj in objects:
            self.caches[RESOURCES[obj.kind]].add(obj)

    def cache(self, relation: Relation) -> Indexer:
        self.asked.append(relation)
        return self.caches[relation.resource]

    def around(self, obj: KubeObject) -> dict[str, list[str] | None]:
        """`title kind` -> what was found; several questions of one title are put together."""
        found: dict[str, list[str] | None] = {}
        for group in related(RESOURCES[obj.kind], obj, self.names, self.cache):
            title = f"{group.relation.title} {group.relation.resource.kind}"
            if group.keys is None:
                found[title] = None
            elif group.keys:
                found[title] = [*(found.get(title) or []), *group.keys]
        return found

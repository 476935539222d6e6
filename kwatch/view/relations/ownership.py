"""Owners, and what an object owns."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.names import ResourceNames
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.view.relations.relation import Around, Relation, by_labels, is_custom, owned_by

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

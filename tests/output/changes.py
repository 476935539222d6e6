"""Changes to print, made by hand."""

from __future__ import annotations

from typing import Any

from kwatch.catalog.column import Column
from kwatch.catalog.kind import Kind, Values
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.output.printer import ObjectChange

PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True, "pod", ("po",), verbs=frozenset({"list", "watch"}))
DEPLOYMENTS = Resource(GroupVersionResource("apps", "v1", "deployments"), "Deployment", True, "deployment", ("deploy",))
NODES = Resource(GroupVersionResource("", "v1", "nodes"), "Node", False, "node", ("no",))


def _read(thing: KubeObject) -> Values:
    return (thing.name, thing.tree().get("status", {}).get("phase"), thing.node)


KIND = Kind("Pod", (Column("Name"), Column("Status"), Column("Node", priority=1)), _read)


class FixedClock:
    """A clock that stands still."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def wait(self, event: Any, seconds: float) -> bool:
        return bool(event.wait(seconds))


def pod(name: str, *, namespace: str = "shop", phase: str = "Running", version: str = "1", **more: Any) -> KubeObject:
    tree: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "resourceVersion": version, **more},
        "spec": {"nodeName": "node-1"},
        "status": {"phase": phase},
    }
    return KubeObject.of(tree)


def change(
    thing: KubeObject, kind: str = "ADDED", old: KubeObject | None = None, resource: Resource = PODS, at: float = 1.5
) -> ObjectChange:
    return ObjectChange(kind, resource, KIND, thing, old, at)

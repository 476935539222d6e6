"""What many tests ask for."""

from __future__ import annotations

from kwatch.cluster import ApiServer, connect
from kwatch.informer.resource import GroupVersionResource, Resource

ALL_VERBS = frozenset({"get", "list", "watch"})
PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True, verbs=ALL_VERBS)
NODES = Resource(GroupVersionResource("", "v1", "nodes"), "Node", False, verbs=ALL_VERBS)
WIDGETS = Resource(GroupVersionResource("example.com", "v1", "widgets"), "Widget", True, verbs=ALL_VERBS)


def cluster_at(url: str) -> ApiServer:
    """A cluster without a kubeconfig."""
    return connect(server=url)

"""Namespaces, and leases: who holds which lock, and which node is alive."""

from __future__ import annotations

from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.objects.metadata import metadata
from kwatch.simulator.scenario.timestamps import micro_timestamp


def namespace(name: str, labels: dict[str, str], created: float | None = None) -> Object:
    """A namespace in use."""
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": metadata(name, labels={"kubernetes.io/metadata.name": name, **labels}, created=created),
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def node_lease(node: Object, renewed: float, created: float | None = None) -> Object:
    """A node's sign of life."""
    name = node["metadata"]["name"]
    made = metadata(name, "kube-node-lease", created=created)
    made["ownerReferences"] = [{"apiVersion": "v1", "kind": "Node", "name": name, "uid": node["metadata"]["uid"]}]
    spec = {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": micro_timestamp(renewed)}
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": made, "spec": spec}


def leader_lease(
    name: str, namespace: str, holder: str, acquired: float, renewed: float, created: float | None = None
) -> Object:
    """The lock of a controller of which only one of several may work."""
    spec = {
        "holderIdentity": holder,
        "leaseDurationSeconds": 15,
        "acquireTime": micro_timestamp(acquired),
        "renewTime": micro_timestamp(renewed),
        "leaseTransitions": 3,
    }
    made = metadata(name, namespace, created=created)
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": made, "spec": spec}

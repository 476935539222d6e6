"""Objects of two clusters are compared as they are wanted."""

from __future__ import annotations

from kwatch.history.diff.compare import as_wanted, diff


def service(cluster_ip: str, **metadata: object) -> dict[str, object]:
    named = {"name": "web", "namespace": "shop", "labels": {"app": "web"}, **metadata}
    spec = {"type": "ClusterIP", "clusterIP": cluster_ip, "clusterIPs": [cluster_ip], "ports": [{"port": 80}]}
    return {"kind": "Service", "metadata": named, "spec": spec, "status": {"loadBalancer": {}}}


def test_what_a_cluster_says_or_assigns_is_no_difference() -> None:
    applied = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    one = service("10.0.0.1", uid="a", resourceVersion="1", annotations=applied, managedFields=[])
    other = service("10.0.0.2", uid="b", resourceVersion="9", generation=3, creationTimestamp="2026-12-01T00:00:00Z")
    assert diff(as_wanted(one), as_wanted(other)) == ()


def test_what_was_asked_for_is() -> None:
    one, other = service("10.0.0.1"), service("10.0.0.2", labels={"app": "shop"}, annotations={"team": "a"})
    found = {change.path for change in diff(as_wanted(one), as_wanted(other), noise=True)}
    assert found == {"metadata.labels.app", "metadata.annotations"}
    assert one["status"], "the object itself stays as it is"

"""What the overview tells of the others around an object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from kwatch.catalog.column import Level
from kwatch.catalog.overview import Section, describe_related
from kwatch.catalog.overview.related import SHOWN
from kwatch.informer.kube_object import KubeObject
from tests.catalog.kinds.printing import NOW, ago
from tests.catalog.recorded import named


def _object(name: str, **fields: Any) -> KubeObject:
    metadata = {"name": name, "namespace": "shop", "creationTimestamp": ago(3600)} | fields.pop("metadata", {})
    return KubeObject.of({"metadata": metadata, **fields})


def _told(resource: str, obj: KubeObject, **others: Sequence[KubeObject]) -> dict[str, list[tuple[str, str]]]:
    found: tuple[Section, ...] = describe_related(named(resource), obj, others)
    return {section.title: [(fact.label, fact.text(NOW)) for fact in section.facts] for section in found}


def _pod(name: str, phase: str = "Running", **resources: Any) -> KubeObject:
    return _object(name, spec={"containers": [{"resources": resources}]}, status={"phase": phase})


NODE = _object("n", status={"allocatable": {"cpu": "2", "memory": "4Gi", "pods": "110", "example.com/gpu": "1"}})


def test_a_node_tells_what_its_pods_take_and_how_much_of_it() -> None:
    pods = [
        _pod("a", requests={"cpu": "500m", "memory": "1Gi"}, limits={"memory": "2Gi"}),
        _pod("b", requests={"cpu": "500m", "example.com/gpu": 1}),
        _pod("done", "Succeeded", requests={"cpu": "9"}),
    ]
    lease = _object("n", spec={"renewTime": ago(5)})
    told = _told("nodes", NODE, pods=pods, leases=[lease])
    assert told["Allocated"] == [
        ("cpu", "1 (50%) requested, no limits"),
        ("example.com/gpu", "1 (100%) requested, no limits"),
        ("memory", "1Gi (25%) requested, limits 2Gi (50%)"),
        ("pods", "2 of 110"),
    ]
    assert told["Lease"][0][1].endswith("(5s ago)")
    assert told["Pods (2)"][0] == ("shop", "a: cpu 500m, no limit; memory 1Gi, limit 2Gi (60m ago)")


def test_a_full_node_is_marked() -> None:
    sections = describe_related(named("nodes"), NODE, {"pods": [_pod("a", requests={"cpu": "1950m"})]})
    assert {fact.label: fact.level for fact in sections[0].facts}["cpu"] is Level.WARNING


def test_nothing_is_told_before_it_is_known() -> None:
    for resource in ("nodes", "services", "deployments", "statefulsets", "persistentvolumeclaims", "configmaps"):
        assert _told(resource, _object("x")).keys() <= {"Pods (0)"}


def test_a_service_tells_its_endpoints_or_that_it_has_none() -> None:
    service = _object("web", spec={"selector": {"app": "web"}})
    target = {"kind": "Pod", "name": "web-1"}
    endpoints = [
        {"addresses": ["10.0.0.1"], "conditions": {"ready": True}, "targetRef": target, "nodeName": "n1"},
        {"addresses": ["10.0.0.2"], "conditions": {"ready": False, "terminating": True}},
    ]
    told = _told("services", service, endpointslices=[_object("web-x", endpoints=endpoints)])
    assert told["Endpoints"] == [
        ("10.0.0.1", "ready, Pod/web-1, on n1"),
        ("10.0.0.2", "not ready, terminating"),
    ]
    assert _told("services", service, endpointslices=[])["Endpoints"] == [("Endpoints", "<none>")]
    assert _told("services", _object("x", spec={"type": "ExternalName"}), endpointslices=[]) == {}
    many = [{"addresses": [f"10.0.1.{number}"]} for number in range(SHOWN + 3)]
    assert _told("services", service, endpointslices=[_object("y", endpoints=many)])["Endpoints"][-1][1] == "and 3 more"


def _replica_set(name: str, revision: str, replicas: int, ready: int) -> KubeObject:
    annotations = {"deployment.kubernetes.io/revision": revision}
    return _object(
        name, metadata={"annotations": annotations}, spec={"replicas": replicas}, status={"readyReplicas": ready}
    )


def test_a_deployment_tells_its_replica_sets_the_newest_first() -> None:
    deployment = _object("web", metadata={"annotations": {"deployment.kubernetes.io/revision": "10"}})
    sets = [_replica_set("old", "9", 1, 1), _replica_set("gone", "8", 0, 0), _replica_set("new", "10", 3, 2)]
    assert _told("deployments", deployment, replicasets=sets)["Replica Sets"] == [
        ("new", "2 of 3 ready, new, revision 10"),
        ("old", "1 of 1 ready, old, revision 9"),
    ]


@pytest.mark.parametrize("resource", ["statefulsets", "daemonsets", "replicasets", "replicationcontrollers"])
def test_owners_of_pods_tell_their_phases(resource: str) -> None:
    pods = [_pod("a"), _pod("b", "Pending"), _pod("c")]
    phases = [("Phases", "2 running, 1 pending, 0 succeeded, 0 failed")]
    assert _told(resource, _object("x"), pods=pods) == {"Pods": phases}
    assert _told(resource, _object("x"), pods=[_pod("a")] * (SHOWN + 1)) == {"Pods": [("Number", str(SHOWN + 1))]}


def test_a_namespace_tells_its_quotas_and_limits() -> None:
    quota = _object("small", spec={"hard": {"pods": "9"}}, status={"hard": {"pods": "9"}, "used": {"pods": "3"}})
    limits = _object("usual", spec={"limits": [{"type": "Container", "default": {"cpu": "1"}}]})
    assert _told("namespaces", _object("shop"), resourcequotas=[quota], limitranges=[limits]) == {
        "Quota small": [("pods", "3 of 9")],
        "Limits of a Container, usual": [("cpu", "default limit 1")],
    }


def test_a_claim_tells_who_mounts_it() -> None:
    claim = _object("data")
    assert _told("persistentvolumeclaims", claim, pods=[_pod("a")]) == {"Used By": [("Pod", "a")]}
    assert _told("persistentvolumeclaims", claim, pods=[]) == {"Used By": [("Pod", "<none>")]}


@pytest.mark.parametrize("odd", [{}, {"spec": 7, "status": []}, {"endpoints": "x"}, {"status": {"allocatable": 3}}])
def test_odd_objects_are_never_an_error(odd: dict[str, Any]) -> None:
    others = {name: [_object("o", **odd)] for name in ("pods", "leases", "endpointslices", "replicasets")}
    for resource in ("nodes", "services", "deployments", "statefulsets", "persistentvolumeclaims"):
        describe_related(named(resource), _object("x", **odd), others)

"""Nodes, namespaces, quotas, events, rbac, admission and what else a cluster has, beyond the recordings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalog.kinds.printing import ago, cell, cells


def _node(ready: str | None = "True", *, unschedulable: bool = False) -> dict[str, Any]:
    conditions = [{"type": "MemoryPressure", "status": "False"}]
    if ready is not None:
        conditions.append({"type": "Ready", "status": ready})
    return {"spec": {"unschedulable": unschedulable}, "status": {"conditions": conditions}}


@pytest.mark.parametrize(
    ("node", "status"),
    [
        (_node(), "Ready"),
        (_node("False"), "NotReady"),
        (_node("Unknown"), "NotReady"),
        (_node(None), "Unknown"),
        (_node("False", unschedulable=True), "NotReady,SchedulingDisabled"),
    ],
)
def test_a_nodes_status(node: dict[str, Any], status: str) -> None:
    assert cell("nodes", "Status", node) == status


def test_a_nodes_roles() -> None:
    labels = {"node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/": "", "kubernetes.io/role": "edge"}
    assert cell("nodes", "Roles", {"metadata": {"labels": labels}}) == "edge,worker"
    assert cells("nodes", {})[1:] == ["<none>", "90s", "", "<none>", "<none>", "<unknown>", "<unknown>", "<unknown>"]


def test_a_quota() -> None:
    hard = {"pods": "50", "limits.cpu": "4", "requests.cpu": "2", "limits": "1"}
    obj = {"status": {"hard": hard, "used": {"pods": "6", "limits.cpu": "1"}}}
    assert cells("resourcequotas", obj) == ["limits: 0/1, pods: 6/50, requests.cpu: 0/2", "limits.cpu: 1/4", "90s"]


def test_events_prefer_the_series_and_fall_back_to_the_event_time() -> None:
    series = {"count": 9, "lastObservedTime": ago(10)}
    event = {
        "involvedObject": {"kind": "Node"},
        "eventTime": ago(300),
        "series": series,
        "reportingComponent": "sched",
        "source": {"component": "", "host": "h"},
        "message": " over\n",
        "type": "Warning",
        "reason": "Late",
    }
    seen = ["10s", "Warning", "Late", "node", "", "sched, h", "over", "5m", 9]
    assert cells("events", event) == seen
    bare = cells("events", {})
    assert (bare[0], bare[7], bare[8]) == ("<unknown>", "<unknown>", 1)


def test_events_of_the_newer_group() -> None:
    event = {
        "regarding": {"kind": "Pod", "name": "p", "fieldPath": "spec.containers{a}"},
        "note": "hello",
        "reportingController": "kubelet",
        "reportingInstance": "n1",
        "deprecatedCount": 3,
        "deprecatedFirstTimestamp": ago(400),
        "deprecatedLastTimestamp": ago(20),
        "type": "Normal",
        "reason": "Fine",
    }
    seen = ["20s", "Normal", "Fine", "pod/p", "spec.containers{a}", "kubelet, n1", "hello", "6m40s", 3]
    assert cells("events.k8s.io/v1/events", event) == seen


def test_bindings_sort_their_subjects_by_kind() -> None:
    subjects = [
        {"kind": "User", "name": "ann"},
        {"kind": "User", "name": "bob"},
        {"kind": "Group", "name": "ops"},
        {"kind": "ServiceAccount", "name": "sa", "namespace": "shop"},
        {"kind": "Alien", "name": "et"},
    ]
    obj = {"roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": subjects}
    assert cells("clusterrolebindings", obj) == ["ClusterRole/view", "90s", "ann, bob", "ops", "shop/sa"]


def test_admission() -> None:
    assert cells("mutatingwebhookconfigurations", {"webhooks": [{}, {}]}) == [2, "90s"]
    assert cells("validatingwebhookconfigurations", {"webhooks": None}) == [0, "90s"]
    spec = {"validations": [{}], "paramKind": {"apiVersion": "example.com/v1", "kind": "Limit"}}
    assert cells("validatingadmissionpolicies", {"spec": spec}) == [1, "example.com/v1/Limit", "90s"]
    assert cells("mutatingadmissionpolicies", {"spec": {"mutations": [{}, {}]}}) == [2, "<unset>", "90s"]


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (None, "<unset>"),
        ({}, "<unset>"),
        ({"name": "p", "namespace": "ns"}, "ns/p"),
        ({"name": "p"}, "*/p"),
        (
            {"selector": {"matchLabels": {"b": "2", "a": "1"}}},
            "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{},}",
        ),
    ],
)
def test_the_parameters_of_a_policy_binding(reference: Any, text: str) -> None:
    obj = {"spec": {"policyName": "policy", "paramRef": reference}}
    for name in ("validatingadmissionpolicybindings", "mutatingadmissionpolicybindings"):
        assert cells(name, obj) == ["policy", text, "90s"]


def _available(status: str, reason: str = "") -> dict[str, Any]:
    condition = {"type": "Available", "status": status, "reason": reason}
    return {
        "spec": {"service": {"namespace": "kube-system", "name": "metrics"}},
        "status": {"conditions": [{"type": "Other", "status": "True"}, condition]},
    }


def test_aggregated_services() -> None:
    assert cells("apiservices", {}) == ["Local", "Unknown", "90s"]
    assert cells("apiservices", _available("True", "Passed")) == ["kube-system/metrics", "True", "90s"]
    assert cell("apiservices", "Available", _available("False", "MissingEndpoints")) == "False (MissingEndpoints)"
    assert cell("apiservices", "Available", _available("False")) == "False"


def test_component_statuses() -> None:
    condition = {"type": "Healthy", "status": "False", "message": "m", "error": "e"}
    assert cells("componentstatuses", {"conditions": [condition]}) == ["Unhealthy", "m", "e"]
    assert cells("componentstatuses", {}) == ["Unknown", "", ""]


@pytest.mark.parametrize(
    ("types", "certificate", "text"),
    [
        ((), None, "Pending"),
        (("Approved",), None, "Approved"),
        (("Approved",), "LS0t", "Approved,Issued"),
        (("Approved", "Failed"), None, "Approved,Failed"),
        (("Denied",), None, "Denied"),
    ],
)
def test_signing_requests(types: tuple[str, ...], certificate: str | None, text: str) -> None:
    spec = {"signerName": "s", "username": "u", "expirationSeconds": 7200}
    status = {"conditions": [{"type": each} for each in types], "certificate": certificate}
    shown = cells("certificatesigningrequests", {"spec": spec, "status": status})
    assert shown == ["90s", "s", "u", "120m", text]
    assert cells("certificatesigningrequests", {})[1:4] == ["<none>", "", "<none>"]


def test_flow_control() -> None:
    spec = {
        "priorityLevelConfiguration": {"name": "global"},
        "matchingPrecedence": 50,
        "distinguisherMethod": {"type": "ByUser"},
    }
    dangling = {"conditions": [{"type": "Dangling", "status": "False"}]}
    assert cells("flowschemas", {"spec": spec, "status": dangling}) == ["global", 50, "ByUser", "90s", "False"]
    assert cells("flowschemas", {}) == ["", 1000, "<none>", "90s", "?"]
    queuing = {"queues": 128, "handSize": 6, "queueLengthLimit": 50}
    limited = {"nominalConcurrencyShares": 40, "limitResponse": {"type": "Queue", "queuing": queuing}}
    level = {"spec": {"type": "Limited", "limited": limited}}
    assert cells("prioritylevelconfigurations", level) == ["Limited", 40, 128, 6, 50, "90s"]
    exempt = cells("prioritylevelconfigurations", {"spec": {"type": "Exempt"}})
    assert exempt == ["Exempt", *["<none>"] * 4, "90s"]


def test_scheduling_leases_and_devices() -> None:
    assert cells("priorityclasses", {"value": -5, "globalDefault": True}) == [-5, True, "90s", "PreemptLowerPriority"]
    assert cells("runtimeclasses", {"handler": "kata"}) == ["kata", "90s"]
    assert cells("leases", {"spec": {"holderIdentity": "me"}}) == ["me", "90s"]
    assert cells("leases", {}) == ["", "90s"]
    spec = {"nodeName": "n", "driver": "d", "pool": {"name": "p", "generation": 1}}
    assert cells("resourceslices", {"spec": spec}) == ["n", "d", "p", "90s"]


@pytest.mark.parametrize(
    ("claim", "state"),
    [
        ({}, "pending"),
        ({"status": {"allocation": {}}}, "allocated"),
        ({"status": {"allocation": {}, "reservedFor": [{}]}}, "allocated,reserved"),
        ({"metadata": {"deletionTimestamp": ago(1)}}, "deleted"),
        ({"metadata": {"deletionTimestamp": ago(1)}, "status": {"allocation": {}}}, "deleted,allocated"),
    ],
)
def test_resource_claims(claim: dict[str, Any], state: str) -> None:
    assert cell("resourceclaims", "State", claim) == state

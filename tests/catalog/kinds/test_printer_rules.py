"""Rules of the server's printers that no recording of a living cluster shows, one case a rule."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.column import Level
from tests.catalog.kinds.printing import ago, cell, cells, kind_of


def _pod(*states: dict[str, Any], ready: bool | None = None, **spec: Any) -> dict[str, Any]:
    statuses = [
        {"name": f"c{place}", "ready": "running" in state, "restartCount": 0, "state": state}
        for place, state in enumerate(states)
    ]
    conditions = [] if ready is None else [{"type": "Ready", "status": str(ready)}]
    return {
        "spec": {"containers": [{"name": each["name"]} for each in statuses]} | spec,
        "status": {"phase": "Running", "containerStatuses": statuses, "conditions": conditions},
    }


DONE: dict[str, Any] = {"terminated": {"exitCode": 0, "reason": "Completed"}}
RUNS: dict[str, Any] = {"running": {}}
FAILED: dict[str, Any] = {"terminated": {"exitCode": 2, "reason": "Error"}}
KILLED: dict[str, Any] = {"terminated": {"exitCode": 137, "signal": 9}}


@pytest.mark.parametrize(
    ("pod", "status"),
    [
        # After a completion that has the last word: a ready pod runs, else a failure counts, else another that runs.
        (_pod(DONE, RUNS, ready=True), "Running"),
        (_pod(DONE, RUNS, FAILED, ready=True), "Running"),
        (_pod(DONE, RUNS, FAILED, ready=False), "Error"),
        (_pod(DONE, FAILED), "Error"),
        (_pod(DONE, KILLED, RUNS), "Signal:9"),
        (_pod(DONE, RUNS), "NotReady"),
        (_pod(DONE, DONE), "Completed"),
        # Of several failures, that of the container which stands first.
        (_pod(DONE, KILLED, FAILED), "Signal:9"),
        (_pod(FAILED, DONE), "Error"),
        # A second Ready condition counts as well.
        (
            _pod(DONE, RUNS)
            | {
                "status": _pod(DONE, RUNS)["status"]
                | {"conditions": [{"type": "Ready", "status": "False"}, {"type": "Ready", "status": "True"}]}
            },
            "Running",
        ),
    ],
)
def test_what_a_pod_with_a_completed_container_is(pod: dict[str, Any], status: str) -> None:
    assert cell("pods", "Status", pod) == status


def test_every_restartable_init_container_is_counted_and_of_one_name_the_last_policy_counts() -> None:
    doubled = [{"name": "s", "restartPolicy": "Always"}, {"name": "s", "restartPolicy": "Always"}]
    assert cell("pods", "Ready", _pod(RUNS, initContainers=doubled)) == "1/3"
    status = {"name": "s", "started": True, "ready": True, "restartCount": 7, "state": RUNS}
    pod = _pod(RUNS, initContainers=[{"name": "s", "restartPolicy": "Always"}, {"name": "s"}])
    pod["status"]["initContainerStatuses"] = [status]
    assert (cell("pods", "Ready", pod), cell("pods", "Status", pod), cell("pods", "Restarts", pod)) == (
        "0/2",
        "Init:0/2",
        "7",
    )


@pytest.mark.parametrize(
    ("conditions", "deleted", "status"),
    [
        (["SuccessCriteriaMet"], False, "SuccessCriteriaMet"),
        (["SuccessCriteriaMet", "Complete"], False, "Complete"),
        (["SuccessCriteriaMet", "FailureTarget"], False, "FailureTarget"),
        (["SuccessCriteriaMet", "Suspended"], False, "Suspended"),
        (["SuccessCriteriaMet"], True, "Terminating"),
        (["Failed", "Complete"], True, "Complete"),
        ([], False, "Running"),
    ],
)
def test_which_condition_of_a_job_counts(conditions: list[str], deleted: bool, status: str) -> None:
    job: dict[str, Any] = {"status": {"conditions": [{"type": each, "status": "True"} for each in conditions]}}
    if deleted:
        job["metadata"] = {"deletionTimestamp": ago(5)}
    assert cell("jobs", "Status", job) == status


def test_a_job_that_has_just_begun_is_not_badly_off() -> None:
    kind = kind_of("jobs")
    column = kind.columns[kind.column_index("Completions")]
    assert column.level("0/1") is Level.NONE
    assert column.level("3/3") is Level.GOOD
    orders = [column.order(text) for text in ("0/1 of 3", "1/4", "2/1 of 2")]
    assert orders == sorted(orders)


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ({"matchLabels": {"app": "web"}}, "app=web"),
        ({"matchLabels": {"app": ""}}, "app="),
        ({"matchLabels": {"app": "a b"}}, "<error>"),
        ({"matchLabels": {"": "a"}}, "<error>"),
        ({"matchLabels": {"-app": "a"}}, "<error>"),
        ({"matchLabels": {"Example.com/app": "a"}}, "<error>"),
        ({"matchLabels": {"example.com/app": "a"}}, "example.com/app=a"),
        ({"matchLabels": {"app": "x" * 64}}, "<error>"),
        ({"matchLabels": {"x" * 64: "a"}}, "<error>"),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": []}]}, "<error>"),
        ({"matchExpressions": [{"key": "app", "operator": "Exists", "values": ["a"]}]}, "<error>"),
        ({"matchExpressions": [{"key": "app", "operator": "Gt", "values": ["1"]}]}, "<error>"),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["b", "a", "b"]}]}, "app notin (a,b,b)"),
        ({}, "<none>"),
    ],
)
def test_selectors_that_are_none_are_errors(selector: dict[str, Any], text: str) -> None:
    assert cell("replicasets", "Selector", {"spec": {"selector": selector}}) == text
    invalid = {"<error>": "<invalid>", "<none>": ""}
    assert cell("deployments", "Selector", {"spec": {"selector": selector}}) == invalid.get(text, text)


def test_only_storage_classes_are_marked_as_the_default() -> None:
    annotations = {
        f"{kind}.kubernetes.io/is-default-class": "true" for kind in ("storageclass", "volumeattributesclass.alpha")
    }
    marked = {"metadata": {"annotations": annotations}}
    assert cell("storageclasses", "Name", marked) == "x (default)"
    assert cell("volumeattributesclasses", "Name", marked) == "x"


@pytest.mark.parametrize(
    ("owner", "text"),
    [
        ({"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent"}, "daemonset.apps/agent"),
        ({"apiVersion": "v1", "kind": "Thing", "name": "one"}, "thing/one"),
        ({"apiVersion": "v1", "kind": "", "name": "one"}, "one"),
        ({"apiVersion": "apps/v1", "kind": "", "name": "one"}, ".apps/one"),
    ],
)
def test_controllers_of_revisions(owner: dict[str, str], text: str) -> None:
    metadata = {"ownerReferences": [owner | {"uid": "u", "controller": True}]}
    assert cell("controllerrevisions", "Controller", {"metadata": metadata}) == text


def test_a_parent_without_a_resource_keeps_its_slash() -> None:
    reference = {"group": "", "resource": "", "namespace": "shop", "name": "web"}
    assert cells("ipaddresses", {"spec": {"parentRef": reference}}) == ["/shop/web"]
    assert cells("ipaddresses", {"spec": {"parentRef": reference | {"namespace": ""}}}) == ["/web"]


@pytest.mark.parametrize(
    ("service_type", "given", "own", "text"),
    [
        ("LoadBalancer", ["10.0.0.2", "10.0.0.1"], [], "10.0.0.1,10.0.0.2"),
        ("LoadBalancer", ["10.0.0.2"], ["1.1.1.1"], "10.0.0.2,1.1.1.1"),
        ("LoadBalancer", [], ["1.1.1.1"], "1.1.1.1"),
        ("LoadBalancer", [], [], "<pending>"),
        ("NodePort", ["10.0.0.2"], [], "<none>"),
        ("ClusterIP", [], ["1.1.1.1", "2.2.2.2"], "1.1.1.1,2.2.2.2"),
        ("Odd", [], ["1.1.1.1"], "<unknown>"),
    ],
)
def test_external_addresses(service_type: str, given: list[str], own: list[str], text: str) -> None:
    service = {
        "spec": {"type": service_type, "externalIPs": own},
        "status": {"loadBalancer": {"ingress": [{"ip": each} for each in given]}},
    }
    assert cell("services", "External-IP", service) == text

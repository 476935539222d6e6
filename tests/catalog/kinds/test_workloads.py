"""Workloads, jobs and autoscalers that the recordings do not show."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalog.kinds.printing import NOW, ago, cell, cells, kind_of

TEMPLATE = {"spec": {"containers": [{"name": "a", "image": "i:1"}, {"name": "b", "image": "j:2"}]}}


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        (None, ""),
        ({}, ""),
        ({"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2"),
        (
            {
                "matchLabels": {"m": "1"},
                "matchExpressions": [
                    {"key": "z", "operator": "In", "values": ["y", "x"]},
                    {"key": "n", "operator": "NotIn", "values": ["q"]},
                    {"key": "e", "operator": "Exists"},
                    {"key": "d", "operator": "DoesNotExist"},
                ],
            },
            "!d,e,m=1,n notin (q),z in (x,y)",
        ),
        ({"matchExpressions": [{"key": "a", "operator": "Near"}]}, "<invalid>"),
    ],
)
def test_a_deployments_selector(selector: Any, text: str) -> None:
    assert cell("deployments", "Selector", {"spec": {"selector": selector}}) == text


def test_other_selectors_say_when_they_are_empty_or_broken() -> None:
    assert cell("replicasets", "Selector", {"spec": {"selector": {}}}) == "<none>"
    broken = {"matchExpressions": [{"key": "a", "operator": "Near"}]}
    assert cell("daemonsets", "Selector", {"spec": {"selector": broken}}) == "<error>"


def test_a_replication_controller() -> None:
    obj = {
        "spec": {"replicas": 3, "selector": {"app": "x"}, "template": TEMPLATE},
        "status": {"replicas": 2, "readyReplicas": 1},
    }
    assert cells("replicationcontrollers", obj) == [3, 2, 1, "90s", "a,b", "i:1,j:2", "app=x"]
    assert cells("replicationcontrollers", {"spec": {"replicas": 0}}) == [0, 0, 0, "90s", "", "", "<none>"]


def test_replicas_default_to_one() -> None:
    assert cell("deployments", "Ready", {"spec": {}}) == "0/1"
    assert cell("statefulsets", "Ready", {"spec": {"replicas": 0}}) == "0/0"


def _job(*, conditions: tuple[str, ...] = (), metadata: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    return {
        "metadata": metadata or {},
        "status": {"conditions": [{"type": each, "status": "True"} for each in conditions]} | status,
    }


@pytest.mark.parametrize(
    ("job", "word"),
    [
        (_job(), "Running"),
        (_job(conditions=("Complete",)), "Complete"),
        (_job(conditions=("Failed", "FailureTarget")), "Failed"),
        (_job(conditions=("FailureTarget",)), "FailureTarget"),
        (_job(conditions=("Suspended",)), "Suspended"),
        (_job(conditions=("Suspended",), metadata={"deletionTimestamp": ago(1)}), "Terminating"),
        (_job(conditions=("Complete",), metadata={"deletionTimestamp": ago(1)}), "Complete"),
        ({"status": {"conditions": [{"type": "Complete", "status": "False"}]}}, "Running"),
    ],
)
def test_a_jobs_status(job: dict[str, Any], word: str) -> None:
    assert cell("jobs", "Status", job) == word


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"completions": 5}, "2/5"),
        ({"completions": 5, "parallelism": 9}, "2/5"),
        ({"parallelism": 3}, "2/1 of 3"),
        ({"parallelism": 1}, "2/1"),
        ({"parallelism": 0}, "2/1"),
        ({}, "2/1"),
    ],
)
def test_a_jobs_completions(spec: dict[str, Any], text: str) -> None:
    assert cell("jobs", "Completions", {"spec": spec, "status": {"succeeded": 2}}) == text


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ({}, ""),
        ({"startTime": ago(600)}, "10m"),
        ({"startTime": ago(600), "completionTime": ago(555)}, "45s"),
    ],
)
def test_a_jobs_duration(status: dict[str, Any], text: str) -> None:
    assert cell("jobs", "Duration", {"status": status}) == text


def test_finished_jobs_sort_by_duration_before_those_that_run() -> None:
    column = kind_of("jobs").columns[kind_of("jobs").column_index("Duration")]
    short, long = (NOW - 100, NOW - 90), (NOW - 500, NOW - 400)
    young, old = (NOW - 5, None), (NOW - 50, None)
    assert sorted([old, long, young, short], key=column.order) == [short, long, young, old]


def test_a_cron_job() -> None:
    obj = {
        "spec": {
            "schedule": "*/5 * * * *",
            "timeZone": "Europe/Berlin",
            "suspend": True,
            "jobTemplate": {"spec": {"template": TEMPLATE, "selector": {"matchLabels": {"a": "b"}}}},
        },
        "status": {"active": [{"name": "j"}], "lastScheduleTime": ago(200)},
    }
    schedule = ["*/5 * * * *", "Europe/Berlin", "True", 1, "3m20s", "90s"]
    assert cells("cronjobs", obj) == [*schedule, "a,b", "i:1,j:2", "a=b"]
    assert cells("cronjobs", {"spec": {"schedule": "@daily"}})[:6] == ["@daily", "<none>", "False", 0, "<none>", "90s"]


def _resource(name: str, **target: Any) -> dict[str, Any]:
    return {"type": "Resource", "resource": {"name": name, "target": target}}


def _measured(type_: str, **current: Any) -> dict[str, Any]:
    return {"type": type_[0].upper() + type_[1:], type_: {"current": current}}


@pytest.mark.parametrize(
    ("wanted", "measured", "text"),
    [
        ([], None, "<none>"),
        ([_resource("cpu", averageUtilization=60)], None, "cpu: <unknown>/60%"),
        ([_resource("cpu", averageUtilization=60)], [_measured("resource", averageUtilization=71)], "cpu: 71%/60%"),
        ([_resource("cpu")], [_measured("resource")], "cpu: <unknown>/<auto>"),
        ([_resource("memory", averageValue="1Gi")], [_measured("resource", averageValue="5Mi")], "memory: 5Mi/1Gi"),
        ([_resource("memory", averageValue="1Gi")], None, "memory: <unknown>/1Gi"),
        (
            [{"type": "ContainerResource", "containerResource": {"name": "cpu", "target": {"averageUtilization": 5}}}],
            [_measured("containerResource", averageUtilization=4)],
            "cpu: 4%/5%",
        ),
        (
            [{"type": "Pods", "pods": {"target": {"averageValue": "10"}}}],
            [_measured("pods", averageValue="3")],
            "3/10",
        ),
        ([{"type": "Object", "object": {"target": {"value": "10"}}}], [_measured("object", value="3")], "3/10"),
        (
            [{"type": "Object", "object": {"target": {"averageValue": "10"}}}],
            [_measured("object", averageValue="3")],
            "3/10 (avg)",
        ),
        ([{"type": "External", "external": {"target": {"averageValue": "9"}}}], [], "<unknown>/9 (avg)"),
        ([{"type": "External", "external": {"target": {"value": "9"}}}], [_measured("external", value="1")], "1/9"),
        ([{"type": "Strange"}], None, "<unknown type>"),
        (
            [_resource("a"), _resource("b"), _resource("c")],
            None,
            "a: <unknown>/<auto>, b: <unknown>/<auto> + 1 more...",
        ),
    ],
)
def test_what_an_autoscaler_aims_at(wanted: list[Any], measured: list[Any] | None, text: str) -> None:
    obj = {"spec": {"metrics": wanted}, "status": {"currentMetrics": measured}}
    assert cell("horizontalpodautoscalers", "Targets", obj) == text


def test_disruption_budgets_take_numbers_and_percentages() -> None:
    assert cells("poddisruptionbudgets", {"spec": {"minAvailable": 2}})[:2] == ["2", "N/A"]
    assert cells("poddisruptionbudgets", {"spec": {"maxUnavailable": "25%"}})[:2] == ["N/A", "25%"]


def test_controller_revisions_name_their_controller() -> None:
    owners: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Other", "name": "o", "uid": "1"},
        {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "uid": "2", "controller": True},
    ]
    obj = {"metadata": {"ownerReferences": owners}, "revision": 4}
    assert cells("controllerrevisions", obj) == ["statefulset.apps/db", 4, "90s"]
    owners[1]["apiVersion"] = "v1"
    assert cell("controllerrevisions", "Controller", obj) == "statefulset/db"
    assert cell("controllerrevisions", "Controller", {"revision": 4}) == "<none>"


def test_pod_templates() -> None:
    obj = {"template": TEMPLATE | {"metadata": {"labels": {"a": "b"}, "creationTimestamp": None}}}
    assert cells("podtemplates", obj) == ["a,b", "i:1,j:2", "a=b"]
    assert cells("podtemplates", {}) == ["", "", "<none>"]

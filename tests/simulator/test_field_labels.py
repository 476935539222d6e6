from __future__ import annotations

from typing import Any

import pytest

from kwatch.simulator.api_types import APIType
from kwatch.simulator.collection import field_labels
from kwatch.simulator.store import Store
from tests.simulator.objects import pod, widget_definition

STORE = Store()


def values(resource: str, obj: dict[str, Any]) -> dict[str, str]:
    api_type = STORE.types.stored(resource)
    assert api_type is not None
    return {each.label: each.read(obj) for each in field_labels(api_type)}


def test_pods() -> None:
    seed = pod("web")
    seed["status"]["podIPs"] = [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]
    assert values("pods", seed) == {
        "metadata.name": "web",
        "metadata.namespace": "shop",
        "spec.nodeName": "node-1",
        "spec.restartPolicy": "",
        "spec.schedulerName": "",
        "spec.serviceAccountName": "",
        "spec.hostNetwork": "false",
        "status.phase": "Running",
        "status.podIP": "",
        "status.podIPs": "10.0.0.1,fd00::1",
        "status.nominatedNodeName": "",
    }


@pytest.mark.parametrize(
    ("resource", "obj", "label", "value"),
    [
        ("nodes", {"spec": {"unschedulable": True}}, "spec.unschedulable", "true"),
        ("nodes", {"spec": {}}, "spec.unschedulable", "false"),
        ("events", {"involvedObject": {"name": "web"}}, "involvedObject.name", "web"),
        ("events", {"source": {"component": "kubelet"}}, "source", "kubelet"),
        ("jobs.batch", {"status": {"succeeded": 3}}, "status.successful", "3"),
        ("secrets", {"type": "Opaque"}, "type", "Opaque"),
        ("namespaces", {}, "status.phase", ""),
    ],
)
def test_others(resource: str, obj: dict[str, Any], label: str, value: str) -> None:
    assert values(resource, obj)[label] == value


def test_a_definition_may_add_some() -> None:
    definition = widget_definition()
    definition["spec"]["versions"][0]["selectableFields"] = [{"jsonPath": ".spec.color"}]
    store = Store()
    store.create(definition, manager="test")
    api_type = store.types.find("example.com", "v1", "widgets")
    assert isinstance(api_type, APIType)
    assert [each.label for each in field_labels(api_type)] == ["metadata.name", "metadata.namespace", "spec.color"]

from __future__ import annotations

from typing import Any

from tests.simulator.client import get
from tests.simulator.conftest import Serve

EVENT: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Event",
    "metadata": {"name": "web.1", "namespace": "shop"},
    "involvedObject": {"kind": "Pod", "name": "web"},
    "reason": "Started",
    "message": "Started container",
    "count": 3,
    "type": "Normal",
}
AUTOSCALER: dict[str, Any] = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {
        "maxReplicas": 5,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 60}}}],
    },
    "status": {"currentMetrics": [{"resource": {"name": "cpu", "current": {"averageUtilization": 41}}}]},
}


def test_events_in_both_groups(serve: Serve) -> None:
    server = serve(EVENT)
    _, page = get(server.url, "/apis/events.k8s.io/v1/namespaces/shop/events")
    [event] = page["items"]
    assert page["apiVersion"] == "events.k8s.io/v1"
    assert (event["note"], event["regarding"]["name"], event["deprecatedCount"]) == ("Started container", "web", 3)
    assert "message" not in event and "kind" not in event
    _, one = get(server.url, "/apis/events.k8s.io/v1/namespaces/shop/events/web.1")
    assert one["apiVersion"] == "events.k8s.io/v1"
    assert get(server.url, "/api/v1/namespaces/shop/events/web.1")[1]["message"] == "Started container"


def test_autoscalers_in_both_versions(serve: Serve) -> None:
    server = serve(AUTOSCALER)
    _, old = get(server.url, "/apis/autoscaling/v1/namespaces/shop/horizontalpodautoscalers/web")
    assert old["apiVersion"] == "autoscaling/v1"
    assert old["spec"] == {"maxReplicas": 5, "targetCPUUtilizationPercentage": 60}
    assert old["status"] == {"currentCPUUtilizationPercentage": 41}

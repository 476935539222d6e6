from __future__ import annotations

from typing import Any

from tests.simulator.client import get, send
from tests.simulator.conftest import Serve

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"replicas": 2, "selector": {"matchLabels": {"tier": "front", "app": "web"}}},
    "status": {"replicas": 1},
}
PLACE = "/apis/apps/v1/namespaces/shop/deployments/web"
MERGE = "application/merge-patch+json"


def test_get(serve: Serve) -> None:
    status, scale = get(serve(DEPLOYMENT).url, f"{PLACE}/scale")
    assert status == 200
    assert (scale["kind"], scale["apiVersion"]) == ("Scale", "autoscaling/v1")
    assert scale["spec"] == {"replicas": 2}
    assert scale["status"] == {"replicas": 1, "selector": "app=web,tier=front"}


def test_patch_and_update(serve: Serve) -> None:
    server = serve(DEPLOYMENT)
    status, scale = send(server.url, "PATCH", f"{PLACE}/scale", {"spec": {"replicas": 5}}, MERGE)
    assert (status, scale["spec"]) == (200, {"replicas": 5})
    deployment = get(server.url, PLACE)[1]
    assert (deployment["spec"]["replicas"], deployment["metadata"]["generation"]) == (5, 2)
    assert deployment["metadata"]["managedFields"][-1]["subresource"] == "scale"
    assert send(server.url, "PUT", f"{PLACE}/scale", {**scale, "spec": {"replicas": 0}})[1]["spec"] == {"replicas": 0}


def test_refusals(serve: Serve) -> None:
    server = serve(DEPLOYMENT)
    assert send(server.url, "PATCH", f"{PLACE}/scale", {"spec": {"replicas": -1}}, MERGE)[0] == 400
    assert send(server.url, "PATCH", f"{PLACE.replace('web', 'nosuch')}/scale", {}, MERGE)[0] == 404

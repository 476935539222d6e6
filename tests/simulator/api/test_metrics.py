from __future__ import annotations

import pytest

from kwatch.simulator.store import Store
from tests.simulator.client import get
from tests.simulator.conftest import Serve
from tests.simulator.objects import pod
from tests.simulator.simulator_server import UsageByRequests, parse_quantity

METRICS = "/apis/metrics.k8s.io/v1beta1"
NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}


@pytest.mark.parametrize(
    ("text", "value"), [("250m", 0.25), ("2", 2.0), (3, 3.0), ("1Gi", 2.0**30), ("64Mi", 2.0**26), ("1500n", 1.5e-6)]
)
def test_quantities(text: str, value: float) -> None:
    assert parse_quantity(text) == pytest.approx(value)


def test_usage_follows_requests_and_time_alone() -> None:
    now = [1000.0]
    store = Store(clock=lambda: now[0])
    asking = pod("a")
    asking["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "1", "memory": "1Gi"}}
    store.create(asking, manager="test")
    usage = UsageByRequests(store)
    used = usage.usage("shop", "a")["web"]
    assert used == usage.usage("shop", "a")["web"]
    assert 0.1 < used.cpu < 1.5 and 2**28 < used.memory < 2**31
    assert usage.node_usage("node-1").cpu > used.cpu
    now[0] += 200
    assert used != usage.usage("shop", "a")["web"]
    with pytest.raises(LookupError):
        usage.usage("shop", "nosuch")


def test_pods_and_nodes(serve: Serve) -> None:
    waiting = pod("b")
    waiting["status"]["phase"] = "Pending"
    server = serve(NODE, pod("a", app="web"), waiting, pod("c", "other"))
    _, pods = get(server.url, f"{METRICS}/namespaces/shop/pods")
    [metrics] = pods["items"]
    assert (pods["kind"], metrics["metadata"]["name"]) == ("PodMetricsList", "a")
    [container] = metrics["containers"]
    assert container["name"] == "web" and container["usage"]["cpu"].endswith("n")
    _, nodes = get(server.url, f"{METRICS}/nodes")
    assert [item["metadata"]["name"] for item in nodes["items"]] == ["node-1"]
    assert get(server.url, f"{METRICS}/nodes/node-1")[1]["kind"] == "NodeMetrics"
    assert get(server.url, f"{METRICS}/nodes/nosuch")[0] == 404
    assert len(get(server.url, f"{METRICS}/pods?labelSelector=app%3Dweb")[1]["items"]) == 1

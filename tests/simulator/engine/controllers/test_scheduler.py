from __future__ import annotations

from collections import Counter

from kwatch.simulator.engine import shapes
from kwatch.simulator.engine.objects import find_condition
from kwatch.simulator.scenario.spec import Workload
from tests.simulator.engine.controllers.small_cluster import SmallCluster


def _with(workload: Workload, workers: int = 3) -> SmallCluster:
    cluster = SmallCluster(workload, workers=workers)
    cluster.world.create(shapes.workload_object(workload), "argocd-controller")
    return cluster


def test_pods_of_an_app_are_spread_over_the_nodes() -> None:
    cluster = _with(Workload("cart", "shop", "cart:1", replicas=6), workers=3)
    cluster.run(40.0)
    assert set(Counter(pod["spec"]["nodeName"] for pod in cluster.pods()).values()) == {2}


def test_cordoned_nodes_get_no_pods() -> None:
    cluster = SmallCluster(workers=3)
    cluster.control.nodes.cordon("worker-2")
    cluster.world.create(shapes.workload_object(Workload("cart", "shop", "cart:1", replicas=4)), "argocd-controller")
    cluster.run(40.0)
    assert {pod["spec"]["nodeName"] for pod in cluster.pods()} == {"worker-1", "worker-3"}


def test_what_fits_nowhere_stays_pending_and_says_why_until_it_fits() -> None:
    cluster = _with(Workload("cart", "shop", "cart:1", memory="900Gi"))
    cluster.run(30.0)
    (pod,) = cluster.pods()
    scheduled = find_condition(pod["status"]["conditions"], "PodScheduled")
    assert scheduled is not None
    assert scheduled["reason"] == "Unschedulable"
    assert scheduled["message"].startswith("0/3 nodes are available: 3 Insufficient memory.")
    (event,) = [each for each in cluster.store.list("events") if each["reason"] == "FailedScheduling"]
    assert event["series"]["count"] >= 3
    for name in ("worker-1", "worker-2", "worker-3"):
        node = cluster.get("nodes", name, "")
        allocatable = {**node["status"]["allocatable"], "memory": "999Gi"}
        cluster.world.update({**node, "status": {**node["status"], "allocatable": allocatable}}, "kubelet", "status")
    cluster.run(40.0)
    assert cluster.pods()[0]["spec"]["nodeName"]


def test_binding_is_no_change_of_the_spec() -> None:
    cluster = _with(Workload("cart", "shop", "cart:1"))
    cluster.run(40.0)
    (pod,) = cluster.pods()
    assert pod["metadata"]["generation"] == 1
    assert pod["status"]["observedGeneration"] == 1
    assert any(entry["manager"] == "kube-scheduler" for entry in pod["metadata"]["managedFields"])

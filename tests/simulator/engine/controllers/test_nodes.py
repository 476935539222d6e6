from __future__ import annotations

from kwatch.simulator.engine import shapes
from kwatch.simulator.engine.objects import find_condition, is_true
from kwatch.simulator.engine.services import EndpointsController
from kwatch.simulator.scenario.spec import Workload
from tests.simulator.engine.controllers.small_cluster import SmallCluster

CART = Workload("cart", "shop", "cart:1", replicas=3, min_available=2)


def _cluster() -> SmallCluster:
    cluster = SmallCluster(CART)
    made = cluster.world.create(shapes.service(CART, 20), "argocd-controller")
    cluster.world.create(shapes.endpoint_slice(made, "x7k2p"), "kube-controller-manager")
    cluster.world.create(shapes.endpoints(made), "kube-controller-manager")
    budget = cluster.world.create(shapes.disruption_budget(CART), "argocd-controller")
    cluster.control.disruption.watch(budget)
    cluster.world.create(shapes.workload_object(CART), "argocd-controller")
    cluster.run(60.0)
    return cluster


def test_endpoints_follow_the_ready_pods() -> None:
    cluster = _cluster()
    assert isinstance(cluster.control.endpoints, EndpointsController)
    endpoint_slice = cluster.get("endpointslices.discovery.k8s.io", "cart-x7k2p")
    addresses = {each["addresses"][0] for each in endpoint_slice["endpoints"] if each["conditions"]["ready"]}
    assert addresses == {pod["status"]["podIP"] for pod in cluster.pods()}
    assert len(cluster.get("endpoints", "cart")["subsets"][0]["addresses"]) == 3
    cluster.control.kubelet.flap(cluster.pods()[0], 20.0, "refused")
    cluster.run(6.0)
    (subset,) = cluster.get("endpoints", "cart")["subsets"]
    assert (len(subset["addresses"]), len(subset["notReadyAddresses"])) == (2, 1)


def test_a_budget_counts_and_forbids() -> None:
    cluster = _cluster()
    budget = cluster.get("poddisruptionbudgets.policy", "cart")
    assert budget["status"]["disruptionsAllowed"] == 1
    assert cluster.control.disruption.allows(cluster.pods()[0])
    cluster.control.pods.evict(cluster.pods()[0], "kube-apiserver", "evicted")
    assert not cluster.control.disruption.allows(cluster.pods()[1])
    cluster.run(40.0)
    assert cluster.control.disruption.allows(cluster.pods()[1])


def test_a_lost_node_takes_its_pods_readiness_and_gives_it_back() -> None:
    cluster = _cluster()
    kubelet, nodes = cluster.control.kubelet, cluster.control.nodes
    kubelet.silent.add("worker-1")
    nodes.lose("worker-1")
    node = cluster.get("nodes", "worker-1", "")
    ready = find_condition(node["status"]["conditions"], "Ready")
    assert ready is not None
    assert (ready["status"], ready["reason"]) == ("Unknown", "NodeStatusUnknown")
    assert {taint["effect"] for taint in node["spec"]["taints"]} == {"NoSchedule", "NoExecute"}
    here = [pod for pod in cluster.pods() if pod["spec"]["nodeName"] == "worker-1"]
    assert here
    assert not any(is_true(pod["status"]["conditions"], "Ready") for pod in here)
    kubelet.silent.clear()
    nodes.find("worker-1")
    for pod in here:
        kubelet.report_again(pod)
    assert all(is_true(pod["status"]["conditions"], "Ready") for pod in cluster.pods())
    assert "taints" not in cluster.get("nodes", "worker-1", "")["spec"]


def test_cordon_and_uncordon_leave_nothing_behind() -> None:
    cluster = _cluster()
    before = cluster.get("nodes", "worker-1", "")["spec"]
    cluster.control.nodes.cordon("worker-1")
    assert cluster.get("nodes", "worker-1", "")["spec"]["unschedulable"]
    cluster.control.nodes.uncordon("worker-1")
    assert cluster.get("nodes", "worker-1", "")["spec"] == before

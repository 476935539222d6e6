from __future__ import annotations

from kwatch.simulator.engine import shapes
from kwatch.simulator.engine.objects import find_condition
from kwatch.simulator.scenario.spec import Workload
from tests.simulator.engine.controllers.small_cluster import SmallCluster

WEB = Workload("web", "shop", "web:1", replicas=3, cpu="100m", autoscale=(2, 8, 60))
KEY = ("shop", "web")


def _cluster() -> SmallCluster:
    cluster = SmallCluster(WEB)
    cluster.world.create(shapes.workload_object(WEB), "argocd-controller")
    cluster.world.create(shapes.autoscaler(WEB), "argocd-controller")
    cluster.control.usage.baseline[KEY] = 3
    cluster.world.spawn(cluster.control.autoscalers.keep(KEY))
    cluster.run(60.0)
    return cluster


def test_it_follows_the_load_up_and_down() -> None:
    cluster = _cluster()
    cluster.control.usage.demand[KEY] = 3.0
    cluster.run(90.0)
    up = cluster.get("deployments.apps", "web")["spec"]["replicas"]
    assert 5 <= up <= 8
    cluster.control.usage.demand[KEY] = 0.7
    cluster.run(240.0)
    assert 2 <= cluster.get("deployments.apps", "web")["spec"]["replicas"] < up
    reasons = [each["reason"] for each in cluster.store.list("events")]
    assert "SuccessfulRescale" in reasons


def test_its_status_tells_what_it_measured() -> None:
    cluster = _cluster()
    status = cluster.get("horizontalpodautoscalers.autoscaling", "web")["status"]
    current = status["currentMetrics"][0]["resource"]["current"]
    assert 20 <= current["averageUtilization"] <= 90
    assert status["currentReplicas"] == cluster.get("deployments.apps", "web")["spec"]["replicas"]
    for kind in ("AbleToScale", "ScalingActive", "ScalingLimited"):
        assert find_condition(status["conditions"], kind)

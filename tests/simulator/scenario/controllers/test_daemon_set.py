from __future__ import annotations

from kwatch.simulator.scenario.inventory.workload import Workload
from kwatch.simulator.scenario.objects.conditions import is_true
from kwatch.simulator.scenario.objects.stateful_set import daemon_set
from kwatch.simulator.scenario.story.people import People
from tests.simulator.scenario.controllers.small_cluster import SmallCluster

AGENT = Workload("agent", "shop", "agent:1.0.0", kind="DaemonSet")


def test_every_node_has_one_pod_and_an_update_replaces_one_after_the_other() -> None:
    cluster = SmallCluster(AGENT, workers=4)
    cluster.world.create(daemon_set(AGENT), "helm")
    cluster.run(60.0)
    assert sorted(pod["spec"]["nodeName"] for pod in cluster.pods()) == [f"worker-{n}" for n in range(1, 5)]
    assert cluster.get("daemonsets.apps", "agent")["status"]["numberReady"] == 4
    People(cluster.world).deploy(("shop", "agent"), "agent:1.1.0", resource="daemonsets.apps")
    for _ in range(300):
        cluster.run(0.5)
        assert sum(is_true(pod["status"].get("conditions", ()), "Ready") for pod in cluster.pods()) >= 3
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.pods()} == {"agent:1.1.0"}
    assert cluster.get("daemonsets.apps", "agent")["status"]["updatedNumberScheduled"] == 4

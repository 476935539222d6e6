from __future__ import annotations

from kwatch.simulator.engine.control_plane import Operators
from kwatch.simulator.engine.objects import is_true
from kwatch.simulator.engine.shapes import workload_object
from kwatch.simulator.scenario.spec import Workload
from tests.simulator.engine.controllers.small_cluster import SmallCluster

AGENT = Workload("agent", "shop", "agent:1.0.0", kind="DaemonSet")


def test_every_node_has_one_pod_and_an_update_replaces_one_after_the_other() -> None:
    cluster = SmallCluster(AGENT, workers=4)
    cluster.world.create(workload_object(AGENT), "helm")
    cluster.run(60.0)
    assert sorted(pod["spec"]["nodeName"] for pod in cluster.pods()) == [f"worker-{n}" for n in range(1, 5)]
    assert cluster.get("daemonsets.apps", "agent")["status"]["numberReady"] == 4
    Operators(cluster.world).deploy(("shop", "agent"), "agent:1.1.0", resource="daemonsets.apps")
    for _ in range(300):
        cluster.run(0.5)
        assert sum(is_true(pod["status"].get("conditions", ()), "Ready") for pod in cluster.pods()) >= 3
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.pods()} == {"agent:1.1.0"}
    assert cluster.get("daemonsets.apps", "agent")["status"]["updatedNumberScheduled"] == 4

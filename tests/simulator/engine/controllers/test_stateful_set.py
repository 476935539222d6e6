from __future__ import annotations

from kwatch.simulator.engine.control_plane import Operators
from kwatch.simulator.engine.objects import is_true
from kwatch.simulator.engine.shapes import REVISION_HASH, workload_object
from kwatch.simulator.scenario.spec import Workload
from tests.simulator.engine.controllers.small_cluster import SmallCluster

REDIS = Workload("redis", "shop", "redis:8.2.1", kind="StatefulSet", replicas=3, claim="8Gi", service="headless")


def _deployed() -> SmallCluster:
    cluster = SmallCluster(REDIS)
    cluster.world.create(workload_object(REDIS), "argocd-controller")
    cluster.run(120.0)
    return cluster


def test_pods_come_in_order_each_with_its_own_volume() -> None:
    cluster = _deployed()
    pods = sorted(cluster.pods(), key=lambda pod: str(pod["metadata"]["name"]))
    assert [pod["metadata"]["name"] for pod in pods] == ["redis-0", "redis-1", "redis-2"]
    born = [int(pod["metadata"]["resourceVersion"]) for pod in pods]
    assert born == sorted(born)
    for pod in pods:
        claim = cluster.get("persistentvolumeclaims", f"data-{pod['metadata']['name']}")
        assert claim["status"]["phase"] == "Bound"
        volume = cluster.get("persistentvolumes", claim["spec"]["volumeName"], "")
        assert volume["spec"]["claimRef"]["uid"] == claim["metadata"]["uid"]
    assert cluster.get("statefulsets.apps", "redis")["status"]["readyReplicas"] == 3


def test_an_update_goes_from_the_last_to_the_first_one_at_a_time() -> None:
    cluster = _deployed()
    deleted: list[str] = []
    cluster.store.observers.append(
        lambda change, old, new: (
            deleted.append(new["metadata"]["name"]) if change == "DELETED" and new["kind"] == "Pod" else None
        )
    )
    Operators(cluster.world).restart("statefulsets.apps", ("shop", "redis"))
    for _ in range(240):
        cluster.run(0.5)
        ready = [pod for pod in cluster.pods() if is_true(pod["status"].get("conditions", ()), "Ready")]
        assert len(ready) >= 2
    assert deleted == ["redis-2", "redis-1", "redis-0"]
    status = cluster.get("statefulsets.apps", "redis")["status"]
    assert status["currentRevision"] == status["updateRevision"]
    assert {pod["metadata"]["labels"][REVISION_HASH] for pod in cluster.pods()} == {status["updateRevision"]}
    assert len(cluster.store.list("controllerrevisions.apps")) == 2

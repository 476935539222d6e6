from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.simulator.engine import rollouts, shapes
from kwatch.simulator.engine.control_plane import Operators
from kwatch.simulator.engine.objects import find_condition, is_terminating, is_true
from kwatch.simulator.engine.rollouts import is_complete
from kwatch.simulator.scenario.spec import Workload
from tests.simulator.engine.controllers.small_cluster import SmallCluster

KEY = ("shop", "cart")


def _workload(replicas: int = 3, surge: int | str = "25%", unavailable: int | str = "25%") -> Workload:
    return Workload(
        "cart",
        "shop",
        "registry.example/cart:1.0.0",
        replicas=replicas,
        max_surge=surge,
        max_unavailable=unavailable,
    )


def _deployed(workload: Workload) -> tuple[SmallCluster, Operators]:
    cluster = SmallCluster(workload)
    cluster.world.create(shapes.workload_object(workload), "argocd-controller")
    cluster.run(60.0)
    return cluster, Operators(cluster.world)


def test_a_new_deployment_gets_a_replica_set_named_after_its_template() -> None:
    cluster, _ = _deployed(_workload())
    (replica_set,) = cluster.store.list("replicasets.apps")
    deployment = cluster.get("deployments.apps", "cart")
    assert replica_set["metadata"]["name"] == f"cart-{rollouts.hash_of(deployment)}"
    assert replica_set["metadata"]["annotations"][rollouts.REVISION] == "1"
    assert deployment["status"]["readyReplicas"] == 3
    assert is_complete(deployment)
    assert all(pod["metadata"]["name"].startswith(replica_set["metadata"]["name"] + "-") for pod in cluster.pods())


percentages = st.sampled_from(["0%", "25%", "50%", "100%"])


@settings(max_examples=12)
@given(st.integers(1, 7), st.one_of(st.integers(1, 3), percentages), st.one_of(st.integers(0, 3), percentages))
def test_a_rollout_never_exceeds_surge_nor_unavailability(
    replicas: int, surge: int | str, unavailable: int | str
) -> None:
    cluster, people = _deployed(_workload(replicas, surge, unavailable))
    deployment = cluster.get("deployments.apps", "cart")
    most = replicas + rollouts.max_surge(deployment)
    least = replicas - rollouts.max_unavailable(deployment)
    people.deploy(KEY, "registry.example/cart:1.1.0")
    for _ in range(400):
        cluster.run(0.5)
        active = [pod for pod in cluster.pods() if not is_terminating(pod)]
        ready = [pod for pod in active if is_true(pod["status"].get("conditions", ()), "Ready")]
        assert len(active) <= most
        assert len(ready) >= least
        if is_complete(cluster.get("deployments.apps", "cart")):
            break
    assert {pod["spec"]["containers"][0]["image"] for pod in active} == {"registry.example/cart:1.1.0"}
    assert cluster.get("deployments.apps", "cart")["metadata"]["annotations"][rollouts.REVISION] == "2"


def test_a_rollout_that_makes_no_progress_says_so_and_an_undo_heals_it() -> None:
    cluster, people = _deployed(_workload())
    cluster.control.images.missing.add("registry.example/cart:9.9.9")
    people.deploy(KEY, "registry.example/cart:9.9.9")
    cluster.run(150.0)
    progressing = find_condition(cluster.get("deployments.apps", "cart")["status"]["conditions"], "Progressing")
    assert progressing is not None
    assert progressing["reason"] == "ProgressDeadlineExceeded"
    assert progressing["status"] == "False"
    people.undo(KEY)
    cluster.run(60.0)
    healed = cluster.get("deployments.apps", "cart")
    assert is_complete(healed)
    assert healed["metadata"]["annotations"][rollouts.REVISION] == "3"
    assert len(cluster.store.list("replicasets.apps")) == 2


def test_only_so_many_old_replica_sets_are_kept() -> None:
    cluster, people = _deployed(_workload(1))
    for minor in range(1, 10):
        people.deploy(KEY, f"registry.example/cart:1.{minor}.0")
        cluster.run(60.0)
    sets = cluster.store.list("replicasets.apps")
    assert len(sets) == 6
    assert max(rollouts.revision_of(each) for each in sets) == 10
    assert len(cluster.pods()) == 1


def test_scaling_keeps_the_replica_set() -> None:
    cluster, people = _deployed(_workload(2))
    people.scale("deployments.apps", KEY, 5)
    cluster.run(60.0)
    assert len(cluster.pods()) == 5
    people.scale("deployments.apps", KEY, 0)
    cluster.run(60.0)
    assert not cluster.pods()
    assert len(cluster.store.list("replicasets.apps")) == 1

from __future__ import annotations

from itertools import pairwise

import pytest

from kwatch.simulator.engine import shapes
from kwatch.simulator.engine.pod_status import back_off
from kwatch.simulator.engine.programs import Flaw
from kwatch.simulator.scenario.spec import Workload
from tests.simulator.engine.controllers.small_cluster import SmallCluster

CART = Workload("cart", "shop", "cart:1", replicas=1)


@pytest.mark.parametrize(("restarts", "seconds"), [(1, 10), (2, 20), (3, 40), (5, 160), (6, 300), (60, 300)])
def test_the_back_off_doubles_up_to_five_minutes(restarts: int, seconds: float) -> None:
    assert back_off(restarts) == seconds


def test_a_crash_loop_restarts_ever_more_rarely() -> None:
    cluster = SmallCluster(CART)
    cluster.control.images.flaws["cart:1"] = Flaw(runs=(1.0, 1.0))
    cluster.world.create(shapes.workload_object(CART), "argocd-controller")
    restarted: list[tuple[int, float]] = []
    for _ in range(900):
        cluster.run(0.5)
        for pod in cluster.pods():
            for status in pod["status"].get("containerStatuses", ()):
                if not restarted or status["restartCount"] > restarted[-1][0]:
                    restarted.append((status["restartCount"], cluster.clock.now))
    counts = [count for count, _ in restarted]
    assert counts == list(range(counts[-1] + 1))
    assert counts[-1] >= 5
    gaps = [later - earlier for (_, earlier), (_, later) in pairwise(restarted[1:])]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 6 * gaps[0]
    backed_off = [each for each in cluster.store.list("events") if each["reason"] == "BackOff"]
    assert len(backed_off) == 1
    assert backed_off[0]["count"] > 5


def test_a_single_crash_is_restarted_at_once_and_remembered() -> None:
    cluster = SmallCluster(CART)
    cluster.world.create(shapes.workload_object(CART), "argocd-controller")
    cluster.run(30.0)
    cluster.control.kubelet.crash(cluster.pods()[0], Flaw((0.0, 0.0), exit_code=137, reason="OOMKilled"))
    cluster.run(20.0)
    (status,) = cluster.pods()[0]["status"]["containerStatuses"]
    assert status["restartCount"] == 1
    assert status["ready"]
    assert status["lastState"]["terminated"]["reason"] == "OOMKilled"
    assert status["lastState"]["terminated"]["exitCode"] == 137

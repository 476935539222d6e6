from __future__ import annotations

from kwatch.simulator.engine import shapes
from kwatch.simulator.engine.objects import is_true
from kwatch.simulator.scenario.spec import Part, Workload
from tests.simulator.engine.controllers.small_cluster import SmallCluster

CART = Workload(
    "cart",
    "shop",
    "cart:1",
    replicas=1,
    init=(Part("migrate", "migrate:1"),),
    sidecars=(Part("otel-agent", "otel:1", port=4317, native=True), Part("proxy", "proxy:1")),
)


def _reasons(cluster: SmallCluster) -> list[str]:
    return [each["reason"] for each in cluster.store.list("events") if each["involvedObject"]["kind"] == "Pod"]


def test_a_pod_comes_up_in_order() -> None:
    cluster = SmallCluster(CART)
    phases: list[str] = []
    ready: list[str] = []

    def note(change: str, old: object, new: dict[str, object]) -> None:
        if new["kind"] == "Pod":
            status = cluster.get("pods", new["metadata"]["name"])["status"]  # type: ignore[index]
            waiting = [each["state"].get("waiting", {}).get("reason") for each in status.get("containerStatuses", ())]
            phases.append(f"{status['phase']} {waiting[0] if waiting else None}")
            ready.append(str(is_true(status.get("conditions", ()), "Ready")))

    cluster.store.observers.append(note)
    cluster.world.create(shapes.workload_object(CART), "argocd-controller")
    cluster.run(60.0)
    assert list(dict.fromkeys(phases)) == ["Pending None", "Pending PodInitializing", "Running None"]
    assert list(dict.fromkeys(ready)) == ["False", "True"]
    pod = cluster.pods()[0]
    init = {each["name"]: each for each in pod["status"]["initContainerStatuses"]}
    assert init["migrate"]["state"]["terminated"]["exitCode"] == 0
    assert "running" in init["otel-agent"]["state"]
    assert [each["name"] for each in pod["status"]["containerStatuses"]] == ["cart", "proxy"]
    assert _reasons(cluster)[0] == "Scheduled"
    assert _reasons(cluster).count("Started") == 4


def test_a_deleted_pod_is_first_told_and_then_gone() -> None:
    cluster = SmallCluster(CART)
    cluster.world.create(shapes.workload_object(CART), "argocd-controller")
    cluster.run(60.0)
    victim = cluster.pods()[0]
    cluster.control.pods.delete(victim)
    going = cluster.get("pods", victim["metadata"]["name"])
    assert going["metadata"]["deletionGracePeriodSeconds"] == 30
    assert going["metadata"]["deletionTimestamp"] > going["metadata"]["creationTimestamp"]
    cluster.run(30.0)
    assert cluster.store.get("pods", victim["metadata"]["name"], "shop") is None
    assert "Killing" in _reasons(cluster)


def test_a_silent_kubelet_neither_starts_nor_stops() -> None:
    cluster = SmallCluster(CART, workers=1)
    cluster.control.kubelet.silent.add("worker-1")
    cluster.world.create(shapes.workload_object(CART), "argocd-controller")
    cluster.run(60.0)
    assert "containerStatuses" not in cluster.pods()[0]["status"]
    cluster.control.kubelet.silent.clear()
    cluster.run(60.0)
    assert is_true(cluster.pods()[0]["status"]["conditions"], "Ready")


def test_an_image_that_cannot_be_pulled_is_tried_again_until_it_is_there() -> None:
    cluster = SmallCluster(CART)
    cluster.control.images.missing.add("cart:1")
    cluster.world.create(shapes.workload_object(CART), "argocd-controller")
    seen: set[str] = set()
    for _ in range(600):
        cluster.run(0.1)
        for pod in cluster.pods():
            for status in pod["status"].get("containerStatuses", ())[:1]:
                seen.add(status["state"].get("waiting", {}).get("reason", ""))
    assert {"ErrImagePull", "ImagePullBackOff"} <= seen
    cluster.control.images.missing.clear()
    cluster.run(120.0)
    assert is_true(cluster.pods()[0]["status"]["conditions"], "Ready")


def test_a_failing_probe_makes_a_pod_unready_for_a_while() -> None:
    cluster = SmallCluster(CART)
    cluster.world.create(shapes.workload_object(CART), "argocd-controller")
    cluster.run(60.0)
    cluster.control.kubelet.flap(cluster.pods()[0], 10.0, "HTTP probe failed with statuscode: 503")
    cluster.run(5.0)
    assert not is_true(cluster.pods()[0]["status"]["conditions"], "Ready")
    cluster.run(15.0)
    assert is_true(cluster.pods()[0]["status"]["conditions"], "Ready")
    (event,) = [each for each in cluster.store.list("events") if each["reason"] == "Unhealthy"]
    assert event["count"] == 2

from __future__ import annotations

import gc
import json
import sys
import threading
import tracemalloc
from typing import Any

import pytest

from kwatch.catalog.names import ResourceNames
from kwatch.informer.clock import SystemClock
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.session.metrics import PACE, UsageFeed, UsagePool, UsageShare, open_usage
from kwatch.view.usage import Amount
from tests.query.cluster import FakeClock
from tests.session.fake_cluster import NODES, PODS

METERED = Resource(
    GroupVersionResource("metrics.k8s.io", "v1beta1", "pods"), "PodMetrics", True, verbs=frozenset({"get"})
)


def item(name: str, *containers: tuple[str, str], window: str = "15s") -> dict[str, Any]:
    usages = [
        {"name": f"c{place}", "usage": {"cpu": cpu, "memory": memory}} for place, (cpu, memory) in enumerate(containers)
    ]
    return {"metadata": {"name": name, "namespace": "shop"}, "window": window, "containers": usages}


def feed_of(*answers: Any) -> UsageFeed:
    waiting = list(answers)

    def ask(path: str) -> bytes:
        answer = waiting.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return json.dumps(answer).encode()

    return UsageFeed(ask, "/apis/metrics.k8s.io/v1beta1/pods")


def test_containers_add_up_and_what_was_seen_is_kept() -> None:
    feed = feed_of(
        {"items": [item("web", ("100m", "64Mi"), ("5000000n", "1Mi"))]}, {"items": [item("web", ("200m", "64Mi"))]}
    )
    assert feed.of("shop/web") is None
    assert feed.poll() == PACE
    first = feed.of("shop/web")
    assert first is not None
    assert first.now == pytest.approx(Amount(0.105, 65 * 2**20))
    feed.poll()
    second = feed.of("shop/web")
    assert second is not None
    assert [*second.seen(0)] == [pytest.approx(0.105), pytest.approx(0.2)]
    assert [*second.seen(1)] == [65 * 2**20, 64 * 2**20]
    assert feed.version == 2


def test_of_one_pod_alone_the_containers_are_known() -> None:
    feed = feed_of(item("web", ("100m", "64Mi"), ("5000000n", "1Mi")))
    feed.poll()
    usage = feed.of("shop/web")
    assert usage is not None
    assert usage.containers == {"c0": Amount(0.1, 64 * 2**20), "c1": pytest.approx(Amount(0.005, 2**20))}


def test_what_was_seen_of_many_pods_is_kept_small() -> None:
    """Sixteen rounds of ten thousand pods took 20 MB."""
    names = [f"web-{number}" for number in range(200)]
    rounds = [{"items": [item(name, (f"{turn}m", f"{turn}Mi")) for name in names]} for turn in range(1, 41)]
    feed = feed_of(*rounds)
    feed.poll()
    gc.collect()
    blocks = sys.getallocatedblocks()
    for _ in range(39):
        feed.poll()
    gc.collect()
    assert sys.getallocatedblocks() - blocks < len(names)
    usage = feed.of("shop/web-7")
    assert usage is not None
    assert [round(each * 1000) for each in usage.seen(0)] == [*range(25, 41)]


def test_many_pods_take_what_their_names_take() -> None:
    """As objects those of a hundred thousand took 96 MB, and 300 while they were read."""
    answer = {"items": [item(f"web-{number:05}", ("100m", "64Mi"), ("1m", "1Mi")) for number in range(5000)]}
    body = json.dumps(answer).encode()
    feed = UsageFeed(lambda path: body, "/pods")
    gc.collect()
    tracemalloc.start()
    try:
        feed.poll()
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 250 * 5000
    assert most < kept + 100 * 5000


def test_pods_come_and_go_and_each_keeps_what_was_seen_of_it() -> None:
    """Of three hundred rounds in which every pod lives for five."""
    feed = feed_of(
        *(
            {"items": [item(f"web-{number}", (f"{turn}m", "1Mi")) for number in range(turn, turn + 5)]}
            for turn in range(300)
        )
    )
    for turn in range(300):
        feed.poll()
        for number in range(turn - 1, turn + 6):
            usage = feed.of(f"shop/web-{number}")
            assert (usage is not None) is (turn <= number < turn + 5)
            if usage is not None:
                assert usage.now == pytest.approx(Amount(turn / 1000, 2**20))
                assert [round(1000 * each) for each in usage.seen(0)] == [*range(max(0, number - 4), turn + 1)]


def test_what_is_no_json_is_an_error() -> None:
    feed = UsageFeed(lambda path: b"<html>", "/pods")
    assert feed.poll() > PACE
    assert "no JSON" in feed.error


def test_nodes_have_one_usage() -> None:
    feed = feed_of({"items": [{"metadata": {"name": "node-7"}, "usage": {"cpu": "2", "memory": "1Gi"}}]})
    feed.poll()
    usage = feed.of("node-7")
    assert usage is not None and usage.now == Amount(2.0, 2.0**30)


@pytest.mark.parametrize(
    ("window", "pace"), [("15s", 15.0), ("1m0s", 60.0), ("1m30.5s", 90.5), ("5m", 120.0), ("odd", 15.0)]
)
def test_the_pace_is_the_servers(window: str, pace: float) -> None:
    assert feed_of({"items": [item("web", ("1", "1"), window=window)]}).poll() == pace


def test_an_error_is_told_and_the_last_measurements_stay() -> None:
    feed = feed_of(
        {"items": [item("web", ("1", "1"))]}, ApiError(503, "ServiceUnavailable", "try later"), {"items": []}
    )
    feed.poll()
    assert feed.poll() > PACE
    assert "try later" in feed.error
    assert feed.of("shop/web") is not None
    feed.poll()
    assert feed.error == ""
    assert feed.of("shop/web") is None


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"items": 7},
        {"items": [7, {}, {"metadata": 7}, {"metadata": {"name": 7}}]},
        {"items": [item("web", ("x", "y"))]},
        {"items": [{"metadata": {"name": "web"}, "containers": "c"}]},
        {"items": [{"metadata": {"name": "web"}, "usage": {"cpu": "1"}}]},
    ],
)
def test_what_makes_no_sense_is_left_out(answer: Any) -> None:
    feed = feed_of(answer)
    feed.poll()
    assert (feed.version, feed.of("web"), feed.of("shop/web")) == (1, None, None)


def test_it_polls_in_a_thread_until_released() -> None:
    asked = threading.Semaphore(0)
    gone = threading.Event()

    class Clock:
        def monotonic(self) -> float:
            return 0.0

        time = monotonic

        def wait(self, event: threading.Event, seconds: float) -> bool:
            assert seconds == PACE
            ended = event.wait(0.005)
            if ended:
                gone.set()
            return ended

    def ask(path: str) -> bytes:
        asked.release()
        return json.dumps({"items": [item("web", ("1", "1"))]}).encode()

    feed = UsageFeed(ask, "/x", Clock())
    feed.start()
    assert asked.acquire(timeout=60) and asked.acquire(timeout=60)
    feed.release()
    assert gone.wait(60)


def test_it_ends_with_the_session() -> None:
    feed = feed_of(Closed("over"))
    with pytest.raises(Closed):
        feed.poll()


def test_only_what_the_server_serves_is_asked_for() -> None:
    paths: list[str] = []
    called = threading.Event()

    def get_raw(path: str) -> bytes:
        paths.append(path)
        called.set()
        raise Closed("once is enough")

    usages = UsagePool(get_raw, SystemClock())

    def usage(served: tuple[Resource, ...], resource: Resource, namespace: str | None) -> UsageShare | None:
        return open_usage(usages, ResourceNames(served), resource, namespace)

    assert usage((PODS, NODES), PODS, "shop") is None
    assert usage((PODS, NODES, METERED), NODES, None) is None
    feed = usage((PODS, METERED), PODS, "shop")
    assert feed is not None and called.wait(60)
    assert paths == ["/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods"]


def test_what_was_measured_too_long_ago_says_nothing_of_now() -> None:
    clock = FakeClock()
    feed = UsageFeed(lambda path: json.dumps({"items": [item("web", ("1", "1"))]}).encode(), "/path", clock)
    feed.poll()
    clock.now += 150.0
    assert feed.of("shop/web") is not None
    clock.now += 60.0
    assert feed.of("shop/web") is None
    feed.poll()
    assert feed.of("shop/web") is not None

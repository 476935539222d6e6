from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest

from kwatch.base.timestamp import timestamp
from kwatch.simulator.engine.simulation import Scenario
from kwatch.simulator.store import Store
from tests.simulator.engine.timeline import Clock, Timeline


def _content(store: Store) -> dict[str, bytes]:
    return {
        f"{each.storage} {key}": record.whole
        for each in store.types
        if not each.stored_as
        for key, record in store.collection(each.storage).records.items()
    }


def _played(seed: int, seconds: float) -> dict[str, bytes]:
    timeline = Timeline(seed=seed, objects=70, rate=10.0)
    timeline.play(seconds)
    return _content(timeline.store)


def test_the_same_seed_and_clock_make_the_same_cluster() -> None:
    assert _played(3, 120.0) == _played(3, 120.0)


def test_another_seed_makes_another_cluster() -> None:
    one, other = _played(3, 0.0), _played(4, 0.0)
    pods = [key for key in one if key.startswith("pods ")]
    assert pods
    assert one != other


@pytest.mark.parametrize("objects", [1, 5, 12, 30, 59, 60, 90, 120, 400, 1500])
def test_there_are_about_as_many_pods_as_asked_for(objects: int) -> None:
    timeline = Timeline(objects=objects)
    made = len(timeline.list("pods"))
    assert abs(made - objects) <= max(10, objects * 0.06)
    assert timeline.list("deployments.apps", "shop")


def test_at_rate_zero_nothing_ever_changes() -> None:
    clock = Clock()
    store = Store(clock=clock, seed=1)
    scenario = Scenario(store, objects=120, rate=0.0, seed=1)
    scenario.populate()
    before = store.revision
    for _ in range(100):
        clock.now += 60.0
        assert scenario.step() == 0
    assert store.revision == before


async def test_it_runs_at_its_rate_until_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(seed=1)
    scenario = Scenario(store, objects=60, rate=200.0, seed=1)
    scenario.populate()
    before = store.revision
    enough = asyncio.Event()
    store.collection("leases.coordination.k8s.io").listen(
        lambda change: enough.set() if store.revision > before + 100 else None
    )
    living = asyncio.create_task(scenario.run())
    await asyncio.wait_for(enough.wait(), 30.0)
    living.cancel()
    with suppress(asyncio.CancelledError):
        await living
    assert living.cancelled()


def test_created_in_the_past_and_never_in_the_future() -> None:
    timeline = Timeline()
    ages = []
    for api_type in timeline.store.types:
        for each in timeline.list(api_type.storage):
            created = each["metadata"]["creationTimestamp"]
            assert created <= "2026-11-18T11:06:40Z"
            ages.append(created)
    assert min(ages) < "2026-05-01"
    assert len(set(ages)) > 150


def test_every_object_of_the_population_says_who_wrote_it() -> None:
    timeline = Timeline()
    for api_type in timeline.store.types:
        for each in timeline.list(api_type.storage):
            authored = set(each["metadata"]) & {"labels", "annotations"}
            written = set(each) - {"kind", "apiVersion", "metadata"} or authored
            entries = each["metadata"].get("managedFields", [])
            assert bool(entries) is bool(written), each["metadata"]["name"]
            assert all(entry["manager"] and entry["fieldsV1"] for entry in entries)


def test_pods_are_as_large_as_real_ones() -> None:
    timeline = Timeline()
    sizes = [len(record.raw) for record in timeline.store.collection("pods").records.values()]
    assert 6_500 < sum(sizes) / len(sizes) < 10_000


def test_the_population_is_settled() -> None:
    """The controllers find nothing to do about what was placed, but for the rollout that is stuck from the start."""
    timeline = Timeline()
    for deployment in timeline.list("deployments.apps"):
        if deployment["metadata"]["name"] != "recommender":
            assert deployment["status"]["readyReplicas"] == deployment["spec"]["replicas"]
            assert deployment["status"]["observedGeneration"] == deployment["metadata"]["generation"]
    for resource in ("replicasets.apps", "statefulsets.apps"):
        for each in timeline.list(resource):
            assert each["status"].get("replicas", 0) == each["spec"]["replicas"]
    slices = {
        each["metadata"]["labels"]["kubernetes.io/service-name"]: each
        for each in timeline.list("endpointslices.discovery.k8s.io")
    }
    assert len(slices["cart"]["endpoints"]) == 4


def test_usage_is_told_of_containers_and_nodes() -> None:
    timeline = Timeline()
    pod = next(pod for pod in timeline.list("pods", "shop") if pod["metadata"]["labels"]["app"] == "redis")
    usage = timeline.scenario.usage("shop", pod["metadata"]["name"])
    assert set(usage) == {"redis", "metrics"}
    assert all(0 < amount.cpu < 4 and 2**20 < amount.memory < 2**33 for amount in usage.values())
    node = timeline.scenario.node_usage("worker-1")
    assert 0.1 < node.cpu < 8
    with pytest.raises(LookupError):
        timeline.scenario.usage("shop", "nobody")
    with pytest.raises(LookupError):
        timeline.scenario.node_usage("nowhere")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("after", [0.0, 61.0, 125.0, 185.0])
def test_nothing_of_a_new_cluster_is_from_the_future(seed: int, after: float) -> None:
    clock = Clock()
    clock.now += after
    store = Store(clock=clock, seed=seed)
    Scenario(store, objects=70, rate=1.0, seed=seed).populate()
    now = timestamp(clock.now)
    for whole in _content(store).values():
        made = json.loads(whole)
        times = [made["metadata"]["creationTimestamp"], made.get("status", {}).get("startTime", "")]
        assert max(times) <= now, made["metadata"]["name"]

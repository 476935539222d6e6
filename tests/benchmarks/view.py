"""Filtering, searching and sorting 100,000 pods, and keeping the result current."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable

from kwatch.catalog.indices import indexers_for
from kwatch.catalog.kinds.pods import PODS
from kwatch.informer.clock import SystemClock
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.query.parser import parse
from kwatch.view.projection import Projection
from tests.benchmarks.row import Row

PODS_RESOURCE = Resource(GroupVersionResource("", "v1", "pods"), "Pod", namespaced=True)
COUNT = 100_000
CHANGES = 2_000


def measure() -> list[Row]:
    """One process, one thread; each figure the best of three."""
    chance = random.Random(1)
    cache = Indexer(indexers=indexers_for(PODS_RESOURCE))
    cache.replace([_pod(number, chance) for number in range(COUNT)])
    gc.collect()
    gc.freeze()
    view = Projection(cache, PODS, clock=SystemClock(), resource=PODS_RESOURCE, with_namespace=True)
    view.rebuild()
    began = time.perf_counter()
    while view.warm(1.0):
        pass
    warm = (time.perf_counter() - began) / COUNT * 1e6
    rows = [Row("columns and search text of a pod", warm, "us", "30 us a pod")]
    for name, text, reach in (
        ("filter by a label, 500 of 100,000", "app=app-7", "16 ms"),
        ("filter by a label, 66,666 of 100,000", "tier=web", "16 ms"),
        ("filter by two indices", "ns:ns-3 app=app-3", "16 ms"),
        ("filter by a name", "name=app-7-7d9c8f0007-00007", "16 ms"),
        ("search text in 100,000 rows", "app-77", "50 ms"),
    ):
        rows.append(Row(name, _best(lambda text=text: view.set_query(parse(text))), "ms", reach))  # type: ignore[misc]
    cache.add_indexers(parse("status=Running").compile(view.context).indices)
    rows.append(Row("filter by a column", _best(lambda: view.set_query(parse("status=Pending"))), "ms", "16 ms"))
    view.set_query(None)
    rows.append(Row("first of 50 matches of a cold scan that sort last", _cold_scan(cache), "ms", "100 ms"))
    rows.append(Row("sort 100,000 rows by status", _best(lambda: view.set_sort(2)), "ms", "56 ms"))
    view.set_query(parse("tier=web app-1"))
    rows.append(Row("a changed object, filtered and sorted", _changes(cache, view, chance), "us", "50 us"))
    return rows


def _cold_scan(cache: Indexer) -> float:
    """Milliseconds until something is shown: nothing was read before, and the screen looks 20 times a second."""
    last = sorted(cache.list_keys())[-50:]
    for key in last:
        obj = cache.get_by_key(key)
        assert isinstance(obj, KubeObject)
        tree = obj.tree()
        cache.add(KubeObject.of(tree | {"status": tree["status"] | {"phase": "Evicted"}}))
    view = Projection(cache, PODS, clock=SystemClock(), resource=PODS_RESOURCE, in_background=True)
    view.rebuild()
    began = time.perf_counter()
    view.set_query(parse(".status.phase=Evicted"))
    while not view.shown:
        time.sleep(0.05)
        view.apply(frozenset())
    seconds = time.perf_counter() - began
    view.close()
    return seconds * 1000


def _best(act: Callable[[], None]) -> float:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return min(times) * 1000


def _changes(cache: Indexer, view: Projection, chance: random.Random) -> float:
    """Microseconds of the screen's thread for each object that changed, its columns included."""
    changed = [_pod(number, chance) for number in chance.sample(range(COUNT), CHANGES)]
    for pod in changed:
        cache.update(pod)
    keys = {pod.key for pod in changed}
    began = time.perf_counter()
    view.apply(keys)
    return (time.perf_counter() - began) / CHANGES * 1e6


def _pod(number: int, chance: random.Random) -> KubeObject:
    app = f"app-{number % 200}"
    phase = "Running" if chance.random() < 0.95 else "Pending"
    container = {"name": "main", "ready": True, "restartCount": chance.randrange(3), "state": {"running": {}}}
    return KubeObject.of(
        {
            "metadata": {
                "name": f"{app}-7d9c8f{number % 50:04x}-{number:05x}",
                "namespace": f"ns-{number % 40}",
                "uid": f"{number:032x}",
                "creationTimestamp": "2026-01-01T00:00:00Z",
                "labels": {"app": app, "tier": "web" if number % 3 else "data"},
            },
            "spec": {"nodeName": f"node-{number % 1000}", "containers": [{"name": "main", "image": "nginx"}]},
            "status": {"phase": phase, "podIPs": [{"ip": f"10.1.2.{number % 256}"}], "containerStatuses": [container]},
        }
    )

"""Two kinds in one view: 100,000 pods beside 5,000 deployments."""

from __future__ import annotations

import gc
import random
import time

from kwatch.catalog.indices import indexers_for
from kwatch.catalog.kinds.pods import PODS
from kwatch.catalog.kinds.workloads import DEPLOYMENTS
from kwatch.informer.clock import SystemClock
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.query.parser import parse
from kwatch.query.row import qualify
from kwatch.view.merged import MergedSource, orders_of_several
from kwatch.view.projection import Projection
from kwatch.view.union_kind import union_kind
from tests.benchmarks.row import Row
from tests.benchmarks.view import CHANGES, COUNT, PODS_RESOURCE, _best, _pod

DEPLOYMENTS_RESOURCE = Resource(GroupVersionResource("apps", "v1", "deployments"), "Deployment", namespaced=True)


def measure() -> list[Row]:
    """One process, one thread; each figure the best of three."""
    chance = random.Random(1)
    pods = Indexer(indexers=indexers_for(PODS_RESOURCE))
    pods.replace([_typed_pod(number, chance) for number in range(COUNT)])
    deployments = Indexer(indexers=indexers_for(DEPLOYMENTS_RESOURCE))
    deployments.replace([_deployment(number) for number in range(COUNT // 20)])
    gc.collect()
    gc.freeze()
    view = _view(pods, deployments)
    rows = [Row("several kinds shown at first", _best(view.rebuild), "ms", "500 ms")]
    while view.warm(1.0):
        pass
    for name, text in (("a label, 525 of 105,000", "app=app-7"), ("kind and text", "kind:deploy d-77")):
        rows.append(Row(f"filter by {name}", _best(lambda text=text: view.set_query(parse(text))), "ms", "16 ms"))  # type: ignore[misc]
    view.set_query(None)
    status = view.kind.column_index("status")
    rows.append(Row("sort several kinds by status", _best(lambda: view.set_sort(status)), "ms", "100 ms"))
    view.set_query(parse("tier=web app-1"))
    rows.append(Row("a changed object among several kinds", _changes(pods, view, chance), "us", "50 us"))
    return rows


def _view(pods: Indexer, deployments: Indexer) -> Projection:
    return Projection(
        MergedSource([(PODS_RESOURCE, pods), (DEPLOYMENTS_RESOURCE, deployments)]),
        union_kind([(PODS_RESOURCE, PODS), (DEPLOYMENTS_RESOURCE, DEPLOYMENTS)]),
        clock=SystemClock(),
        resource=PODS_RESOURCE,
        others=(DEPLOYMENTS_RESOURCE,),
        extras=orders_of_several(),
        with_namespace=True,
    )


def _changes(pods: Indexer, view: Projection, chance: random.Random) -> float:
    """Microseconds of the screen's thread for each object that changed, its columns included."""
    changed = [_typed_pod(number, chance) for number in chance.sample(range(COUNT), CHANGES)]
    for pod in changed:
        pods.update(pod)
    keys = set(qualify(0, [pod.key for pod in changed]))
    began = time.perf_counter()
    view.apply(keys)
    return (time.perf_counter() - began) / CHANGES * 1e6


def _typed_pod(number: int, chance: random.Random) -> KubeObject:
    return KubeObject(_pod(number, chance).raw, "Pod", "v1")


def _deployment(number: int) -> KubeObject:
    app = f"app-{number % 200}"
    return KubeObject.of(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": f"d-{number}", "namespace": f"ns-{number % 40}", "labels": {"app": app}},
            "spec": {"replicas": 3},
            "status": {"replicas": 3, "readyReplicas": 2},
        }
    )

"""Pods for tests of the filter language: whole objects, their cache with every index, and a context over it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from kwatch.catalog.indices import indexers_for, indexers_on_demand
from kwatch.catalog.kinds.pods import PODS
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.query import Context
from kwatch.query.context import JournalAccess, RowStates

NOW = 1_800_000_000.0
POD_RESOURCE = Resource(GroupVersionResource("", "v1", "pods"), "Pod", namespaced=True)


class FakeClock:
    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)


def timestamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pod(
    key: str = "shop/web-1",
    *,
    labels: Mapping[str, str] | None = None,
    node: str = "",
    phase: str = "Running",
    restarts: int = 0,
    image: str = "nginx:1.27",
    age: float = 3600,
    owner: tuple[str, str] | None = None,
    spec: Mapping[str, Any] | None = None,
) -> KubeObject:
    namespace, _, name = key.rpartition("/")
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": namespace,
        "uid": f"uid-{key}",
        "resourceVersion": "1",
        "creationTimestamp": timestamp(NOW - age),
        "labels": dict(labels or {}),
    }
    if owner is not None:
        metadata["ownerReferences"] = [{"kind": owner[0], "name": owner[1], "uid": f"uid-{owner[1]}"}]
    container = {"name": "main", "image": image}
    status = {"name": "main", "ready": True, "restartCount": restarts, "state": {"running": {}}}
    return KubeObject.of(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": {"nodeName": node, "containers": [container], **(spec or {})},
            "status": {"phase": phase, "containerStatuses": [status]},
        }
    )


def indexer(pods: Iterable[KubeObject], *, on_demand: bool = True) -> Indexer:
    cache = Indexer(indexers=indexers_for(POD_RESOURCE) | (indexers_on_demand(POD_RESOURCE) if on_demand else {}))
    cache.replace(list(pods))
    return cache


def context(
    cache: Indexer,
    clock: FakeClock | None = None,
    journal: JournalAccess | None = None,
    states: RowStates | None = None,
) -> Context:
    return Context(PODS, POD_RESOURCE, cache, clock or FakeClock(), journal, states)

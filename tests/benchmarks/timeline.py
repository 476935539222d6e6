"""What it costs to tell one object's story among 100,000."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

from kwatch.history.journal import Journal
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.view.timeline import TimelineRenderer
from tests.benchmarks.row import Row

DEPLOYMENTS, PODS_OF_EACH, EVENTS = 1_000, 80, 20_000
BATCH, BATCHES = 1_000, 20
"""Deltas of others between two readings, and how often."""


def measure() -> list[Row]:
    """One deployment's line: read for the first time, then again while others change, and put into words."""
    cluster = _Cluster()
    line = cluster.journal.timeline_of("benchmark", "deployments.apps", "shop/d7")
    first = _seconds(line.read)
    again = []
    for number in range(BATCHES):
        cluster.change(number)
        again.append(_seconds(line.read))
    entries = line.read()
    renderer = TimelineRenderer(cluster.journal)
    words = _seconds(lambda: [renderer.render(entry) for entry in entries])
    lives = cluster.count
    cluster.journal.close()
    note = "in a thread of its own"
    return [
        Row(f"timeline: first reading, {lives:,} objects", first * 1000, "ms", "", note),
        Row(
            f"timeline: read again after {BATCH:,} deltas of others", sorted(again)[BATCHES // 2] * 1000, "ms", "", note
        ),
        Row("timeline: an entry put into words", words / len(entries) * 1e6, "us", "", note),
    ]


class _Cluster:
    """Deployments with two replica sets each and their pods, and Events about some of them, in a journal."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.count = 0
        self._versions = itertools.count(1)
        resources = ("deployments.apps", "replicasets.apps", "pods", "events")
        self._sinks = {name: self.journal.sink("benchmark", name) for name in resources}
        for number in range(DEPLOYMENTS):
            self._put("deployments.apps", "Deployment", f"d{number}")
            for side in "ab":
                self._put("replicasets.apps", "ReplicaSet", f"d{number}-{side}", f"d{number}")
                for pod in range(PODS_OF_EACH // 2):
                    self._pod(number, side, pod, DeltaType.REPLACED)
        for number in range(EVENTS):
            about = {"uid": f"uid-d{number % DEPLOYMENTS}-b-0"}
            self._put(
                "events", "Event", f"e{number}", involvedObject=about, reason="Pulled", message="m", type="Normal"
            )
        self.journal.catch_up()

    def change(self, number: int) -> None:
        """A pod of every deployment."""
        for deployment in range(BATCH):
            self._pod(deployment % DEPLOYMENTS, "b", number, DeltaType.UPDATED)

    def _pod(self, deployment: int, side: str, number: int, type_: DeltaType) -> None:
        owner = f"d{deployment}-{side}"
        spec = {"nodeName": f"n{deployment % 100}", "containers": [{"name": "web", "image": "web:1"}]}
        self._put("pods", "Pod", f"{owner}-{number}", owner, type_, spec=spec)

    def _put(
        self, resource: str, kind: str, name: str, owner: str = "", type_: DeltaType = DeltaType.REPLACED, **parts: Any
    ) -> None:
        version = next(self._versions)
        metadata: dict[str, Any] = {
            "name": name,
            "namespace": "shop",
            "uid": f"uid-{name}",
            "resourceVersion": str(version),
        }
        if owner:
            metadata["ownerReferences"] = [{"uid": f"uid-{owner}", "name": owner, "kind": "X", "apiVersion": "v1"}]
        obj = KubeObject.of({"kind": kind, "metadata": metadata, **parts})
        self.count += type_ is DeltaType.REPLACED
        self._sinks[resource].on_delta(obj.key, Delta(type_, obj, version, 1000.0 + version / 1000), None)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

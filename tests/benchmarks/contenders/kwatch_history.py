"""kwatch.informer with and without the journal: changes a second until everything behind the sinks is done too."""

from __future__ import annotations

import json
import sys
import threading
import time

import kubernetes.client  # its import is not what is measured

from kwatch.cli.connecting import quieten_collector
from kwatch.cluster import connect
from kwatch.history.journal import Journal
from kwatch.informer import SharedInformer, label_index, namespace_index, node_index, owner_index
from kwatch.informer.delta import Delta
from kwatch.informer.protocol import Object
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.informer.sink import Sink
from tests.benchmarks.contenders import resident

PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True)


class Counter:
    """Knows when everything has come."""

    def __init__(self, expected: int) -> None:
        self.done = threading.Event()
        self._left = expected

    def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
        """Count."""
        self._left -= 1
        if not self._left:
            self.done.set()

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """There is none."""


def main(url: str, pods: int, changes: int, history: bool) -> None:
    """The rate of `changes` after the sync, processor time a change, and what the history takes."""
    assert kubernetes.client
    quieten_collector()
    indexers = {"namespace": namespace_index, "label": label_index, "node": node_index, "owner": owner_index}
    journal, counter = Journal(), Counter(pods + changes)
    sinks: tuple[Sink, ...] = (journal.sink("benchmark", "pods"), counter) if history else (counter,)
    informer = SharedInformer(connect(server=url).lister_watcher(PODS), indexers=indexers, sinks=sinks)
    before = resident()
    informer.start()
    assert informer.wait_for_sync(120)
    began, processor = time.perf_counter(), time.process_time()
    assert counter.done.wait(300)
    ingested = time.perf_counter() - began
    assert journal.catch_up(300)
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    figures = {
        "rate": changes / seconds,
        "ingest": changes / ingested,
        "processor": processor / changes,
        "growth": resident() - before,
        "bytes": float(journal.bytes),
    }
    informer.stop(5)
    journal.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "history")

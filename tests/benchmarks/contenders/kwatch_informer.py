"""kwatch.informer: packed objects, four indices, one handler."""

from __future__ import annotations

import json
import sys
import threading
import time

import kubernetes.client  # its import is not what is measured

from kwatch.cli.connecting import quieten_collector
from kwatch.cluster import connect
from kwatch.informer import SharedInformer, label_index, namespace_index, node_index, owner_index
from kwatch.informer.resource import GroupVersionResource, Resource
from tests.benchmarks.contenders import resident

PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True)


def main(url: str, changes: int, compressed: bool | None) -> None:
    """Time to a synced cache, then changes through reflector, queue, indices and a handler."""
    assert kubernetes.client
    quieten_collector()
    indexers = {"namespace": namespace_index, "label": label_index, "node": node_index, "owner": owner_index}
    door = connect(server=url, disable_compression=None if compressed is None else not compressed)
    informer = SharedInformer(door.lister_watcher(PODS), indexers=indexers)
    seen, done = [0], threading.Event()

    def on_update(old: object, new: object) -> None:
        seen[0] += 1
        if seen[0] == changes:
            done.set()

    informer.add_event_handler(on_update=on_update)
    before = resident()
    cpu = time.process_time()
    began = time.perf_counter()
    informer.start()
    assert informer.wait_for_sync(120)
    sync_seconds = time.perf_counter() - began
    cpu = time.process_time() - cpu
    growth = resident() - before
    began = time.perf_counter()
    rate = 0.0
    if changes:
        assert done.wait(300)
        rate = changes / (time.perf_counter() - began)
    began = time.perf_counter()
    alive = informer.stop(5)
    stop = time.perf_counter() - began
    assert not alive
    print(json.dumps({"sync": sync_seconds, "cpu": cpu, "growth": growth, "rate": rate, "stop": stop}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "gzip" if len(sys.argv) > 3 else None)

"""kubernetes.informer, which ships with the kubernetes package."""

from __future__ import annotations

import json
import os
import sys
import threading
import time

from kubernetes import client
from kubernetes.informer import MODIFIED, SharedInformer

from tests.benchmarks.contenders import resident


def main(url: str, pods: int, changes: int) -> None:
    """Time until its cache holds all pods, then changes through its cache and a handler."""
    api = client.CoreV1Api(client.ApiClient(client.Configuration(host=url)))
    informer = SharedInformer(api.list_pod_for_all_namespaces)
    seen, done = [0], threading.Event()

    def on_update(new: object) -> None:
        seen[0] += 1
        if seen[0] == changes:
            done.set()

    informer.add_event_handler(MODIFIED, on_update)
    before = resident()
    began = time.perf_counter()
    informer.start()
    pause = threading.Event()
    while len(informer.cache.list_keys()) < pods:
        pause.wait(0.01)
    sync_seconds = time.perf_counter() - began
    growth = resident() - before
    began = time.perf_counter()
    rate = 0.0
    if changes:
        assert done.wait(300)
        rate = changes / (time.perf_counter() - began)
    print(json.dumps({"sync": sync_seconds, "growth": growth, "rate": rate}), flush=True)
    os._exit(0)  # its thread would still be reading while the interpreter ends


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

"""Run one informer against a difficult server for some seconds: `endurance kwatch|kubernetes URL SECONDS`."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable

PATIENCE = 10.0
"""Seconds that an informer may take to stop before it is given up."""


def _kwatch(url: str) -> tuple[Callable[[], object], Callable[[], int], Callable[[], object]]:
    from kwatch.cluster import connect
    from kwatch.informer import SharedInformer
    from kwatch.informer.resource import GroupVersionResource, Resource

    pods = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True)
    informer = SharedInformer(connect(server=url).lister_watcher(pods))
    return informer.start, lambda: len(informer.indexer.list_keys()), lambda: informer.stop(10)


def _kubernetes(url: str) -> tuple[Callable[[], object], Callable[[], int], Callable[[], object]]:
    from kubernetes import client
    from kubernetes.informer import SharedInformer

    api = client.CoreV1Api(client.ApiClient(client.Configuration(host=url)))
    informer = SharedInformer(api.list_pod_for_all_namespaces)
    return informer.start, lambda: len(informer.cache.list_keys()), informer.stop


def main(which: str, url: str, seconds: float) -> None:
    """Print how many objects are cached in the end, and how long stopping took (at most PATIENCE)."""
    logging.disable(logging.CRITICAL)
    start, count, stop = {"kwatch": _kwatch, "kubernetes": _kubernetes}[which](url)
    start()
    threading.Event().wait(seconds)
    objects = count()
    began = time.perf_counter()
    stopping = threading.Thread(target=stop, daemon=True)
    stopping.start()
    stopping.join(PATIENCE)
    print(json.dumps({"objects": objects, "stop": time.perf_counter() - began}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))

"""A controller in under a hundred lines: keeps one file for each node, with the pods that run on it.

`python -m tests.examples.controller FOLDER` works on the cluster of the current kubeconfig; Ctrl-C ends it. What makes
it a controller: it never acts on what an event says. An event only names a node; what is true is read from the cache,
by an index, when a worker has time. So a missed event, a restart or a file that somebody deleted are all made good.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path

from kwatch.cluster import connect
from kwatch.informer import (
    DeletedFinalStateUnknown,
    KubeObject,
    Object,
    QueueClosed,
    RateLimitingQueue,
    SharedInformerFactory,
    node_index,
)
from kwatch.informer.shared_informer_factory import Client

MAX_TRIES = 5


class NodeFiles:
    """FOLDER/NODE.json for each node that has pods, none for others."""

    def __init__(self, client: Client, folder: Path, workers: int = 2) -> None:
        self._folder = folder
        self._factory = SharedInformerFactory(client, default_resync=60.0)
        self._pods = self._factory.core.v1.pods.informer
        self._pods.add_indexers({"node": node_index})
        self._pods.add_event_handler(
            on_add=lambda pod, is_in_initial_list: self._enqueue(pod),
            on_update=self._enqueue_both,
            on_delete=self._enqueue,
        )
        self._queue: RateLimitingQueue[str] = RateLimitingQueue()
        self._workers = [
            threading.Thread(target=self._work, name=f"node-files-{n}", daemon=True) for n in range(workers)
        ]

    def run(self, stop: threading.Event) -> None:
        """Keep the files true until `stop` is set; what is queued by then is still done."""
        self._factory.start()
        while not stop.is_set() and not all(self._factory.wait_for_cache_sync(timeout=0.5).values()):
            print("waiting for the cache:", self._pods.status.phase, file=sys.stderr)
        for worker in self._workers:
            worker.start()
        stop.wait()
        self._queue.shut_down_with_drain()
        for worker in self._workers:
            worker.join()
        self._factory.shutdown()

    def _enqueue(self, pod: Object | DeletedFinalStateUnknown) -> None:
        last = pod.object if isinstance(pod, DeletedFinalStateUnknown) else pod
        if isinstance(last, KubeObject) and last.node:
            self._queue.add(last.node)

    def _enqueue_both(self, old: Object, new: Object) -> None:
        self._enqueue(old)
        self._enqueue(new)

    def _work(self) -> None:
        while True:
            try:
                node = self._queue.get()
            except QueueClosed:
                return
            try:
                self._reconcile(node)
                self._queue.forget(node)
            except OSError as error:
                print(f"{node}: {error}", file=sys.stderr)
                if self._queue.num_requeues(node) < MAX_TRIES:
                    self._queue.add_rate_limited(node)
            finally:
                self._queue.done(node)

    def _reconcile(self, node: str) -> None:
        pods = sorted(self._pods.indexer.index_keys("node", node))
        file = self._folder / f"{node}.json"
        if pods:
            file.write_text(json.dumps(pods))
        else:
            file.unlink(missing_ok=True)


if __name__ == "__main__":
    ended = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    NodeFiles(connect(), Path(sys.argv[1])).run(ended)

"""`python -m tests.benchmarks soak`: 200,000 events and 2,000 faults in one process, then memory and threads."""

from __future__ import annotations

import gc
import random
import threading
from collections.abc import Iterator

from kwatch.informer import (
    ApiError,
    Backoff,
    KubeObject,
    ListOptions,
    ObjectList,
    SharedInformer,
    WatchEvent,
    label_index,
    namespace_index,
    node_index,
    owner_index,
)
from tests.benchmarks.contenders import resident
from tests.benchmarks.flat_out import Pods
from tests.benchmarks.row import Row

PODS, EVENTS, FAULTS, WARM_UP = 500, 200_000, 2_000, 20_000


class Faulty:
    """A server in memory: after about a hundred events every watch breaks, one way or another."""

    def __init__(self) -> None:
        self._halves = Pods(PODS).halves
        self._versions = [1] * PODS
        self._random = random.Random(1)
        self.version = PODS
        self.events = 0
        self.faults = 0
        self.warm = threading.Event()
        self.done = threading.Event()
        self._closed = threading.Event()

    def list(self, options: ListOptions) -> ObjectList:
        if self._random.random() < 0.1:
            self.faults += 1
            raise ApiError(503, "ServiceUnavailable", "the server is restarting")
        return ObjectList([self._pod(number) for number in range(PODS)], str(self.version))

    def watch(self, options: ListOptions) -> Faulty:
        if options.send_initial_events:
            raise ApiError(422, "Invalid", "no streaming lists here")
        return self

    def __iter__(self) -> Iterator[WatchEvent]:
        for _ in range(self._random.randint(50, 150)):
            self.events += 1
            number = self._random.randrange(PODS)
            self.version += 1
            self._versions[number] = self.version
            yield WatchEvent("MODIFIED", self._pod(number))
        if self.events >= WARM_UP:
            self.warm.set()
        if self.events >= EVENTS and self.faults >= FAULTS:
            self.done.set()
            self._closed.wait()
            return
        self.faults += 1
        match self._random.randrange(4):
            case 0:
                raise ApiError(0, "ConnectionLost", "the connection was reset")
            case 1:
                status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
                yield WatchEvent("ERROR", status)
            case 2:
                yield WatchEvent("ERROR", {"kind": "Status", "code": 500, "reason": "InternalError", "message": "x"})
            case _:
                return

    def close(self) -> None:
        self._closed.set()

    def _pod(self, number: int) -> KubeObject:
        before, after = self._halves[number]
        return KubeObject(b"%s%d%s" % (before, self._versions[number], after))


def measure() -> list[Row]:
    """Growth from the end of the warm-up, when everything has been allocated once."""
    server = Faulty()
    indexers = {"namespace": namespace_index, "label": label_index, "node": node_index, "owner": owner_index}
    informer = SharedInformer(server, indexers=indexers, backoff=Backoff(0.0005, 0.001, jitter=0.0))
    informer.add_event_handler(on_update=lambda old, new: None)
    informer.start()
    assert server.warm.wait(120)
    gc.collect()
    memory, threads = resident(), threading.active_count()
    assert server.done.wait(600)
    gc.collect()
    growth, more = resident() - memory, threading.active_count() - threads
    informer.stop(5)
    note = f"{server.events:,} events, {server.faults:,} faults"
    return [
        Row("soak: memory growth after warm-up", growth, "MB", "4", note),
        Row("soak: more threads than after warm-up", more, "threads", "0"),
    ]

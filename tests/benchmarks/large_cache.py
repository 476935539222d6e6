"""What a cache of 100,000 objects answers, and what a late handler costs the others."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator

from kwatch.informer import (
    ApiError,
    KubeObject,
    ListOptions,
    ObjectList,
    SharedInformer,
    WatchEvent,
    label_index,
    namespace_index,
)
from tests.benchmarks.row import Row

OBJECTS, ROUNDS = 100_000, 10
JOINED = 1e-4
"""Seconds: the informer's thread looks for new handlers all the time, and only finds one when it takes longer."""


class _Ready:
    """Lists 100,000 objects once, then a silent watch."""

    def __init__(self, objects: list[KubeObject]) -> None:
        self._objects = objects
        self._closed = threading.Event()

    def list(self, options: ListOptions) -> ObjectList:
        return ObjectList(self._objects, "1")

    def watch(self, options: ListOptions) -> _Ready:
        if options.send_initial_events:
            raise ApiError(422, "Invalid", "no streaming lists here")
        return self

    def __iter__(self) -> Iterator[WatchEvent]:
        self._closed.wait()
        yield from ()

    def close(self) -> None:
        self._closed.set()


def measure() -> list[Row]:
    """Index answers over the cache, and for how long a late handler holds up whom."""
    objects = [_object(number, 1) for number in range(OBJECTS)]
    informer = SharedInformer(_Ready(objects), indexers={"namespace": namespace_index, "label": label_index})
    informer.start()
    assert informer.wait_for_sync(60)
    began = time.perf_counter()
    found = sum(len(informer.indexer.by_index("label", f"app=app-{number}")) for number in range(1000))
    per_answer = (time.perf_counter() - began) / 1000
    caller, thread = _join(informer)
    informer.stop(5)
    return [
        Row("by_index of 100 among 100,000", per_answer * 1e6, "us", "1000", f"{found // 1000} found"),
        Row("a handler joins 100,000 objects: its caller waits", caller * 1000, "ms", "5", f"median of {ROUNDS}"),
        Row("a handler joins 100,000 objects: the informer waits", thread * 1000, "ms", "5", f"median of {ROUNDS}"),
    ]


def _join(informer: SharedInformer) -> tuple[float, float]:
    """The usual add_event_handler, and the usual time the informer's thread spent on taking a handler in."""
    taking: list[float] = []
    take_in = informer._handlers.take_in

    def timed() -> None:
        began = time.perf_counter()
        take_in()
        taking.append(time.perf_counter() - began)

    informer._handlers.take_in = timed  # type: ignore[method-assign]
    callers = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        registration = informer.add_event_handler(on_add=lambda obj, initial: None)
        callers.append(time.perf_counter() - began)
        assert registration.synced.wait(30)
        registration.remove()
    return statistics.median(callers), statistics.median(each for each in taking if each > JOINED)


def _object(number: int, version: int) -> KubeObject:
    return KubeObject(
        b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"pod-%d","namespace":"ns-%d","uid":"uid-%d",'
        b'"resourceVersion":"%d","labels":{"app":"app-%d"}}}' % (number, number % 100, number, version, number % 1000)
    )

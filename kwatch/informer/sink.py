"""Sinks get every delta with its sequence and time of receipt, and the gaps; handlers get objects."""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol, Self

from kwatch.base.threads import report, spawn
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.informer.status import StatusRecorder


class Sink(Protocol):
    """Called in the informer's thread after the cache changed and before the handlers, so every method must be O(1).

    A sink gets every delta in the order of `sequence`, across keys too. What it raises is counted in the informer's
    status, and ends nothing.
    """

    def on_delta(self, key: str, delta: Delta[KubeObject], old: KubeObject | None) -> None:
        """`key` is the cache's; `old` is what it held under the key before, None if nothing."""

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """Nothing was watched between these moments (seconds since the epoch); called when watching resumed."""


class SinkSet:
    """All sinks of an informer. They come and go in any thread, and are called in the informer's."""

    def __init__(self, sinks: Iterable[Sink], recorder: StatusRecorder) -> None:
        self._sinks = tuple(sinks)
        self._recorder = recorder
        self._lock = threading.Lock()
        self.errors = 0

    def add(self, sink: Sink) -> None:
        with self._lock:
            self._sinks = (*self._sinks, sink)

    def remove(self, sink: Sink) -> None:
        with self._lock:
            self._sinks = tuple(each for each in self._sinks if each is not sink)

    def on_delta(self, key: str, delta: Delta[Any], old: Any) -> None:
        for sink in self._sinks:
            try:
                sink.on_delta(key, delta, old)
            except BaseException as error:  # noqa: BLE001 - the user's sink; counted and logged
                self._failed(sink, error)

    def on_gap(self, since: float, until: float, cause: str) -> None:
        for sink in self._sinks:
            try:
                sink.on_gap(since, until, cause)
            except BaseException as error:  # noqa: BLE001 - the user's sink; counted and logged
                self._failed(sink, error)

    def _failed(self, sink: Sink, error: BaseException) -> None:
        self.errors += 1
        self._recorder.error(f"sink {type(sink).__name__}", error)
        report(f"sink {type(sink).__name__}", error)


log = logging.getLogger("kwatch.informer.mutation")


class MutationDetector:
    """A sink. Copies every plain object that enters the cache, and compares it with its copy each `interval` seconds
    while the context is open. KubeObjects cannot be changed, and are not looked at.
    """

    def __init__(self, on_mutation: Callable[[str], None] | None = None, *, interval: float = 1.0) -> None:
        self._on_mutation = on_mutation
        self._interval = interval
        self._lock = threading.Lock()
        self._copies: dict[str, tuple[Object, Any]] = {}
        self._finished = threading.Event()

    def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
        with self._lock:
            if delta.type is DeltaType.DELETED:
                self._copies.pop(key, None)
            elif not isinstance(delta.object, KubeObject | DeletedFinalStateUnknown):
                self._copies[key] = (delta.object, copy.deepcopy(delta.object))

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """Nothing to remember."""

    def check(self) -> tuple[str, ...]:
        """The keys of objects that were changed since they entered the cache; each is reported once."""
        with self._lock:
            changed = tuple(key for key, (obj, before) in self._copies.items() if obj != before)
            for key in changed:
                del self._copies[key]
        for key in changed:
            log.error("the cached object %s was changed by a consumer", key)
            if self._on_mutation is not None:
                self._on_mutation(key)
        return changed

    def __enter__(self) -> Self:
        spawn("kwatch-mutation-detector", self._run, until=self._finished)
        return self

    def __exit__(self, *_: object) -> None:
        self._finished.set()

    def _run(self) -> None:
        while not self._finished.wait(self._interval):
            self.check()

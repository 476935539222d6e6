"""From the informers' threads to the printing one: in order, bounded, and never in the way of a stop."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass

from kwatch.informer.delta import Delta
from kwatch.informer.protocol import Object


@dataclass(frozen=True, slots=True)
class DeltaSeen:
    """A delta of the informer numbered `source`."""

    source: int
    delta: Delta
    old: Object | None


@dataclass(frozen=True, slots=True)
class GapSeen:
    """A gap of the informer numbered `source`."""

    source: int
    since: float
    until: float
    cause: str


class DeltaQueue:
    """When the reader of stdout is slow the informer waits here, its own queue fills, and its reflector stops reading:
    memory stays bounded and nothing is dropped.
    """

    def __init__(self, capacity: int = 4096) -> None:
        self._queue: queue.Queue[DeltaSeen | GapSeen] = queue.Queue(capacity)
        self._closed = threading.Event()

    def sink(self, source: int) -> QueueSink:
        """The sink of the informer numbered `source`."""
        return QueueSink(self, source)

    def put(self, item: DeltaSeen | GapSeen) -> None:
        """Add; wait while full, until closed."""
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=0.2)
                return
            except queue.Full:
                continue

    def get(self, timeout: float) -> DeltaSeen | GapSeen | None:
        """The next, or None after `timeout` seconds."""
        try:
            return self._queue.get(timeout=timeout)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Let everyone go who waits to put."""
        self._closed.set()


class QueueSink:
    """One informer's end of the queue."""

    def __init__(self, target: DeltaQueue, source: int) -> None:
        self._target = target
        self._source = source

    def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
        """Pass it on."""
        self._target.put(DeltaSeen(self._source, delta, old))

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """Pass it on."""
        self._target.put(GapSeen(self._source, since, until, cause))

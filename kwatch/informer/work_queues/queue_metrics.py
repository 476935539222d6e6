"""What a work queue did, as numbers that someone may export."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping
from types import MappingProxyType

from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.metrics import Histogram, Metric, queue_metrics


class QueueMetrics:
    """Counts and times in seconds of one queue, which `name` tells from others. Thread-safe.

    Whoever reads computes what is still running, so that no thread need update it. Register it with a
    kwatch.informer.metrics.MetricsRegistry, or read `snapshot`.
    """

    def __init__(self, clock: Clock | None = None, *, name: str = "") -> None:
        self.name = name
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._waiting_since: dict[Hashable, float] = {}
        self._working_since: dict[Hashable, float] = {}
        self._adds = 0
        self._retries = 0
        self._latency = 0.0
        self._duration = 0.0
        self.queue_duration = Histogram()
        """How long items waited."""
        self.work_duration = Histogram()
        """How long workers had them."""

    def added(self, item: Hashable) -> None:
        """An item waits."""
        with self._lock:
            self._adds += 1
            self._waiting_since.setdefault(item, self._clock.monotonic())

    def got(self, item: Hashable) -> None:
        """A worker took it."""
        with self._lock:
            now = self._clock.monotonic()
            self._working_since[item] = now
            since = self._waiting_since.pop(item, now)
            self._latency = now - since
            self.queue_duration.observe(self._latency)

    def done(self, item: Hashable) -> None:
        """The worker finished it."""
        with self._lock:
            now = self._clock.monotonic()
            self._duration = now - self._working_since.pop(item, now)
            self.work_duration.observe(self._duration)

    def retried(self) -> None:
        """An item was added with a delay."""
        with self._lock:
            self._retries += 1

    def snapshot(self) -> Mapping[str, float]:
        """All numbers. `latency` and `work_duration` are of the last item, the sums of all."""
        with self._lock:
            now = self._clock.monotonic()
            running = [now - since for since in self._working_since.values()]
            return MappingProxyType(
                {
                    "adds": self._adds,
                    "depth": len(self._waiting_since),
                    "retries": self._retries,
                    "latency": self._latency,
                    "latency_sum": self.queue_duration.snapshot().sum,
                    "work_duration": self._duration,
                    "work_duration_sum": self.work_duration.snapshot().sum,
                    "unfinished_work": sum(running),
                    "longest_running": max(running, default=0.0),
                }
            )

    def metrics(self) -> list[Metric]:
        """The same as workqueue_* of client-go."""
        return queue_metrics(self.name, self.snapshot(), self.queue_duration, self.work_duration)

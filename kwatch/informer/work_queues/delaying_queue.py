"""A work queue that takes items for later."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Hashable
from typing import TypeVar

from kwatch.base.threads import Thread, spawn
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.metrics import QueueMetrics
from kwatch.informer.work_queues.rate_limiters import RateLimiter, default_rate_limiter
from kwatch.informer.work_queues.work_queue import Order, WorkQueue

T = TypeVar("T", bound=Hashable)


class DelayingQueue(WorkQueue[T]):
    """One thread waits for the next item to be due; it ends with the shut-down. Of several times of an item the
    earliest holds.
    """

    def __init__(
        self, *, order: Order[T] | None = None, metrics: QueueMetrics | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__(order=order, metrics=metrics)
        self._clock = clock or SystemClock()
        self._due: dict[T, float] = {}
        self._heap: list[tuple[float, int, T]] = []
        self._tie = itertools.count()
        self._heap_lock = threading.Lock()
        self._look = threading.Event()
        self._ended = threading.Event()
        self._thread: Thread | None = None

    def add_after(self, item: T, seconds: float) -> None:
        """Queue an item after some seconds; at once for none."""
        if self.shutting_down:
            return
        if self._metrics is not None:
            self._metrics.retried()
        if seconds <= 0:
            self.add(item)
            return
        with self._heap_lock:
            due = self._clock.monotonic() + seconds
            if due >= self._due.get(item, float("inf")):
                return
            self._due[item] = due
            heapq.heappush(self._heap, (due, next(self._tie), item))
            if self._thread is None:
                self._thread = spawn("kwatch-delaying-queue", self._wait, until=self._ended, wait=self._clock.wait)
        self._look.set()

    def shut_down(self) -> None:
        """Take nothing more, hand out what is queued; what is not yet due is forgotten."""
        super().shut_down()
        self._ended.set()
        self._look.set()

    def begin_drain(self) -> None:
        """Take nothing more; what is not yet due is forgotten."""
        super().begin_drain()
        self._ended.set()
        self._look.set()

    @property
    def waiting(self) -> int:
        """How many items are not yet due."""
        return len(self._due)

    def _wait(self) -> None:
        while True:
            self._look.clear()
            seconds = self._add_due()
            # Asked after the event was cleared: a shut-down from here on ends the wait.
            if self.shutting_down:
                break
            if seconds is None:
                self._look.wait()
            else:
                self._clock.wait(self._look, seconds)
        with self._heap_lock:
            self._heap.clear()
            self._due.clear()

    def _add_due(self) -> float | None:
        """Add what is due; the seconds until the next, None if there is none."""
        ready: list[T] = []
        with self._heap_lock:
            now = self._clock.monotonic()
            while self._heap and self._heap[0][0] <= now:
                due, _, item = heapq.heappop(self._heap)
                # A later time of an item that was moved to an earlier one is still in the heap.
                if self._due.get(item) == due:
                    del self._due[item]
                    ready.append(item)
            left = self._heap[0][0] - now if self._heap else None
        for item in ready:
            self.add(item)
        return left


class RateLimitingQueue(DelayingQueue[T]):
    """Items that failed come back after a time that a limiter sets."""

    def __init__(
        self,
        limiter: RateLimiter | None = None,
        *,
        order: Order[T] | None = None,
        metrics: QueueMetrics | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(order=order, metrics=metrics, clock=clock)
        self._limiter = limiter or default_rate_limiter(clock)

    def add_rate_limited(self, item: T) -> None:
        """Queue an item again when the limiter says so."""
        self.add_after(item, self._limiter.when(item))

    def forget(self, item: T) -> None:
        """The item succeeded, or is given up: its next failure is a first one."""
        self._limiter.forget(item)

    def num_requeues(self, item: T) -> int:
        """How often it failed since."""
        return self._limiter.num_requeues(item)

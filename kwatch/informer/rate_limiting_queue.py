"""Work queues with delays: for items that shall wait, and for those that failed, whose delays a limiter sets."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Hashable
from typing import Protocol, TypeVar

from kwatch.base.threads import Thread, spawn
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.metrics import QueueMetrics
from kwatch.informer.work_queue import Order, WorkQueue

T = TypeVar("T", bound=Hashable)


class DelayingQueue(WorkQueue[T]):
    """One thread waits for the next item to be due; it ends with the shut-down, which drops what is not due yet. Of
    several times of an item the earliest holds.
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
        """Queue an item after some seconds; at once for 0."""
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

    def _begin_shut_down(self, *, draining: bool) -> None:
        # What is not due yet is dropped.
        super()._begin_shut_down(draining=draining)
        self._ended.set()
        self._look.set()

    @property
    def waiting(self) -> int:
        """How many items are not due yet."""
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
        """The item succeeded or is given up: its next failure is a first one."""
        self._limiter.forget(item)

    def num_requeues(self, item: T) -> int:
        """How often it failed."""
        return self._limiter.num_requeues(item)


class RateLimiter(Protocol):
    """Thread-safe."""

    def when(self, item: Hashable) -> float:
        """Seconds until the item may be tried again; counts as a failure of it."""

    def forget(self, item: Hashable) -> None:
        """The item succeeded or is given up."""

    def num_requeues(self, item: Hashable) -> int:
        """How often it failed."""


class _FailureCounts:
    def __init__(self) -> None:
        self._failures: dict[Hashable, int] = {}
        self._lock = threading.Lock()

    def forget(self, item: Hashable) -> None:
        with self._lock:
            self._failures.pop(item, None)

    def num_requeues(self, item: Hashable) -> int:
        return self._failures.get(item, 0)

    def _count(self, item: Hashable) -> int:
        """Count a failure; how many there were before."""
        with self._lock:
            before = self._failures.get(item, 0)
            self._failures[item] = before + 1
            return before


class ExponentialFailureRateLimiter(_FailureCounts):
    """`base` seconds, doubled with every failure, at most `cap`."""

    def __init__(self, base: float = 0.005, cap: float = 1000.0) -> None:
        super().__init__()
        self._base = base
        self._cap = cap

    def when(self, item: Hashable) -> float:
        # 2.0 ** 1024 overflows; long before that the cap holds.
        return min(self._base * 2.0 ** min(self._count(item), 64), self._cap)


class FastSlowRateLimiter(_FailureCounts):
    """`fast` seconds for the first `attempts`, then `slow`."""

    def __init__(self, fast: float, slow: float, attempts: int) -> None:
        super().__init__()
        self._fast = fast
        self._slow = slow
        self._attempts = attempts

    def when(self, item: Hashable) -> float:
        return self._fast if self._count(item) < self._attempts else self._slow


class BucketRateLimiter:
    """`rate` items a second over all, with a burst; items have no history."""

    def __init__(self, rate: float = 10.0, burst: int = 100, clock: Clock | None = None) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._tokens = float(burst)
        self._at = self._clock.monotonic()

    def when(self, item: Hashable) -> float:
        """Seconds until there is a token, which is taken now."""
        with self._lock:
            now = self._clock.monotonic()
            self._tokens = min(self._tokens + (now - self._at) * self._rate, float(self._burst)) - 1.0
            self._at = now
            return max(0.0, -self._tokens / self._rate)

    def forget(self, item: Hashable) -> None:
        """Nothing to forget."""

    def num_requeues(self, item: Hashable) -> int:
        return 0


class MaxOfRateLimiter:
    """The worst of several."""

    def __init__(self, *limiters: RateLimiter) -> None:
        self._limiters = limiters

    def when(self, item: Hashable) -> float:
        return max((limiter.when(item) for limiter in self._limiters), default=0.0)

    def forget(self, item: Hashable) -> None:
        for limiter in self._limiters:
            limiter.forget(item)

    def num_requeues(self, item: Hashable) -> int:
        return max((limiter.num_requeues(item) for limiter in self._limiters), default=0)


class WithMaxWaitRateLimiter:
    """Another limiter, but never above `cap` seconds."""

    def __init__(self, limiter: RateLimiter, cap: float) -> None:
        self._limiter = limiter
        self._cap = cap

    def when(self, item: Hashable) -> float:
        return min(self._limiter.when(item), self._cap)

    def forget(self, item: Hashable) -> None:
        self._limiter.forget(item)

    def num_requeues(self, item: Hashable) -> int:
        return self._limiter.num_requeues(item)


def default_rate_limiter(clock: Clock | None = None) -> RateLimiter:
    """The worse of 5 ms doubled with each failure up to 1000 s, and ten a second with a burst of a hundred."""
    return MaxOfRateLimiter(ExponentialFailureRateLimiter(), BucketRateLimiter(clock=clock))

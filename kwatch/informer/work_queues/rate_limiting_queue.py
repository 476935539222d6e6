"""A work queue with patience for what fails."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

from kwatch.informer.clock import Clock
from kwatch.informer.metrics import QueueMetrics
from kwatch.informer.work_queues.delaying_queue import DelayingQueue
from kwatch.informer.work_queues.rate_limiters import RateLimiter, default_rate_limiter
from kwatch.informer.work_queues.work_queue import Order

T = TypeVar("T", bound=Hashable)


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

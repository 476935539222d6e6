"""How long an item that failed must wait."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Protocol

from kwatch.informer.clock import Clock, SystemClock


class RateLimiter(Protocol):
    """Thread-safe."""

    def when(self, item: Hashable) -> float:
        """Seconds until the item may be tried; counts as a failure of it."""
        ...

    def forget(self, item: Hashable) -> None:
        """The item succeeded, or is given up."""
        ...

    def num_requeues(self, item: Hashable) -> int:
        """How often it failed since."""
        ...


class _FailureCounts:
    def __init__(self) -> None:
        self._failures: dict[Hashable, int] = {}
        self._lock = threading.Lock()

    def forget(self, item: Hashable) -> None:
        """The item succeeded, or is given up."""
        with self._lock:
            self._failures.pop(item, None)

    def num_requeues(self, item: Hashable) -> int:
        """How often it failed since."""
        return self._failures.get(item, 0)

    def _count(self, item: Hashable) -> int:
        """How often it failed before this time."""
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
        """Seconds by the item's failures."""
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
        """Seconds by the item's failures."""
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
        """Not counted."""
        return 0


class MaxOfRateLimiter:
    """The worst of several."""

    def __init__(self, *limiters: RateLimiter) -> None:
        self._limiters = limiters

    def when(self, item: Hashable) -> float:
        """The longest wait."""
        return max((limiter.when(item) for limiter in self._limiters), default=0.0)

    def forget(self, item: Hashable) -> None:
        """All of them forget it."""
        for limiter in self._limiters:
            limiter.forget(item)

    def num_requeues(self, item: Hashable) -> int:
        """The highest count."""
        return max((limiter.num_requeues(item) for limiter in self._limiters), default=0)


class WithMaxWaitRateLimiter:
    """Another limiter, but never above `cap` seconds."""

    def __init__(self, limiter: RateLimiter, cap: float) -> None:
        self._limiter = limiter
        self._cap = cap

    def when(self, item: Hashable) -> float:
        """Seconds, at most the cap."""
        return min(self._limiter.when(item), self._cap)

    def forget(self, item: Hashable) -> None:
        """The other forgets it."""
        self._limiter.forget(item)

    def num_requeues(self, item: Hashable) -> int:
        """What the other counted."""
        return self._limiter.num_requeues(item)


def default_rate_limiter(clock: Clock | None = None) -> RateLimiter:
    """The worse of 5 ms doubled with each failure up to 1000 s, and ten a second with a burst of a hundred."""
    return MaxOfRateLimiter(ExponentialFailureRateLimiter(), BucketRateLimiter(clock=clock))

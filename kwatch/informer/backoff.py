"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from collections.abc import Callable


class Backoff:
    """Exponential, capped, with jitter: a wait is uniform in [d, d * (1 + jitter)]. Only `reset` shortens it again."""

    def __init__(
        self,
        initial: float = 0.8,
        cap: float = 30.0,
        factor: float = 2.0,
        jitter: float = 1.0,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._initial = initial
        self._cap = cap
        self._factor = factor
        self._jitter = jitter
        self._uniform = uniform
        self._next = initial

    @property
    def longest(self) -> float:
        """The longest wait, in seconds."""
        return self._cap * (1.0 + self._jitter)

    def next(self) -> float:
        """Seconds to wait now; the next wait will be longer."""
        base = min(self._next, self._cap)
        self._next = min(base * self._factor, self._cap)
        return self._uniform(base, base * (1.0 + self._jitter))

    def reset(self) -> None:
        """After a success: begin anew."""
        self._next = self._initial

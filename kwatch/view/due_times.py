"""When which rows must be looked at again although they have not changed."""

from __future__ import annotations

import heapq
from collections.abc import Iterable


class DueTimes:
    """At most one moment a key, in seconds since the epoch; the earliest is known at once."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._at)

    def put(self, key: str, at: float | None) -> None:
        """Set or, with None, forget when a key is due."""
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            heapq.heappush(self._heap, (at, key))
            if len(self._heap) > 2 * len(self._at) + 64:
                self.fill(self._at.items())

    def fill(self, moments: Iterable[tuple[str, float]]) -> None:
        self._at = dict(moments)
        self._heap = [(at, key) for key, at in self._at.items()]
        heapq.heapify(self._heap)

    def clear(self) -> None:
        self.fill(())

    def next(self) -> float | None:
        heap = self._heap
        while heap:
            at, key = heap[0]
            if self._at.get(key) == at:
                return at
            # What was put again for another moment, or forgotten, still lies in the heap.
            heapq.heappop(heap)
        return None

    def pop(self, now: float) -> set[str]:
        ready: set[str] = set()
        while (at := self.next()) is not None and at <= now:
            _, key = heapq.heappop(self._heap)
            del self._at[key]
            ready.add(key)
        return ready

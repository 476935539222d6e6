"""What is to happen when: the simulated cluster's only notion of concurrency.

A process is a generator that does something and yields how many seconds to wait before it goes on: the life of a pod
reads from top to bottom, though a thousand of them interleave.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from itertools import count

Process = Generator[float, None, None]


class Agenda:
    """Actions by due time; what is due at the same time runs in the order it was planned."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def __len__(self) -> int:
        return len(self._heap)

    def at(self, due: float, action: Callable[[], None]) -> None:
        """Plan an action."""
        heapq.heappush(self._heap, (due, next(self._order), action))

    def run_due(self, now: float) -> bool:
        """Run the earliest action if it is due; say whether one ran."""
        if not self._heap or self._heap[0][0] > now:
            return False
        _, _, action = heapq.heappop(self._heap)
        action()
        return True

    def lateness(self, now: float) -> float:
        """For how many seconds the earliest action has been due; 0 when nothing is."""
        return max(0.0, now - self._heap[0][0]) if self._heap else 0.0

    def spawn(self, process: Process, start: float, clock: Callable[[], float]) -> None:
        """Run a process from `start` on; its waits count from when it asked for them."""

        def go_on() -> None:
            wait = next(process, None)
            if wait is not None:
                self.at(clock() + wait, go_on)

        self.at(start, go_on)

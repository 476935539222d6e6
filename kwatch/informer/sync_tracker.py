"""Whether everything that was begun before a source was complete is also finished."""

from __future__ import annotations

from collections.abc import Callable


class SyncTracker:
    """`start` is called by one thread, `finished` by one other; `has_synced` by any."""

    def __init__(self, upstream_has_synced: Callable[[], bool]) -> None:
        self._upstream_has_synced = upstream_has_synced
        # Two counters, each written by one thread only, need no lock.
        self._started = 0
        self._finished = 0

    def start(self, count: int = 1) -> None:
        """So many initial items are on their way."""
        self._started += count

    def finished(self, count: int = 1) -> None:
        """So many of them are done with; raise ValueError for more than were started."""
        if self._finished + count > self._started:
            raise ValueError("finished more than was started")
        self._finished += count

    def has_synced(self) -> bool:
        """Whether upstream synced and nothing is left."""
        # Asked first: what upstream started before it synced is then in the count.
        return self._upstream_has_synced() and self._finished == self._started

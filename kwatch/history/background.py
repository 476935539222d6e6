"""What happens behind the sinks, in a thread of its own: the index of changes, packing, and making room."""

from __future__ import annotations

import threading
from collections import deque

from kwatch.history.archive import Archive
from kwatch.history.compaction import compact
from kwatch.history.eviction import evict
from kwatch.history.indexing import index_changes
from kwatch.history.life import Life
from kwatch.informer.clock import Clock

NAP = 0.02
"""Seconds between noticing work and doing it, so that several versions of an object are looked at together."""
LEISURE = 2.0
"""Seconds without work after which history is packed as small as it can be."""
PRESSURE = 0.25
"""The part of the budget from which on it is packed as it comes..."""
PRESSING = 16_384
"""...once so many versions are not."""


AGE_CHECK = 10.0
"""Seconds between looks for what has become too old."""


class Background:
    """Starts with the first work."""

    def __init__(self, archive: Archive, budget_bytes: int, max_age: float | None, clock: Clock) -> None:
        self._archive = archive
        self._budget = budget_bytes
        self._max_age = max_age
        self._clock = clock
        self._waiting: deque[Life] = deque()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._done = threading.Condition()
        self._busy = False
        self._compact_all = False
        self._thread: threading.Thread | None = None

    @property
    def backlog(self) -> int:
        """How many objects wait to be looked at."""
        return len(self._waiting)

    def notice(self, life: Life) -> None:
        """A life has a new version. Called in the informers' threads."""
        if life.waiting:
            return
        life.waiting = True
        self._waiting.append(life)
        if not self._wake.is_set():
            self._wake.set()
            if self._thread is None:
                self._start()

    def catch_up(self, timeout: float | None, *, compacted: bool) -> bool:
        """Wait until nothing waits, and, if `compacted`, everything is packed; False if that took longer."""
        with self._done:
            self._busy = True
            self._compact_all |= compacted
        self._wake.set()
        self._start()
        with self._done:
            return self._done.wait_for(lambda: not self._busy and not self._waiting, timeout)

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        with self._done:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="kwatch-history", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            woken = self._wake.wait(self._patience())
            if woken:
                self._stop.wait(NAP)
            with self._done:
                self._wake.clear()
                self._busy = True
                everything, self._compact_all = self._compact_all, False
            self._index()
            self._make_room()
            self._compact(everything=everything or not woken, interruptible=not everything)
            self._make_room()
            with self._done:
                self._busy = self._wake.is_set()
                self._done.notify_all()

    def _patience(self) -> float | None:
        """Seconds to wait for new work before there is other work; None if there is none."""
        if self._archive.uncompacted:
            return LEISURE
        return AGE_CHECK if self._max_age is not None else None

    def _index(self) -> None:
        while self._waiting and not self._stop.is_set():
            life = self._waiting.popleft()
            index_changes(self._archive, life)
            if self._archive.bytes > self._budget:
                self._make_room()

    def _compact(self, *, everything: bool, interruptible: bool) -> None:
        archive = self._archive
        if not everything and (archive.bytes < self._budget * PRESSURE or archive.uncompacted_versions < PRESSING):
            return
        while archive.uncompacted and not self._stop.is_set():
            if everything and interruptible and self._wake.is_set():
                return
            compact(archive, archive.next_uncompacted())

    def _make_room(self) -> None:
        oldest = self._clock.time() - self._max_age if self._max_age is not None else None
        while evict(self._archive, self._budget, oldest):
            pass

"""What happens behind the sinks, in a thread of its own: packing, and making room."""

from __future__ import annotations

import logging
import threading
from collections import deque

from kwatch.history.archive import Archive
from kwatch.history.eviction import evict
from kwatch.history.life import Life
from kwatch.history.repacking import repack
from kwatch.informer.clock import Clock

log = logging.getLogger("kwatch.history")

NAP = 0.02
"""Seconds between noticing work and doing it, so that several versions of an object are packed together."""
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
        self._idle = threading.Condition()
        self._busy = False
        self._thread: threading.Thread | None = None

    @property
    def backlog(self) -> int:
        """How many deltas wait."""
        return len(self._waiting)

    def notice(self, life: Life) -> None:
        """A life has a new version. Called in the informers' threads."""
        self._waiting.append(life)
        if not self._wake.is_set():
            self._wake.set()
            if self._thread is None:
                self._start()

    def catch_up(self, timeout: float | None = None) -> bool:
        """Wait until nothing waits; False if it took longer."""
        self._wake.set()
        if self._thread is None:
            self._start()
        with self._idle:
            return self._idle.wait_for(lambda: not self._waiting and not self._busy, timeout)

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        with self._idle:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="kwatch-history", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(AGE_CHECK if self._max_age is not None else None)
            self._stop.wait(NAP)
            self._wake.clear()
            self._busy = True
            while self._waiting and not self._stop.is_set():
                self._work_off()
            self._make_room()
            self._busy = False
            with self._idle:
                self._idle.notify_all()

    def _work_off(self) -> None:
        lives: dict[int, Life] = {}
        while self._waiting and len(lives) < 1000:
            life = self._waiting.popleft()
            lives[life.number] = life
        for life in lives.values():
            repack(self._archive, life)
        self._make_room()

    def _make_room(self) -> None:
        oldest = self._clock.time() - self._max_age if self._max_age is not None else None
        while evict(self._archive, self._budget, oldest):
            pass

"""Notices a stop while the reflector's thread is blocked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Self

from kwatch.base.threads import spawn
from kwatch.informer.waiting import Signal

_LOOK_EVERY = 0.05


class StopWatch:
    """While the context is open, calls `interrupt` once `stop` is set.

    A Signal calls by itself; any other event needs a thread, which looks twenty times a second because it must also
    notice that the context has ended.
    """

    def __init__(self, stop: threading.Event, interrupt: Callable[[], None]) -> None:
        self._stop = stop
        self._interrupt = interrupt
        self._finished = threading.Event()

    def __enter__(self) -> Self:
        if isinstance(self._stop, Signal):
            self._stop.on_set(self._interrupt)
        else:
            spawn("kwatch-stop-watch", self._look, until=self._finished)
        return self

    def __exit__(self, *_: object) -> None:
        self._finished.set()
        if isinstance(self._stop, Signal):
            self._stop.forget(self._interrupt)

    def _look(self) -> None:
        while not self._stop.wait(_LOOK_EVERY):
            if self._finished.is_set():
                return
        self._interrupt()

"""Events that call back, waiting for several of them, and waiting for threads to end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Self

from kwatch.base.threads import guard
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.resource import GroupVersionResource, InformerKey


class Signal(threading.Event):
    """A threading.Event, set once, that calls back when it is set, so that no thread need wait for it.

    A callback that raises is reported, and the others are called all the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self._callbacks: list[Callable[[], None]] = []
        self._callbacks_lock = threading.Lock()

    def set(self) -> None:
        """Set it, and call the callbacks in this thread."""
        with self._callbacks_lock:
            super().set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            guard("a signal's callback", callback)

    def on_set(self, callback: Callable[[], None]) -> None:
        """Call back, once, when it is set; at once if it is."""
        with self._callbacks_lock:
            if not self.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def forget(self, callback: Callable[[], None]) -> None:
        with self._callbacks_lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)


_LOOK_EVERY = 0.05
"""Seconds."""


@dataclass(frozen=True, slots=True)
class WaitResult:
    """True if everything happened; otherwise `unfinished` names what did not, and `reason` why the wait ended."""

    unfinished: tuple[str, ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return not self.unfinished


class CacheSync(dict[GroupVersionResource, bool]):
    """For each resource whether all informers of it have synced; true if everything has. `unfinished` names those that
    have not, and `reason` says why the wait ended: `timed out`, `stopped` or, if nothing is unfinished, nothing.
    """

    unfinished: tuple[InformerKey, ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return not self.unfinished


def wait_for(
    signals: Mapping[str, Signal],
    timeout: float | None = None,
    *,
    stop: threading.Event | None = None,
    clock: Clock | None = None,
) -> WaitResult:
    """Wait until every signal is set, `timeout` seconds are over, or `stop` is set.

    Nothing is polled, except a `stop` that is no Signal: every 50 ms.
    """
    clock = clock or SystemClock()
    over = threading.Event()

    def look() -> None:
        if (stop is not None and stop.is_set()) or all(signal.is_set() for signal in signals.values()):
            over.set()

    watched = [*signals.values(), *([stop] if isinstance(stop, Signal) else [])]
    for signal in watched:
        signal.on_set(look)
    look()
    _wait(over, timeout, clock, None if stop is None or isinstance(stop, Signal) else stop)
    for signal in watched:
        signal.forget(look)
    unfinished = tuple(name for name, signal in signals.items() if not signal.is_set())
    if not unfinished:
        return WaitResult()
    return WaitResult(unfinished, "stopped" if stop is not None and stop.is_set() else "timed out")


def _wait(over: threading.Event, timeout: float | None, clock: Clock, polled: threading.Event | None) -> None:
    if timeout is None and polled is None:
        over.wait()
        return
    deadline = inf if timeout is None else clock.monotonic() + timeout
    while not over.is_set() and not (polled is not None and polled.is_set()):
        left = deadline - clock.monotonic()
        if left <= 0:
            return
        clock.wait(over, left if polled is None else min(left, _LOOK_EVERY))


class StopReport(tuple[str, ...]):
    """The names of threads that are still alive; `dropped` notifications were not delivered."""

    dropped: int

    def __new__(cls, alive: Iterable[str] = (), dropped: int = 0) -> Self:
        report = super().__new__(cls, alive)
        report.dropped = dropped
        return report


def join_all(threads: Iterable[threading.Thread], timeout: float | None) -> list[str]:
    """Wait for threads, `timeout` seconds for all together (None: without limit); the names of those still alive."""
    deadline = None if timeout is None else time.monotonic() + timeout
    alive = []
    for thread in threads:
        if thread is threading.current_thread() or thread.ident is None:
            continue
        thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            alive.append(thread.name)
    return alive

"""Waiting for several things at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.resource import GroupVersionResource, InformerKey
from kwatch.informer.signal import Signal

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

    Nobody polls, unless `stop` is an Event that is no Signal: that is looked at every 50 ms.
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

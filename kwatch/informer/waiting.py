"""Waiting for several things at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from kwatch.informer.clock import Clock
from kwatch.informer.signal import Signal


@dataclass(frozen=True, slots=True)
class WaitResult:
    """True if everything happened; otherwise `unfinished` names what did not, and `reason` why the wait ended."""

    unfinished: tuple[str, ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return not self.unfinished


def wait_for(
    signals: Mapping[str, Signal],
    timeout: float | None = None,
    *,
    stop: Signal | None = None,
    clock: Clock | None = None,
) -> WaitResult:
    """Wait until every signal is set, `timeout` seconds are over, or `stop` is set. Nobody polls."""
    over = threading.Event()

    def look() -> None:
        if (stop is not None and stop.is_set()) or all(signal.is_set() for signal in signals.values()):
            over.set()

    watched = [*signals.values(), *([stop] if stop is not None else [])]
    for signal in watched:
        signal.on_set(look)
    look()
    if timeout is None or clock is None:
        over.wait(timeout)
    else:
        clock.wait(over, timeout)
    for signal in watched:
        signal.forget(look)
    unfinished = tuple(name for name, signal in signals.items() if not signal.is_set())
    if not unfinished:
        return WaitResult()
    return WaitResult(unfinished, "stopped" if stop is not None and stop.is_set() else "timed out")

"""Going over many things under the journal's lock without keeping the informers from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

SLICE = 256
"""Things looked at under one hold: some hundred microseconds."""
_PAUSE = 0.00005
"""Seconds between two holds. With none, whoever waits for the lock would hardly ever get it."""


def yield_lock() -> None:
    """Let others have the lock, between two holds."""
    time.sleep(_PAUSE)


def in_slices(lock: threading.RLock, things: Sequence[T], look: Callable[[Sequence[T]], R]) -> Iterator[R]:
    """What `look` finds in slice after slice, each looked at under a hold of the lock of its own."""
    for start in range(0, len(things), SLICE):
        if start:
            yield_lock()
        with lock:
            found = look(things[start : start + SLICE])
        yield found

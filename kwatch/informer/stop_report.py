"""What was left when an informer was stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Self


class StopReport(tuple[str, ...]):
    """The names of threads that are still alive; `dropped` notifications were not delivered."""

    dropped: int

    def __new__(cls, alive: Iterable[str] = (), dropped: int = 0) -> Self:
        """Names and a number."""
        report = super().__new__(cls, alive)
        report.dropped = dropped
        return report


def join_all(threads: Iterable[threading.Thread], timeout: float | None) -> list[str]:
    """Wait for threads, `timeout` seconds for all together (None: for ever); the names of those still alive."""
    deadline = None if timeout is None else time.monotonic() + timeout
    alive = []
    for thread in threads:
        if thread is threading.current_thread() or thread.ident is None:
            continue
        thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            alive.append(thread.name)
    return alive

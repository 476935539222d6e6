"""What a signal does to a command without a screen: an orderly end, and an end at any price."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

from kwatch.base.threads import spawn

PATIENCE = 3.0
"""Seconds for an orderly end after a signal; then the process is ended, which may wait for a pipe that nobody reads."""


def stop_on_signals(stop: threading.Event) -> Callable[[], int]:
    """Set `stop` on SIGINT, SIGTERM and SIGHUP, and end the process if that was not enough, or was said twice.

    What is returned gives the exit code: 0, or the one that a shell gives for the signal.
    """
    codes = [0]

    def end(number: int, frame: object) -> None:
        if stop.is_set():
            os._exit(128 + number)
        codes.append(128 + number)
        stop.set()
        spawn("kwatch-ending", lambda: _end_late(128 + number))

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has not all of them
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):  # nohup
            signal.signal(number, end)
    return lambda: codes[-1]


def _end_late(code: int) -> None:
    time.sleep(PATIENCE)
    os._exit(code)

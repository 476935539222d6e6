"""When the terminal goes away: the program ends, even though nothing can be written any more."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from types import FrameType

from kwatch.base.threads import spawn

PATIENCE = 3.0
"""Seconds for an orderly end. Textual writes to the terminal in a thread that dies with it, and then waits for ever."""
EXIT_CODE = 128 + signal.SIGHUP


def end_on_hangup(leave: Callable[[], object], patience: float = PATIENCE) -> None:
    """From now on a SIGHUP calls `leave` in a thread of its own, and ends the process if that was not enough.

    The handler is Python's and not the event loop's, because the loop may be waiting already. Raise ValueError in any
    thread but the main one.
    """

    def end_late() -> None:
        time.sleep(patience)
        os._exit(EXIT_CODE)

    def hang_up(number: int, frame: FrameType | None) -> None:
        spawn("kwatch-hangup", leave)
        spawn("kwatch-hangup-limit", end_late)

    signal.signal(signal.SIGHUP, hang_up)

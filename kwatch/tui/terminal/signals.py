"""Signals that end the program: in order if it can, and with the terminal as it was in any case."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

from kwatch.base.threads import Thread

PATIENCE = 3.0
"""Seconds for an orderly end; then the process is ended."""
HANGUP = 128 + signal.SIGHUP
"""The exit code when the terminal has gone."""
ENDING = tuple(
    getattr(signal, name)
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU")
    if hasattr(signal, name)
)
"""All that would end the process at once and leave the terminal as it is, without a handler."""


def end_on_signals(
    leave: Callable[[int], object], abandon: Callable[[], object], patience: float = PATIENCE
) -> threading.Event:
    """From now on a signal that ends calls `leave` with the exit code, 128 and its number; and if that was not enough,
    `abandon`, and ends the process. Both are called in threads of their own. The event says that there was one.

    The handler is Python's and not the event loop's, because the loop may be waiting for something. Raise ValueError in
    any thread but the main one.
    """
    asked = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            return
        asked.set()
        code = 128 + number
        Thread("kwatch-leaving", lambda: leave(code)).start()
        Thread("kwatch-ending", lambda: _end_later(abandon, code, patience)).start()

    for number in ENDING:
        signal.signal(number, end)
    return asked


def end_unless(done: threading.Event, abandon: Callable[[], object], code: int, patience: float) -> None:
    """If that is not `done` after so many seconds, call `abandon` and end the process with this code."""

    def end() -> None:
        if not done.wait(patience):
            _end_now(abandon, code)

    Thread("kwatch-ending", end).start()


def _end_later(abandon: Callable[[], object], code: int, patience: float) -> None:
    threading.Event().wait(patience)
    _end_now(abandon, code)


def _end_now(abandon: Callable[[], object], code: int) -> None:
    try:
        abandon()
    finally:
        os._exit(code)

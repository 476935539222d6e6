"""Has everything handed out again from time to time, beside an open watch."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Self

from kwatch.informer.clock import Clock

log = logging.getLogger("kwatch.informer.reflector")


class ResyncTimer:
    """Calls `resync` every `period` seconds, in a thread that lives while the context is open and the period is not 0.

    If it raises, `error` holds what, `on_error` is called, and that was all.
    """

    def __init__(self, period: float, resync: Callable[[], None], on_error: Callable[[], None], clock: Clock) -> None:
        self._period = period
        self._resync = resync
        self._on_error = on_error
        self._clock = clock
        self._finished = threading.Event()
        self.error: Exception | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._period > 0:
            self._thread = threading.Thread(target=self._run, name="kwatch-resync", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._finished.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while not self._clock.wait(self._finished, self._period):
            try:
                self._resync()
            except Exception as error:  # noqa: BLE001 - the user's store; ends the watch and is reported
                self.error = error
                self._on_error()
                return

"""Has everything handed out again from time to time, beside an open watch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kwatch.base.threads import reason_of, spawn
from kwatch.informer.clock import Clock
from kwatch.informer.waiting import join_all


class ResyncTimer:
    """Calls `resync` every `period` seconds, in a thread that lives while `running` and the period is not 0.

    Watches come and go every few minutes, and periods are often longer: so the time goes on between two runs.
    """

    def __init__(self, period: float, resync: Callable[[], None], clock: Clock) -> None:
        self._period = period
        self._resync = resync
        self._clock = clock
        self._due: float | None = None

    @contextmanager
    def running(self, on_error: Callable[[Exception], None]) -> Iterator[None]:
        """Run inside this context. If a resync raises, `on_error` hears of it and that was all."""
        if self._period <= 0:
            yield
            return
        if self._due is None:
            self._due = self._clock.monotonic() + self._period
        finished = threading.Event()
        thread = spawn("kwatch-resync", lambda: self._run(finished, on_error), lambda error: on_error(_told(error)))
        try:
            yield
        finally:
            finished.set()
            join_all([thread], 1.0)

    def _run(self, finished: threading.Event, on_error: Callable[[Exception], None]) -> None:
        while self._due is not None:
            if self._clock.wait(finished, max(0.0, self._due - self._clock.monotonic())):
                return
            self._due = self._clock.monotonic() + self._period
            try:
                self._resync()
            except Exception as error:  # noqa: BLE001 - the user's store; ends the watch and is reported
                on_error(error)
                return


def _told(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RuntimeError(reason_of(error))

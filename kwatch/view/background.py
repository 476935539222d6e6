"""What a view has done in threads of its own: objects read for sorting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kwatch.query.row import Row
from kwatch.view.scan import Found, Scan

_FEW = 1000
"""Rows that are read at once rather than in a thread: some 20 ms."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`filtering 6,200 of 10,000`."""

    what: str
    done: int
    total: int


class Background:
    """One piece of reading at a time; the newest wins."""

    def __init__(self) -> None:
        self._reading: Scan | None = None
        self._then: Callable[[], None] | None = None
        self.problem = ""
        """Why not every row was read, the last time; empty where all were."""

    @property
    def progress(self) -> Progress | None:
        """How far the reading is."""
        reading = self._reading
        if reading is None or reading.is_over:
            return None
        return Progress("reading", reading.looked_at, reading.total)

    @property
    def is_finished(self) -> bool:
        """Whether a reading ended whose `then` has not run."""
        return self._reading is not None and self._reading.is_over

    def read(self, rows: Sequence[Row], then: Callable[[], None]) -> bool:
        """Read rows in a thread; `finish` runs `then` afterwards. False, and nothing happens, if they are few."""
        if len(rows) < _FEW:
            return False
        self._then, self.problem = then, ""
        self._reading = Scan(rows, _read)
        return True

    def finish(self) -> bool:
        """On the UI thread: run what waits for a reading that has ended; whether there was something."""
        if self._reading is None or not self._reading.is_over or self._then is None:
            return False
        self.problem = self._reading.problem
        then, self._reading, self._then = self._then, None, None
        then()
        return True

    def cancel(self) -> None:
        """Want the reading no more."""
        if self._reading is not None:
            self._reading.cancel()
        self._reading = self._then = None


def _read(rows: Sequence[Row]) -> Found:
    for row in rows:
        row.values  # noqa: B018 - reading is what is wanted; the row keeps them
    return Found()

"""Many rows looked at in a thread: cancellable, in chunks, so that the first matches come at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from kwatch.base.threads import guard, reason_of, spawn
from kwatch.query.row import Row

_FIRST_CHUNK = 64
_STRIDE = 64
"""Into how many turns a scan is spread."""
_CHUNK_SECONDS = 0.01
"""How long a chunk should take: the longest that a match waits, and a cancelled scan goes on."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one chunk gave: the rows that match, and when which rows must be looked at again."""

    rows: Sequence[Row] = ()
    dues: Sequence[tuple[str, float]] = ()


def spread(rows: Sequence[Row]) -> list[Row]:
    """The same rows in an order in which every part has its turn soon: what matches stands together more often than
    not, and where it stands last it would also be found last.
    """
    stride = max(1, min(_STRIDE, len(rows) // _FIRST_CHUNK))
    return [row for offset in _turns(stride) for row in rows[offset::stride]]


def _turns(stride: int) -> Sequence[int]:
    """0, the middle, the quarters, and so on."""
    bits = max(1, (stride - 1).bit_length())
    mirrored = [int(f"{number:0{bits}b}"[::-1], 2) for number in range(1 << bits)]
    return [turn for turn in mirrored if turn < stride]


Judge = Callable[[Sequence[Row]], Found]


class Scan:
    """Started at once. The UI thread takes what was found so far, whenever it likes."""

    def __init__(self, rows: Sequence[Row], judge: Judge, then: Callable[[], None] | None = None) -> None:
        """`then` runs in the thread when every row was looked at."""
        self.total = len(rows)
        self.looked_at = 0
        self.waiting = 0
        """How many rows were found and not taken."""
        self.problem = ""
        """Why not every row was looked at, other than by `cancel`."""
        self._rows = rows
        self._judge = judge
        self._then = then
        self._found: deque[Found] = deque()
        self._cancelled = threading.Event()
        self._judged = threading.Event()
        self._thread = spawn("kwatch-scan", self._scan, self._crashed)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be found; what was may not have been taken yet."""
        return self._judged.is_set()

    def take(self) -> list[Found]:
        taken: list[Found] = []
        while self._found:
            taken.append(self._found.popleft())
        self.waiting = 0
        return taken

    def cancel(self) -> None:
        """Stop soon; what is found from now on is not wanted."""
        self._cancelled.set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until every row was looked at; False if that takes longer."""
        return self._judged.wait(timeout)

    def _crashed(self, error: BaseException) -> None:
        self.problem = f"internal error: {reason_of(error)}"
        self._judged.set()

    def _scan(self) -> None:
        start, size = 0, _FIRST_CHUNK
        while start < self.total and not self._cancelled.is_set():
            began = perf_counter()
            found = self._judge(self._rows[start : start + size])
            self._found.append(found)
            self.waiting += len(found.rows)
            start += size
            self.looked_at = min(start, self.total)
            seconds = perf_counter() - began
            size = max(1, min(4 * size, int(size * _CHUNK_SECONDS / max(seconds, 1e-6))))
        self._judged.set()
        if self._then is not None and not self._cancelled.is_set():
            guard("kwatch-scan", self._then)


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
        if self._reading is not None:
            self._reading.cancel()
        self._reading = self._then = None


def _read(rows: Sequence[Row]) -> Found:
    for row in rows:
        row.values  # noqa: B018 - reading is what is wanted; the row keeps them
    return Found()

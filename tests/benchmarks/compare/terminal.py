"""A program on a terminal, and what a person sees of it there, each with the moment at which it was read."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Protocol

import pyte

from tests.benchmarks.keys import Pressed
from tests.end_to_end.terminal import KEYS, Screen

COLUMNS, LINES = 120, 40
_NUMBER = re.compile(r"\d[\d,]*")
_STATUS = "Running|Completed|Pending|Succeeded|Failed|Error|CrashLoopBackOff|Terminating"
_ROW = re.compile(rf"\d+/\d+ .*\b({_STATUS})\b|\b({_STATUS})\b.* \d+/\d+")
_ENOUGH_ROWS = 5
_SAMPLED = range(2, COLUMNS, 6)
"""Columns that are looked at to find the row of the cursor."""


class Ended(Exception):
    """The program is gone; the text says how, with the last it wrote."""


class Late(Exception):
    """What was waited for did not come in time."""


class Sight(Protocol):
    """What a person makes of what the program writes."""

    def feed(self, data: bytes) -> None:
        """More was written."""

    def has_rows(self, objects: int) -> bool:
        """Whether first rows are there, of so many."""

    def has_all(self, objects: int) -> bool:
        """Whether all are there."""


class ScreenSight:
    """A program that draws: rows are lines that say how ready a pod is, and all are there when it says their number."""

    def __init__(self, busy: str = "") -> None:
        """`busy` is on the screen while a number may be what is expected, not what is there."""
        self._screen = Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._busy = re.compile(busy or r"(?!)")

    def feed(self, data: bytes) -> None:
        self._stream.feed(data)

    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    def has_rows(self, objects: int) -> bool:
        return sum(1 for line in self.lines() if _ROW.search(line)) >= min(_ENOUGH_ROWS, objects)

    def has_all(self, objects: int) -> bool:
        text = "\n".join(self.lines())
        if self._busy.search(text) or not self.has_rows(objects):
            return False
        return any(_is_about(int(found.replace(",", "")), objects) for found in _NUMBER.findall(text))

    def cursor(self) -> frozenset[int]:
        """The rows that stand out over at least half of their width."""
        styles = [
            [(cell.bg, cell.reverse) for cell in (self._screen.buffer[row][column] for column in _SAMPLED)]
            for row in range(LINES)
        ]
        usual, _ = Counter(style for row in styles for style in row).most_common(1)[0]
        return frozenset(
            row for row, found in enumerate(styles) if sum(style != usual for style in found) * 2 >= len(found)
        )


class LineSight:
    """A program that prints a line an object, under one line of headings."""

    def __init__(self) -> None:
        self._lines = 0

    def feed(self, data: bytes) -> None:
        self._lines += data.count(b"\n")

    def has_rows(self, objects: int) -> bool:
        return self._lines > min(_ENOUGH_ROWS, objects)

    def has_all(self, objects: int) -> bool:
        return self._lines > objects or _is_about(self._lines - 1, objects)


class WordSight:
    """A program that shows no rows, and says a word when it has them all."""

    WORD = b"synced"

    def __init__(self) -> None:
        self._written = b""

    def feed(self, data: bytes) -> None:
        self._written = (self._written + data)[-1000:]

    def has_rows(self, objects: int) -> bool:
        return self.has_all(objects)

    def has_all(self, objects: int) -> bool:
        return self.WORD in self._written


def _is_about(number: int, objects: int) -> bool:
    """Whether it is their number; in a cluster that lives, some came and some went."""
    return abs(number - objects) <= objects // 500


class Program(Pressed):
    """A program that a thread reads without a pause, so that nothing that is done with its output holds it up.

    Killed at the end, if it still runs.
    """

    def __init__(self, command: Sequence[str], sight: Sight, *, env: Mapping[str, str]) -> None:
        self.sight = sight
        self._tail = b""
        self._status: int | None = None
        self._read_at = 0.0
        self._chunks: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        self.began = time.perf_counter()
        super().__init__(command, columns=COLUMNS, rows=LINES, env=env)
        self._reader = threading.Thread(target=self._read_on, daemon=True)
        self._reader.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._has_ended():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self._reader.join(5)
        os.close(self._terminal)

    def until(self, seen: Callable[[], bool], patience: float) -> float:
        """Seconds from the program's start to when what shows this was read. Raise Ended and Late."""
        while True:
            moment = self._look(self.began + patience)
            if moment is None:
                raise Late(f"not within {patience:g} s")
            if seen():
                return moment - self.began

    def rest(self, seconds: float) -> None:
        """Let it be, and look at what it wrote afterwards. Raise Ended."""
        time.sleep(seconds)
        until = time.perf_counter()
        while self._look(until) is not None:
            pass

    def answer(self, key: str, answered: Callable[[], bool], longest: float) -> float:
        """Seconds from a key to when its answer was read; `longest` if there is none."""
        began = time.perf_counter()
        os.write(self._terminal, KEYS.get(key, key).encode())
        while (moment := self._look(began + longest)) is not None:
            if moment >= began and answered():
                return min(moment - began, longest)
        return longest

    def ends(self, patience: float) -> float:
        """Seconds from its start to its end by itself. Raise Late, and Ended if that was a failure."""
        try:
            self.until(lambda: False, patience)
        except Ended:
            if self._status:
                raise
        return self._read_at - self.began

    def quit(self, keys: Sequence[str], patience: float) -> float:
        """Seconds from the last key to the end of the process. Raise Late."""
        for key in keys:
            began = time.perf_counter()
            os.write(self._terminal, KEYS.get(key, key).encode())
        while not self._has_ended():
            if time.perf_counter() > began + patience:
                raise Late(f"it did not end within {patience:g} s")
            time.sleep(0.001)
        return time.perf_counter() - began

    def _look(self, until: float) -> float | None:
        """Take in what was read next; the moment of it, None if nothing was read until then. Raise Ended."""
        try:
            moment, data = self._chunks.get(timeout=max(0.0, until - time.perf_counter()))
        except Empty:
            return None
        self._read_at = moment
        if not data:
            while not self._has_ended() and time.perf_counter() < moment + 1.0:
                time.sleep(0.001)
            raise Ended(self._epitaph())
        self._tail = (self._tail + data)[-2000:]
        self.sight.feed(data)
        return moment

    def _read_on(self) -> None:
        data = b" "
        while data:
            try:
                data = os.read(self._terminal, 1 << 16)
            except OSError:  # the other side of the terminal is closed
                data = b""
            self._chunks.put((time.perf_counter(), data))

    def _has_ended(self) -> bool:
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status is not None

    def _epitaph(self) -> str:
        said = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]|\x1b.|[\x00-\x09\x0b-\x1f]", "", self._tail.decode(errors="replace"))
        last = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "")
        return f"ended with exit code {self._status}" + (f": {last[:160]}" if last else "")

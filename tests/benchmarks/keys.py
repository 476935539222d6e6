"""From a key to the bytes that answer it: kwatch, or any program, on a terminal of its own.

`python -m tests.benchmarks.keys [--objects N] [--rate N] [--keys NAME,...] [--times N] [--json] [-- COMMAND...]` prints
one line a kind of key. `Pressed` is the driver: other benchmarks measure other programs through it.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import pty
import random
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, NoReturn, Self

import pyte

from tests.benchmarks.row import Row
from tests.end_to_end.terminal import KEYS, Screen

QUIET = 0.05
"""Seconds without output after which a key is answered whole."""
LONGEST = 2.0
"""Seconds after which a key is not answered any more."""
PAUSE = (0.02, 0.12)
"""Seconds between two keys, by chance: no key stands always at the same place between two ticks."""
_STYLE = re.compile(rb"\x1b\[[\d;]*m")
_CURSOR = re.compile("▌.(.*?)(?=\x1b|$)".encode(), re.DOTALL)
"""The row that has the cursor, when the colours are taken out."""


class Answer(NamedTuple):
    """Seconds from the key to the first of its bytes, and to the last; and what was written."""

    first: float
    last: float
    data: bytes
    waited: float = 0.0
    """Seconds until the first in which the program's main thread could have run, and others had the cores."""


class Pressed:
    """A program on a pty, read by the thread that presses the keys, so that nothing stands between the two.

    Use it as a context manager; the program and all that it started are killed at the end.
    """

    def __init__(
        self, command: Sequence[str], *, columns: int = 120, rows: int = 40, env: Mapping[str, str] | None = None
    ) -> None:
        self._screen = Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.has_ended = False
        """Whether nothing can be read any more; the process may be there for another moment."""
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            self._become(command, {"TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})})
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @staticmethod
    def _become(command: Sequence[str], env: Mapping[str, str]) -> NoReturn:
        """The child: it never returns into what its parent was doing."""
        try:
            os.execvpe(command[0], list(command), env)
        except OSError as error:
            os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        finally:
            os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        os.close(self._terminal)
        os.waitpid(self.pid, 0)

    def press(
        self, key: str, is_answer: Callable[[bytes], object] = bool, *, quiet: float = QUIET, longest: float = LONGEST
    ) -> Answer | None:
        """Press a key, by its name in KEYS or as its bytes, and read until nothing came for a while.

        `is_answer` is asked with all that was written since, whenever more came: the first time it says yes is the
        key's first output. None if it never does.
        """
        data, first, last, waited = b"", 0.0, 0.0, 0.0
        before, began = self._waited(), time.perf_counter()
        os.write(self._terminal, KEYS.get(key, key).encode())
        until = began + longest
        while (left := until - time.perf_counter()) > 0 and (more := self._read(min(quiet, left) if first else left)):
            data += more
            last = time.perf_counter() - began
            if not first and is_answer(data):
                waited = self._waited() - before
                first, until = last, began + min(longest, last + 10 * quiet)
        self._stream.feed(data)
        return Answer(first, last, data, waited) if first else None

    def _waited(self) -> float:
        """Seconds that its main thread waited for a core so far, where the system counts them."""
        try:
            return int(Path(f"/proc/{self.pid}/task/{self.pid}/schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError):
            return 0.0

    def _read(self, seconds: float) -> bytes:
        """What is written next; nothing if nothing comes for so long."""
        if not select.select([self._terminal], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self._terminal, 65536)
        except OSError:  # the other end is closed
            self.has_ended = True
            return b""

    def read_for(self, seconds: float) -> bytes:
        """All that is written in a while."""
        data, until = b"", time.perf_counter() + seconds
        while not self.has_ended and (left := until - time.perf_counter()) > 0:
            data += self._read(left)
        self._stream.feed(data)
        return data

    def wait_for(self, wanted: str, timeout: float = 60.0) -> str:
        """Wait until a text is on the screen; the screen then. Raise TimeoutError."""
        until = time.perf_counter() + timeout
        while wanted not in (text := self.text()):
            if self.has_ended or time.perf_counter() > until:
                raise TimeoutError(f"{wanted!r} is not on the screen after at most {timeout} s:\n{text}")
            self.read_for(0.05)
        return text

    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display)


class _Kind(NamedTuple):
    """Keys that are pressed one after the other, again and again; those that come before; and what answers them."""

    keys: tuple[str, ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    moves: bool = False
    """Whether the answer is the cursor on another row; else whatever is written."""


_FILTER = ("backspace",) * 4
KINDS = {
    "row": _Kind(("down",) * 20 + ("up",) * 20, ("home",), moves=True),
    "scroll": _Kind(("down",) * 40, ("home", "pagedown", "pagedown"), moves=True),
    "page": _Kind(("pagedown",) * 5 + ("pageup",) * 5, ("home",), moves=True),
    "edge": _Kind(("end", "home"), moves=True),
    "letter": _Kind((*"web-", *_FILTER), ("/",), ("escape",)),
    "sort": _Kind((*"NASN",), after=("N",)),
    "explorer": _Kind(("i", "escape"), after=("home",)),
    "object": _Kind(("d", "escape"), ("home",)),
    "yaml": _Kind(("down",) * 20 + ("up",) * 20, ("home", "y"), ("escape",)),
    "tab": _Kind(("tab",), ("home", "d"), ("escape",)),
}


def measure_kind(driver: Pressed, kind: _Kind, times: int) -> list[Answer]:
    """The answers to so many keys of one kind, the table on top before and after."""
    chance = random.Random(1)
    for key in kind.before:
        driver.press(key)
        driver.read_for(0.3)
    answers, cursor = [], b""
    for number in range(times):
        driver.read_for(chance.uniform(*PAUSE))
        is_answer = (lambda data, at=cursor: _cursor(data) not in (b"", at)) if kind.moves else bool
        answer = driver.press(kind.keys[number % len(kind.keys)], is_answer)
        if answer is not None:
            answers.append(answer)
            cursor = _cursor(answer.data)
    for key in kind.after:
        driver.press(key)
        driver.read_for(0.3)
    return answers


def _cursor(data: bytes) -> bytes:
    """The first words of the row that has the cursor, if it was drawn: context, namespace and name."""
    rows = _CURSOR.findall(_STYLE.sub(b"", data))
    return b" ".join(rows[-1].split()[:3]) if rows else b""


def command_of(objects: int, rate: float) -> list[str]:
    return [sys.executable, "-m", "kwatch", "demo", "-A", "--objects", str(objects), "--rate", str(rate)]


@contextlib.contextmanager
def settled(command: Sequence[str]) -> Iterator[Pressed]:
    """A program whose rows are there, and which has become quiet."""
    with tempfile.TemporaryDirectory(prefix="kwatch-benchmark-") as home:
        env = {**os.environ, "HOME": home, "KWATCH_CONFIG": str(Path(home) / "config")}
        with Pressed(command, env=env) as driver:
            driver.wait_for("Running", 120)
            driver.read_for(8.0)
            yield driver


def measure(
    command: Sequence[str] | None = None, kinds: Sequence[str] = ("row", "page", "letter"), times: int = 200
) -> list[Row]:
    """Milliseconds from keys to the first and the last bytes that answer them; 10,000 objects at rest by default."""
    rows = []
    with settled(command or command_of(10_000, 0)) as driver:
        for name in kinds:
            answers = measure_kind(driver, KINDS[name], times)
            for what in ("first", "last"):
                rows += _rows(f"{name}: key to {what} bytes", [getattr(each, what) * 1000 for each in answers])
            rows.append(Row(f"{name}: bytes", statistics.median(len(each.data) for each in answers), "bytes"))
    return rows


_REACH = {50: "4 ms", 90: "8 ms", 99: "16 ms"}


def _rows(name: str, times: Sequence[float]) -> list[Row]:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return [
        Row(f"{name}, p{part}", cuts[part - 1], "ms", reach, f"{len(times)} keys") for part, reach in _REACH.items()
    ]


def main() -> None:
    """Print one line a kind of key."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.keys", description=__doc__)
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--keys", default=",".join(KINDS))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("command", nargs="*", help="another program than kwatch demo, after --")
    given = parser.parse_args()
    if given.json:
        rows = measure(given.command or command_of(given.objects, given.rate), given.keys.split(","), given.times)
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return
    print(f"{'':10} {'first p50':>9} {'p90':>6} {'p99':>6}  {'last p50':>9} {'p90':>6} {'p99':>6}  {'bytes':>6}  keys")
    with settled(given.command or command_of(given.objects, given.rate)) as driver:
        for name in given.keys.split(","):
            answers = measure_kind(driver, KINDS[name], given.times)
            first, last = ([getattr(each, what) * 1000 for each in answers] for what in ("first", "last"))
            a, b = (statistics.quantiles(each, n=100, method="inclusive") for each in (first, last))
            size = statistics.median(len(each.data) for each in answers)
            print(
                f"{name:10} {a[49]:9.1f} {a[89]:6.1f} {a[98]:6.1f}  {b[49]:9.1f} {b[89]:6.1f} {b[98]:6.1f}"
                f"  {size:6.0f}  {len(answers)}",
                flush=True,
            )


if __name__ == "__main__":
    main()

"""A real terminal in memory: the program runs on a pty, pyte keeps what a person would see."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType

import pyte

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "end": "\x1b[F",
    "home": "\x1b[H",
    "pagedown": "\x1b[6~",
    "pageup": "\x1b[5~",
    "space": " ",
    "ctrl+c": "\x03",
    "ctrl+w": "\x17",
    "ctrl+p": "\x10",
}


class Terminal:
    """Use as a context manager: the program is killed at the end if it still runs."""

    def __init__(self, command: Sequence[str], *, columns: int = 80, rows: int = 24, env: Mapping[str, str]) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = threading.Condition()
        self._ended = False
        self.raw = bytearray()
        """Every byte the program wrote."""
        self._master, slave = pty.openpty()
        self.modes_before = termios.tcgetattr(slave)
        self._slave = slave
        self._size(columns, rows)
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._slave)
        self._reader.join(5)
        os.close(self._master)

    def press(self, *keys: str) -> None:
        """Press keys by name (`enter`, `ctrl+c`); anything else is typed as it is."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def lines(self) -> list[str]:
        """What is on the screen, a string a row, without trailing blanks."""
        with self._changed:
            return [line.rstrip() for line in self._screen.display]

    def text(self) -> str:
        """The whole screen as one text."""
        return "\n".join(self.lines())

    def wait_for(self, wanted: str | Callable[[str], object], timeout: float = 20.0) -> str:
        """Wait until the screen contains a text, or satisfies a condition; the screen then."""
        meets = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + timeout
        with self._changed:
            while not meets(text := "\n".join(line.rstrip() for line in self._screen.display)):
                left = deadline - time.monotonic()
                if left <= 0 or self._ended:
                    what = repr(wanted) if isinstance(wanted, str) else "what was waited for"
                    raise AssertionError(f"{what} is not on the screen after {timeout} s:\n{text}")
                self._changed.wait(left)
            return text

    def wait_for_exit(self, timeout: float = 5.0) -> int:
        """The exit code."""
        return self.process.wait(timeout)

    def modes(self) -> list[object]:
        """The terminal's modes now (termios), to compare with `modes_before`."""
        return list(termios.tcgetattr(self._slave))

    def resize(self, columns: int, rows: int) -> None:
        """As a user drags the window."""
        with self._changed:
            self._screen.resize(rows, columns)
        self._size(columns, rows)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def _size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self) -> None:
        for data in self._chunks():
            with self._changed:
                self.raw += data
                self._stream.feed(data)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _chunks(self) -> Iterator[bytes]:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            if not data:
                return
            yield data

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
from pathlib import Path
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
    "ctrl+l": "\x0c",
}


class Screen(pyte.Screen):
    """Takes every question: pyte's fails at those that not every terminal answers, as whether it is light or dark."""

    def report_device_status(self, mode: int, **kwargs: bool) -> None:
        if not kwargs.get("private"):
            super().report_device_status(mode)


class Terminal:
    """Use as a context manager: the program is killed at the end if it still runs."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str],
        cwd: Path | None = None,
    ) -> None:
        """The program is alone on it: it leads its session, and the terminal is the session's own. `env` may have
        another TERM and COLORTERM; `cwd` is the folder it runs in.
        """
        self._screen = Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._scribbled = False
        self._changed = threading.Condition()
        self._ended = False
        self._reads = threading.Event()
        self._reads.set()
        self.raw = bytearray()
        """Every byte the program wrote."""
        self._master, slave = pty.openpty()
        self.modes_before = termios.tcgetattr(slave)
        self._slave = slave
        self._is_gone = False
        self._size(columns, rows)
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={"TERM": "xterm-256color", "COLORTERM": "truecolor", **env},
            cwd=cwd,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0),
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
        self._reads.set()
        os.close(self._slave)
        self._reader.join(60)
        if not self._is_gone:
            os.close(self._master)

    def hang_up(self) -> None:
        """The window is closed: nothing can be read or written any more."""
        self._is_gone = True
        os.close(self._slave)
        self._slave = os.open(os.devnull, os.O_RDONLY)
        os.close(self._master)

    def freeze(self) -> None:
        """From now on the terminal takes nothing, as when its window is stopped."""
        self._reads.clear()

    def send(self, data: bytes) -> None:
        """Bytes, as the terminal sends them for keys and by itself; in one go."""
        os.write(self._master, data)

    def scribble(self, text: str) -> None:
        """Another program writes on the terminal, all over it; again if the program was just about to draw there."""
        self._scribbled = True
        for _ in range(5):
            os.write(self._slave, f"\r\n{text}\r\n".encode() * 30)
            with contextlib.suppress(AssertionError):
                self.wait_for(text, timeout=2)
                return
        raise AssertionError(f"{text!r} is never seen")

    def wipe(self, mark: str) -> None:
        """Fill what a person would see with a mark: what is not painted from now on, still shows it."""
        with self._changed:
            for row in range(self._screen.lines):
                for column in range(self._screen.columns):
                    self._screen.buffer[row][column] = self._screen.default_char._replace(data=mark)

    def cook(self) -> None:
        """The shell takes its modes back."""
        termios.tcsetattr(self._slave, termios.TCSANOW, self.modes_before)

    def wait_for_stop(self, timeout: float = 60.0) -> None:
        """Wait until the program is stopped, as by Ctrl-Z."""
        deadline = time.monotonic() + timeout
        while "T" not in (state := Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0]):
            assert time.monotonic() < deadline, f"it is not stopped: {state}"
            time.sleep(0.02)

    def press(self, *keys: str) -> None:
        """Press keys by name (`enter`, `ctrl+c`); anything else is typed as it is."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def lines(self) -> list[str]:
        """What is on the screen, a string a row, without trailing blanks."""
        with self._changed:
            return [line.rstrip() for line in self._screen.display]

    def cells(self) -> list[list[pyte.screens.Char]]:
        """What is on the screen, with colours: a list of cells a row."""
        with self._changed:
            columns = range(self._screen.columns)
            return [[self._screen.buffer[row][column] for column in columns] for row in range(self._screen.lines)]

    def text(self) -> str:
        """The whole screen as one text."""
        return "\n".join(self.lines())

    def wait_for(self, wanted: str | Callable[[str], object], timeout: float = 60.0) -> str:
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

    def wrote(self, *wanted: bytes, timeout: float = 60.0) -> bool:
        """Whether the program has written all of these bytes; what it wrote last may be on its way."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not (is_there := all(each in self.raw for each in wanted)) and time.monotonic() < deadline:
                self._changed.wait(0.1)
            return is_there

    def wait_for_exit(self, timeout: float = 60.0) -> int:
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

    def squeeze(self, columns: int, rows: int) -> None:
        """Another size for so short a time that the program finds it as it was; what did not fit is gone."""
        before = self._screen.columns, self._screen.lines
        with self._changed:
            for width, height in ((columns, rows), before):
                self._screen.resize(height, width)
                self._size(width, height)

    def _size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self) -> None:
        for data in self._chunks():
            with self._changed:
                self.raw += data
                self._feed(data)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _feed(self, data: bytes) -> None:
        try:
            self._stream.feed(data)
        except Exception:
            if not self._scribbled:
                raise
            # A sequence that another program cut in two: terminals go on after it, pyte's parser does not.
            self._stream = pyte.ByteStream(self._screen)

    def _chunks(self) -> Iterator[bytes]:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            if not data:
                return
            self._reads.wait()
            yield data

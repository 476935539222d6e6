"""One program behind a pseudo-terminal, for one connection: what it writes, what is typed, and its end."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress

PATIENCE = 0.7
"""Seconds that it has to end in order."""
_LOOK = 0.02
_CHUNK = 65536
_SMALLEST, _LARGEST = (20, 5), (500, 300)
"""Columns and lines."""
_NOT_HERE = ("TMUX", "TMUX_PANE", "STY", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLUMNS", "LINES", "WT_SESSION")
"""What the environment says of the terminal that the server was started from."""


class TerminalSession:
    """Owns the process and the terminal; `end` ends both. Used in one loop."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], columns: int, lines: int) -> None:
        """Raise OSError where it cannot be started."""
        self._terminal, theirs = os.openpty()
        try:
            os.set_blocking(self._terminal, False)
            self._set_size(columns, lines)
            mine = {name: value for name, value in environment.items() if name not in _NOT_HERE}
            self._process = subprocess.Popen(
                command,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
                env={**mine, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            )
        except BaseException:
            os.close(self._terminal)
            raise
        finally:
            os.close(theirs)

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    async def read(self) -> bytes:
        """What it wrote, as soon as it has; nothing when it has ended."""
        while True:
            try:
                return os.read(self._terminal, _CHUNK)
            except BlockingIOError:
                await self._wait(for_room=False)
            except OSError:  # nobody has the other end any more
                return b""

    async def write(self, data: bytes) -> None:
        """Type; waits while it takes nothing."""
        while data:
            try:
                data = data[os.write(self._terminal, data) :]
            except BlockingIOError:
                await self._wait(for_room=True)
            except OSError:
                return

    def resize(self, columns: int, lines: int) -> None:
        self._set_size(columns, lines)
        self._signal(signal.SIGWINCH)

    async def end(self) -> None:
        """Hang up; what has not ended then is killed."""
        self._signal(signal.SIGHUP)
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while self.is_running and loop.time() < until:
            # What it still writes must go somewhere.
            with suppress(OSError):
                os.read(self._terminal, _CHUNK)
            await asyncio.sleep(_LOOK)
        self._signal(signal.SIGKILL)
        self._process.wait()
        with suppress(OSError):
            os.close(self._terminal)
        self._terminal = -1

    def _signal(self, which: signal.Signals) -> None:
        if self.is_running:
            with suppress(ProcessLookupError):
                # Its group is its own: what it started, and did not take out of it, hears it too.
                os.killpg(self._process.pid, which)

    def _set_size(self, columns: int, lines: int) -> None:
        columns = max(_SMALLEST[0], min(_LARGEST[0], columns))
        lines = max(_SMALLEST[1], min(_LARGEST[1], lines))
        with suppress(OSError):
            fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    async def _wait(self, *, for_room: bool) -> None:
        loop, terminal = asyncio.get_running_loop(), self._terminal
        ready: asyncio.Future[None] = loop.create_future()
        (loop.add_writer if for_room else loop.add_reader)(terminal, _settle, ready)
        try:
            await ready
        finally:
            (loop.remove_writer if for_room else loop.remove_reader)(terminal)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)

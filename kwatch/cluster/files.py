"""The user's own files: kubeconfigs, certificates, keys, tokens.

A regular file is read again each time, because such files are rotated in place. Anything else, such as the pipe of
`--kubeconfig <(command)`, gives its content only once: it is read to its end and kept for as long as the process lives.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import threading
from collections.abc import Callable
from pathlib import Path

from kwatch.informer.clock import Clock, SystemClock

PATIENCE = 10.0
"""Seconds to wait for who writes to a pipe."""
LARGEST = 16 << 20
"""Bytes; what is larger is no file of this kind, or has no end."""
_LOOK = 0.1
"""Seconds between looks at whether to go on waiting."""
_ONCE = ("/dev/", "/proc/")
"""What stands here may be another file the next time, whatever it is now: standard input above all."""


class UserFiles:
    """Safe to use from several threads; `cancel` may come from any."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._pipes: dict[Path, _Pipe] = {}
        self._cancelled = 0

    def read(self, path: Path) -> bytes:
        """The content; may wait for a pipe. Raise OSError, whose strerror is half a sentence."""
        path = path.absolute()
        with self._lock:
            pipe = self._pipes.get(path)
        if pipe is None and _is_regular(path):
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
            if len(content) > LARGEST:
                raise _too_large()
            return content
        with self._lock:
            pipe = self._pipes.setdefault(path, _Pipe(path))
            asked = self._cancelled
        return pipe.read(self._clock, lambda: self._cancelled != asked)

    def cancel(self) -> None:
        """End every wait for a pipe, soon; a later read waits again, and loses nothing."""
        with self._lock:
            self._cancelled += 1


class _Pipe:
    """What is no regular file: read bit by bit as it comes, by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reading = threading.Lock()
        self._descriptor: int | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._ended = False

    def read(self, clock: Clock, cancelled: Callable[[], bool]) -> bytes:
        deadline = clock.monotonic() + PATIENCE
        with self._reading:
            while not self._ended:
                if self._ready():
                    deadline = clock.monotonic() + PATIENCE
                elif cancelled():
                    raise OSError(errno.ECANCELED, "the wait for it was ended")
                elif clock.monotonic() >= deadline:
                    raise OSError(errno.ETIMEDOUT, f"nobody has written to this pipe for {PATIENCE:.0f} s")
            return b"".join(self._parts)

    def _ready(self) -> bool:
        """Take what has come meanwhile; whether there was anything, or the end."""
        if self._descriptor is None:
            # Without waiting: to open a pipe to which nobody writes would take for ever.
            self._descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        descriptor = self._descriptor
        if os.isatty(descriptor):
            self._close()
            raise OSError(errno.EINVAL, "it is a terminal")
        # A pipe that nobody has opened yet reads as if it had ended: only the poll tells.
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        if not waiting.poll(_LOOK * 1000):
            return False
        try:
            part = os.read(descriptor, 1 << 20)
            self._size += len(part)
            if self._size > LARGEST:
                raise _too_large()
        except OSError:
            self._close()
            raise
        self._parts.append(part)
        if not part:
            self._ended = True
            self._close()
        return True

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _is_regular(path: Path) -> bool:
    return not str(path).startswith(_ONCE) and stat.S_ISREG(path.stat().st_mode)


def _too_large() -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {LARGEST >> 20} MB")


USER_FILES = UserFiles()
"""One for the process, as its standard input is."""

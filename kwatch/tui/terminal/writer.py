"""What is drawn goes to the terminal in a thread of its own: whoever draws never waits for it."""

from __future__ import annotations

import os
import selectors
import threading
from collections import deque
from collections.abc import Callable

from kwatch.base.threads import spawn

MOST_UNWRITTEN = 128 << 10
"""Bytes, some frames. A terminal that is slower gets no more until it has caught up, and then the screen as it is: on
a slow line nobody wants to watch what was a minute ago.
"""
PATIENCE = 1.0
"""Seconds for what is written last."""
_CHUNK = 4096
"""Bytes that are written at once: then it is looked whether the rest is wanted."""


class Writer:
    """Writes in a thread of its own: whoever draws never waits for the terminal."""

    def __init__(
        self,
        fd: int,
        on_gone: Callable[[], object],
        on_caught_up: Callable[[], object],
        on_crash: Callable[[BaseException], object],
    ) -> None:
        """`on_gone` is called when nothing can be written any more, `on_caught_up` when something was left out and all
        else is written, `on_crash` after a mistake; each in the writer's thread.
        """
        self._fd = fd
        self._on_gone = on_gone
        self._on_caught_up = on_caught_up
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._is_behind = self._is_ended = self._is_cut = False
        self._changed = threading.Condition()
        self._thread = spawn("kwatch-terminal", self._run, on_crash)

    def write(self, text: str, *, always: bool = False) -> None:
        """Write it soon; or leave it out, unless it must be written `always`, while the terminal takes nothing."""
        data = text.encode("utf-8", "replace")
        with self._changed:
            if self._bytes > MOST_UNWRITTEN:
                self._is_behind = True
            if self._is_ended or (self._is_behind and not always):
                return
            self._waiting.append(data)
            self._bytes += len(data)
            self._changed.notify_all()

    def end(self, timeout: float = PATIENCE) -> bool:
        """Write what waits and end; whether that was possible in time. What comes later is left out."""
        with self._changed:
            self._is_ended = True
            self._changed.notify_all()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def end_with(self, text: str, timeout: float = PATIENCE) -> bool:
        """Write this and end, and leave out all that still waits; whether that was possible in time."""
        with self._changed:
            self._is_ended = self._is_cut = True
            self._waiting = deque([text.encode()])
            self._changed.notify_all()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (data := self._next()) is not None:
            try:
                for start in range(0, len(data), _CHUNK):
                    if self._is_cut:
                        break
                    _write_all(self._fd, data[start : start + _CHUNK])
            except OSError:
                with self._changed:
                    self._is_ended = True
                    self._waiting.clear()
                self._on_gone()
                return

    def _next(self) -> bytes | None:
        with self._changed:
            while not self._waiting:
                if self._is_behind:
                    self._is_behind = False
                    self._on_caught_up()
                if self._is_ended:
                    return None
                self._changed.wait()
            self._is_cut = False
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._bytes = 0
            return data


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:  # another program that shares the terminal made it so
            with selectors.SelectSelector() as selector:
                selector.register(fd, selectors.EVENT_WRITE)
                selector.select(1.0)

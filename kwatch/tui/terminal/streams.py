"""The two threads at the terminal: one writes, so that drawing never waits for it; one reads what is typed. And the
signals that end the program: in order if it can, and with the terminal as it was in any case.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from types import FrameType

from textual.message import Message

from kwatch.base.threads import Thread, spawn
from kwatch.tui.terminal.keyboard import ESCAPE_DELAY, Keyboard

MOST_UNWRITTEN = 128 << 10
"""Bytes, some frames. A terminal that is slower gets no more until it has caught up, and then the screen as it is: on
a slow line nobody wants to watch what was a minute ago.
"""
PATIENCE = 1.0
"""Seconds for what is written last."""
_CHUNK = 4096
"""Bytes that are written at once: then it is looked whether the rest is wanted."""


class Writer:
    """Writes at once what the terminal takes at once, the rest in a thread: drawing never waits for the terminal."""

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
        self._unblocking = _unblocking(fd)
        self._on_gone = on_gone
        self._on_caught_up = on_caught_up
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._is_behind = self._is_ended = self._is_cut = self._is_busy = False
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
            if not self._is_busy and not self._waiting:
                data = data[self._write_now(data) :]
                if not data:
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
                break
        with self._changed:
            unblocking, self._unblocking = self._unblocking, None
            if unblocking is not None:
                os.close(unblocking)

    def _write_now(self, data: bytes) -> int:
        """How many bytes the terminal took. The thread would first have to wait until this one lets it run."""
        if self._unblocking is None:
            return 0
        try:
            return os.write(self._unblocking, data)
        except OSError:  # it is full, or has gone: the thread finds out
            return 0

    def _next(self) -> bytes | None:
        with self._changed:
            self._is_busy = False
            while not self._waiting:
                if self._is_behind:
                    self._is_behind = False
                    self._on_caught_up()
                if self._is_ended:
                    return None
                self._changed.wait()
            self._is_cut, self._is_busy = False, True
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._bytes = 0
            return data


def _unblocking(fd: int) -> int | None:
    """The same terminal, opened so that writing never waits. To set the descriptor itself so would change it for all
    programs that share it. None where it cannot be opened, as after `su`, or is no terminal.
    """
    try:
        opened = os.open(os.ttyname(fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    if os.fstat(opened).st_rdev == os.fstat(fd).st_rdev:
        return opened
    os.close(opened)
    return None


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:  # another program that shares the terminal made it so
            with selectors.SelectSelector() as selector:
                selector.register(fd, selectors.EVENT_WRITE)
                selector.select(1.0)


MOST_AHEAD = 1 << 20
"""Bytes that are kept while the app is busy; what is more is dropped."""
_PAUSE = 0.01
"""Seconds between two looks whether the app is busy still."""
_PATIENCE = 1.0
"""Seconds for the thread to end."""
_CTRL_C = re.compile(rb"\x1b\[200~[\s\S]*?(?:\x1b\[201~|\Z)|(\x03|\x1b\[(?:99|67)[\d:]*;(?:5|69|133|197)[\d:;]*u)")
"""What is pasted, or else Ctrl-C, as terminals send it."""


class Reader:
    """Reads until it is ended, or the terminal has gone. All that is passed to it is called in its thread."""

    def __init__(
        self,
        fd: int,
        keyboard: Keyboard,
        *,
        hand_on: Callable[[Sequence[Message]], object],
        is_crowded: Callable[[], bool],
        on_interrupt: Callable[[], object],
        on_gone: Callable[[], object],
        on_crash: Callable[[BaseException], object],
    ) -> None:
        """`is_crowded` tells whether nothing more is to be handed on for now; what is read then is kept, and searched
        for Ctrl-C, which is told to `on_interrupt` at once.
        """
        self._fd = fd
        self._keyboard = keyboard
        self._hand_on = hand_on
        self._is_crowded = is_crowded
        self._on_interrupt = on_interrupt
        self._on_gone = on_gone
        self._ahead = bytearray()
        """What was read, and is not worked on yet."""
        self._ended = threading.Event()
        self._is_told, self._tells = os.pipe()
        """The thread wakes up when the second is closed."""
        self._thread = spawn("kwatch-keys", self._run, on_crash)

    def end(self) -> None:
        """Hear no more; called once."""
        self._ended.set()
        os.close(self._tells)
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        with selectors.SelectSelector() as selector:
            selector.register(self._fd, selectors.EVENT_READ)
            selector.register(self._is_told, selectors.EVENT_READ)
            while not self._ended.is_set():
                ready = {key.fd for key, _ in selector.select(self._pause)}
                if self._fd in ready and not self._read():
                    self._on_gone()
                    break
                if not self._is_crowded():
                    self._work()
        os.close(self._is_told)

    @property
    def _pause(self) -> float | None:
        if self._ahead:
            return _PAUSE if self._is_crowded() else 0.0
        return ESCAPE_DELAY / 2 if self._keyboard.waits else None

    def _read(self) -> bool:
        """Whether the terminal is there."""
        try:
            data = os.read(self._fd, _CHUNK)
        except (BlockingIOError, InterruptedError):
            return True  # there is nothing yet
        except OSError:
            return False
        self._ahead += data
        if self._is_crowded():
            found = next((each for each in _CTRL_C.finditer(self._ahead) if each[1]), None)
            if found is not None:
                del self._ahead[found.start() : found.end()]
                self._on_interrupt()
            del self._ahead[MOST_AHEAD:]
        return bool(data)

    def _work(self) -> None:
        """Hand on what the next bytes say, and what it means that nothing came."""
        messages = []
        if self._ahead:
            messages = self._keyboard.feed(bytes(self._ahead[:_CHUNK]), time.monotonic())
            del self._ahead[:_CHUNK]
        messages += self._keyboard.tick(time.monotonic())
        if messages:
            self._hand_on(messages)


ENDING_PATIENCE = 3.0
"""Seconds for an orderly end; then the process is ended."""
HANGUP = 128 + signal.SIGHUP
"""The exit code when the terminal has gone."""
ENDING = tuple(
    getattr(signal, name)
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU")
    if hasattr(signal, name)
)
"""All that would end the process at once and leave the terminal as it is, without a handler."""


def end_on_signals(
    leave: Callable[[int], object], abandon: Callable[[], object], patience: float = ENDING_PATIENCE
) -> threading.Event:
    """From now on a signal that ends calls `leave` with the exit code, 128 and its number; and if that was not enough,
    `abandon`, and ends the process. Both are called in threads of their own. The event says that there was one.

    The handler is Python's and not the event loop's, because the loop may be waiting for something. Raise ValueError in
    any thread but the main one.
    """
    asked = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            return
        asked.set()
        code = 128 + number
        Thread("kwatch-leaving", lambda: leave(code)).start()
        Thread("kwatch-ending", lambda: _end_later(abandon, code, patience)).start()

    for number in ENDING:
        signal.signal(number, end)
    return asked


def end_unless(done: threading.Event, abandon: Callable[[], object], code: int, patience: float) -> None:
    """If that is not `done` after so many seconds, call `abandon` and end the process with this code."""

    def end() -> None:
        if not done.wait(patience):
            _end_now(abandon, code)

    Thread("kwatch-ending", end).start()


def _end_later(abandon: Callable[[], object], code: int, patience: float) -> None:
    threading.Event().wait(patience)
    _end_now(abandon, code)


def _end_now(abandon: Callable[[], object], code: int) -> None:
    try:
        abandon()
    finally:
        os._exit(code)

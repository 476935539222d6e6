"""What hooks do: commands run, webhooks posted (see webhooks), a few at once, each for a bounded time, in threads of
their own.

Nothing waits for them: what is not done in time is ended, what does not fit into the line is left out, and both are
counted.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from kwatch.base.printable import printable
from kwatch.base.threads import reason_of, spawn

AT_ONCE = 4
"""Commands, and webhooks, at once."""
WAITING = 1000
"""Of each that wait for their turn."""
LONGEST = 30.0
"""Seconds that a command may run, and a webhook may take with all its attempts and wherever it is sent on."""
MOST_OUTPUT = 64 << 10
"""Bytes of a command's output that are read; the last line of it is told."""
_LOOK_EVERY = 0.1
_LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Done:
    """How many actions there were; of these, how many failed, were left out; and what the last failure was."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    last_failure: str = ""


class ActionFailed(Exception):
    """The text says why. `is_final`: trying again is of no use."""

    def __init__(self, why: str, *, is_final: bool = True) -> None:
        super().__init__(why)
        self.is_final = is_final


class Lane:
    """A line of actions and the few threads that do them. `stop` ends all of them, within a second."""

    def __init__(self, name: str, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._name = name
        self._at_once = at_once
        self.most = waiting
        """How many may wait."""
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._waiting: deque[Callable[[threading.Event], None]] = deque()
        self._threads = 0
        self._idle = 0

    def put(self, action: Callable[[threading.Event], None]) -> bool:
        """Have it done, given what is set when everything ends; False if too many wait already."""
        with self._changed:
            if self._stop.is_set() or len(self._waiting) >= self.most:
                return False
            self._waiting.append(action)
            begins = not self._idle and self._threads < self._at_once
            self._threads += begins
            self._changed.notify()
        if begins:
            spawn(f"kwatch-{self._name}", self._run, until=self._stop)
        return True

    def stop(self) -> None:
        self._stop.set()
        with self._changed:
            self._waiting.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._idle += 1
                while not self._waiting and not self._stop.is_set():
                    self._changed.wait()
                self._idle -= 1
                if self._stop.is_set():
                    return
                action = self._waiting.popleft()
            action(self._stop)


class Counted:
    """Counts what becomes of one hook's actions. Thread-safe; `so_far` is replaced whole."""

    def __init__(self, on_failure: Callable[[str], object]) -> None:
        self.so_far = Done()
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self._left_out = 0
        """Actions one after the other that did not fit into the line."""

    def do(self, lane: Lane, what: str, action: Callable[[threading.Event], None]) -> None:
        """Have it done in a lane; `what` is for people."""

        def run(stop: threading.Event) -> None:
            try:
                action(stop)
            except ActionFailed as error:
                self._fail(f"{what}: {error}", stop)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told and counted
                self._fail(f"{what}: {reason_of(error)}", stop)
            else:
                self._count(done=1)

        if lane.put(run):
            left_out, self._left_out = self._left_out, 0
            if left_out > 1:
                self._on_failure(f"{left_out:,} actions were left out, too many came at once")
            return
        self._count(skipped=1)
        self._left_out += 1
        if self._left_out == 1:
            self._on_failure(printable(f"{what}: left out, and so is what comes next: {lane.most:,} wait already"))

    def _fail(self, why: str, stop: threading.Event) -> None:
        if stop.is_set():
            return  # it was ended here
        why = printable(why)
        self._count(done=1, failed=1, last_failure=why)
        self._on_failure(why)

    def _count(self, done: int = 0, failed: int = 0, skipped: int = 0, last_failure: str = "") -> None:
        with self._lock:
            so_far = self.so_far
            self.so_far = replace(
                so_far,
                done=so_far.done + done,
                failed=so_far.failed + failed,
                skipped=so_far.skipped + skipped,
                last_failure=last_failure or so_far.last_failure,
            )


def run_command(
    command: tuple[str, ...],
    data: bytes,
    environment: Mapping[str, str],
    stop: threading.Event,
    longest: float = LONGEST,
) -> None:
    """Run a program with `data` on its stdin, without a terminal; raise ActionFailed for any end but exit code 0."""
    with tempfile.TemporaryFile() as given:
        given.write(data)
        given.seek(0)
        try:
            process = subprocess.Popen(
                command,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise ActionFailed(f"cannot be run: {getattr(error, 'strerror', None) or error}") from None
        output = _Output(process)
        ends = time.monotonic() + longest
        while process.poll() is None and not stop.is_set() and time.monotonic() < ends:
            stop.wait(_LOOK_EVERY if time.monotonic() - ends + longest > 1 else 0.01)
        code = process.poll()
        _kill(process)
        process.wait()
        if stop.is_set() and code is None:
            raise ActionFailed("ended")
        if code is None:
            raise ActionFailed(f"ended after {longest:.0f} s")
        if code:
            how = f"exit code {code}" if code > 0 else f"signal {-code}"
            last = output.last_line()
            raise ActionFailed(f"{how}{f': {last}' if last else ''}")


class _Output:
    """Reads what a program writes, so that it never waits, and keeps the beginning."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self._pipe = process.stdout
        self._kept = bytearray()
        self._thread = spawn("kwatch-hook-output", self._read)

    def last_line(self) -> str:
        self._thread.join(1.0)
        lines = bytes(self._kept).decode("utf-8", "replace").strip().splitlines()
        return printable(lines[-1])[:_LONGEST_WORDS] if lines else ""

    def _read(self) -> None:
        with self._pipe:
            while piece := os.read(self._pipe.fileno(), 1 << 16):
                self._kept += piece[: MOST_OUTPUT - len(self._kept)]


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The program and all that it began."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def notification(text: str, environment: Mapping[str, str]) -> str:
    """What tells the terminal: its bell, and the sequence by which it tells the desktop, where it knows one."""
    safe = printable(text).replace(";", ",")
    if environment.get("TERM", "").startswith(("rxvt", "foot")):
        return f"\a\x1b]777;notify;kwatch;{safe}\a"
    return f"\a\x1b]9;kwatch: {safe}\a"

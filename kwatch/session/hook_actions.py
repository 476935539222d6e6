"""What hooks do: commands run and webhooks posted, a few at once, each for a bounded time, in threads of their own.

Nothing waits for them: what is not done in time is ended, what does not fit into the line is left out, and both are
counted.
"""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from kwatch.base.printable import printable
from kwatch.base.threads import reason_of, spawn

AT_ONCE = 4
"""Commands, and webhooks, at once."""
WAITING = 1000
"""Of each that wait for their turn."""
LONGEST = 30.0
"""Seconds that a command may run, and a webhook may take, with all its attempts that wait for nothing."""
MOST_OUTPUT = 64 << 10
"""Bytes of a command's output that are read; the last line of it is told."""
ATTEMPTS = 3
"""Of a webhook whose server fails."""
SILENCE = 10.0
"""Seconds without a byte after which a webhook is given up."""
_PAUSES = (1.0, 4.0)
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
        self._most = waiting
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._waiting: deque[Callable[[threading.Event], None]] = deque()
        self._threads = 0
        self._idle = 0

    def put(self, action: Callable[[threading.Event], None]) -> bool:
        """Have it done, given what is set when everything ends; False if too many wait already."""
        with self._changed:
            if self._stop.is_set() or len(self._waiting) >= self._most:
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

        if not lane.put(run):
            self._count(skipped=1)

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


def post(url: str, body: bytes, stop: threading.Event, longest: float = LONGEST) -> None:
    """POST JSON; a server that fails is asked three times. Raise ActionFailed."""
    for attempt in range(ATTEMPTS):
        try:
            _post_once(url, body, stop, longest)
            return
        except ActionFailed as error:
            if error.is_final or attempt + 1 == ATTEMPTS or stop.wait(_PAUSES[attempt]):
                raise


def notification(text: str, environment: Mapping[str, str]) -> str:
    """What tells the terminal: its bell, and the sequence by which it tells the desktop, where it knows one."""
    safe = printable(text).replace(";", ",")
    if environment.get("TERM", "").startswith(("rxvt", "foot")):
        return f"\a\x1b]777;notify;kwatch;{safe}\a"
    return f"\a\x1b]9;kwatch: {safe}\a"


def _post_once(url: str, body: bytes, stop: threading.Event, longest: float) -> None:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection: HTTPConnection
    if parts.scheme == "https":
        connection = HTTPSConnection(host, port, timeout=SILENCE, context=ssl.create_default_context())
    else:
        connection = HTTPConnection(host, port, timeout=SILENCE)
    over = threading.Event()
    # A server that sends a byte now and then would never be silent for long.
    spawn("kwatch-hook-limit", lambda: _limit(connection, stop, over, longest))
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    headers = {"Content-Type": "application/json", "User-Agent": "kwatch", "Connection": "close"}
    try:
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    except ssl.SSLCertVerificationError as error:
        raise ActionFailed(f"its certificate cannot be trusted: {error.verify_message}") from None
    except (OSError, HTTPException) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ActionFailed(f"no answer: {why}"[:_LONGEST_WORDS], is_final=False) from None
    finally:
        over.set()
        connection.close()
    if not 200 <= status < 300:
        raise ActionFailed(f"status {status}", is_final=status < 500 and status != 429)


def _limit(connection: HTTPConnection, stop: threading.Event, over: threading.Event, longest: float) -> None:
    ends = time.monotonic() + longest
    while not over.wait(_LOOK_EVERY):
        if stop.is_set() or time.monotonic() >= ends:
            line = connection.sock
            if line is not None:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

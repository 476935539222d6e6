"""One run of an exec plugin: in its own process group, without a terminal, killable."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence

from kwatch.base.limits import LARGEST_CREDENTIAL, size_text
from kwatch.informer.errors import ApiError, Closed

GRACE = 0.3
"""Seconds a killed plugin has to clean up before it is killed for good."""
MAX_REASON = 300
_PART = 64 << 10
_SECRET = re.compile(r"[A-Za-z0-9_\-.+/=]{32,}")


class ExecProcess:
    """Runs a command once; `kill` may come from any thread, before, during and after."""

    def __init__(self, command: str, args: Sequence[str], env: Mapping[str, str], install_hint: str) -> None:
        self._command = command
        self._args = args
        self._env = env
        self._install_hint = install_hint
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    def run(self) -> bytes:
        """Its standard output; raise ApiError if it cannot run or fails, Closed if it was killed."""
        process = self._start()
        output, complaint = self._read(process)
        if self._killed:
            raise Closed(f"the login command {self._command!r} was ended")
        if process.returncode != 0:
            raise ApiError(0, "Credentials", self._failure(process.returncode, complaint))
        return output

    def _read(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        """What it prints until it ends; it is ended if that is no credential by its size. Of complaints the last."""
        output, complaint = bytearray(), bytearray()
        assert process.stdout is not None and process.stderr is not None
        with process, selectors.DefaultSelector() as waiting:
            waiting.register(process.stdout, selectors.EVENT_READ, output)
            waiting.register(process.stderr, selectors.EVENT_READ, complaint)
            while waiting.get_map():
                for key, _ in waiting.select():
                    part = os.read(key.fd, _PART)
                    key.data.extend(part)
                    if not part:
                        waiting.unregister(key.fileobj)
                del complaint[:-_PART]
                if len(output) > LARGEST_CREDENTIAL:
                    self._signal(process, signal.SIGKILL)
                    sentence = f"The login command {self._command!r} prints more than {size_text(LARGEST_CREDENTIAL)}"
                    raise ApiError(0, "Credentials", f"{sentence}; run it by hand to see why.")
        return bytes(output), bytes(complaint)

    def kill(self) -> None:
        """End it and everything it started."""
        with self._lock:
            self._killed = True
            process = self._process
        if process is None or process.poll() is not None:
            return
        self._signal(process, signal.SIGTERM)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass
        # Also when it has ended: what it started may still hold its output open.
        self._signal(process, signal.SIGKILL)

    def _start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._killed:
                raise Closed(f"the login command {self._command!r} was not started")
            try:
                self._process = subprocess.Popen(
                    [self._command, *self._args],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=dict(self._env),
                    start_new_session=True,
                )
            except FileNotFoundError as error:
                raise ApiError(0, "Credentials", self._not_installed()) from error
            except (OSError, ValueError) as error:  # ValueError: a NUL, or `=` in the name of a variable
                reason = getattr(error, "strerror", None) or error
                sentence = f"The login command {self._command!r} cannot be run: {reason}."
                raise ApiError(0, "Credentials", sentence) from error
            return self._process

    @staticmethod
    def _signal(process: subprocess.Popen[bytes], number: int) -> None:
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass  # the whole group has ended

    def _not_installed(self) -> str:
        hint = " ".join(self._install_hint.split()) or "install it, or put it on the PATH."
        return f"The login command {self._command!r} of the kubeconfig is not installed: {hint}"

    def _failure(self, code: int, complaint: bytes) -> str:
        lines = [line.strip() for line in complaint.decode("utf-8", "replace").splitlines() if line.strip()]
        # Plugins that fail may print what they sent or got; long runs of token characters are no words.
        reason = _SECRET.sub("...", lines[-1])[:MAX_REASON].rstrip(".") if lines else "it said nothing"
        how = f"failed with exit code {code}" if code > 0 else f"was killed by signal {-code}"
        return f"The login command {self._command!r} {how}: {reason}."

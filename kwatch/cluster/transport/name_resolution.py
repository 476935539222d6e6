"""Host names to addresses, without making an abort wait for the resolver."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from typing import Any

from kwatch.base.threads import reason_of, spawn
from kwatch.cluster.transport.in_flight import Call

Address = tuple[int, int, int, str, Any]
"""As socket.getaddrinfo returns it: family, type, protocol, canonical name, socket address."""


def resolve_host(host: str, port: int, call: Call | None) -> Sequence[Address]:
    """Every address of a host; raise socket.gaierror, or Closed when the call was aborted meanwhile.

    A look-up cannot be interrupted, so it runs in a daemon thread that an aborted call leaves behind.
    """
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    if call is None:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return _Lookup(host, port).wait(call)


class _Lookup:
    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._done = threading.Event()
        self._addresses: Sequence[Address] = ()
        self._error: OSError | UnicodeError | None = None

    def wait(self, call: Call) -> Sequence[Address]:
        spawn(f"kwatch-resolve {self._target[0]}", self._run, self._crashed)
        call.interruptible_by(self._done.set)
        self._done.wait()
        call.interruptible_by(None)
        if self._error is not None:
            raise self._error
        return self._addresses

    def _run(self) -> None:
        host, port = self._target
        try:
            self._addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            self._error = error
        self._done.set()

    def _crashed(self, error: BaseException) -> None:
        self._error = OSError(f"{self._target[0]} could not be looked up: {reason_of(error)}")
        self._done.set()

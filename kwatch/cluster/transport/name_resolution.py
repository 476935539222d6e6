"""Host names to addresses, without making an abort wait for the resolver."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from kwatch.base.threads import reason_of, spawn
from kwatch.cluster.transport.in_flight import Call

Address = tuple[int, int, int, str, Any]
"""As socket.getaddrinfo returns it: family, type, protocol, canonical name, socket address."""
PATIENCE = 20.0
"""Seconds a look-up may take; a resolver that asks three servers, of which two are down, needs 10 and more."""


def resolve_host(host: str, port: int, call: Call | None) -> Sequence[Address]:
    """Every address of a host, at least one; raise socket.gaierror, UnicodeError for what can be no host's name, or
    Closed when the call was aborted meanwhile.

    A look-up cannot be interrupted, so it runs in a daemon thread that an aborted call, or one whose patience ended,
    leaves behind; who asks for the same host meanwhile waits for the same look-up.
    """
    host = host.replace("%25", "%")  # before the zone of an IPv6 address in a URL
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    found = _lookup(host, port).wait(call)
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    return found


class _Lookup:
    """One question to the resolver, and those who wait for its answer."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._changed = threading.Condition()
        self._done = False
        self._addresses: Sequence[Address] = ()
        self._error: OSError | UnicodeError | None = None

    def start(self) -> None:
        spawn(f"kwatch-resolve {self._target[0]}", self._run, self._crashed)

    def wait(self, call: Call | None, clock: Callable[[], float] = time.monotonic) -> Sequence[Address]:
        if call is not None:
            call.interruptible_by(self._wake)
        deadline = clock() + PATIENCE
        with self._changed:
            while not self._done and not (call is not None and call.aborted) and clock() < deadline:
                self._changed.wait(deadline - clock())
        if call is not None:
            call.interruptible_by(None)
        if not self._done:
            raise socket.gaierror(socket.EAI_AGAIN, "the name servers do not answer")
        if self._error is not None:
            raise self._error
        return self._addresses

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        host, port = self._target
        try:
            self._addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            self._error = error
        self._end()

    def _crashed(self, error: BaseException) -> None:
        self._error = OSError(reason_of(error))
        self._end()

    def _end(self) -> None:
        self._done = True
        self._wake()
        with _asking:
            if _lookups.get(self._target) is self:
                del _lookups[self._target]


_lookups: dict[tuple[str, int], _Lookup] = {}
"""Those under way; one that has been answered leaves."""
_asking = threading.RLock()  # one whose thread does not start ends at once


def _lookup(host: str, port: int) -> _Lookup:
    """The look-up under way for this host, or a new one."""
    with _asking:
        lookup = _lookups.get((host, port))
        if lookup is None:
            lookup = _lookups[host, port] = _Lookup(host, port)
            lookup.start()
        return lookup

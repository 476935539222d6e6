"""Connecting to a host with several addresses, as RFC 8305 has it: one that swallows packets costs a moment, no more.

The addresses are tried in turn, IPv6 and IPv4 alternating, the next one 250 ms after the last, or at once if that
failed; the first to answer wins, and is tried first the next time. An abort waits neither for them nor for the look-up
of the name (DNS) before.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from kwatch.base.threads import reason_of, spawn
from kwatch.cluster.transport.in_flight import Call, Outcome

STAGGER = 0.25
"""Seconds an attempt has before the next one begins beside it."""
UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""Why an address family does not work here at all: the least telling reason if others failed too."""

REMEMBERED = 64
_answered: dict[frozenset[Address], Address] = {}
"""Of addresses that were tried together, the one that answered last; of the latest few."""
_remembering = threading.Lock()


def connect_to_first(
    addresses: Sequence[Address],
    options: Sequence[tuple[int, int, int | bytes]],
    timeout: float | None,
    call: Call | None,
    clock: Callable[[], float] = time.monotonic,
) -> socket.socket:
    """The first connection that comes about; every attempt has `timeout` seconds.

    Raise OSError when none does (why, of the most telling attempt), Closed when the call was aborted meanwhile.
    """
    known = frozenset(addresses)
    race = _Race(in_order(addresses, _answered.get(known)), options, timeout, clock)
    try:
        with _Waker(call) as waker:
            sock, address = race.run(waker)
    finally:
        race.end()
    _remember(known, address)
    sock.settimeout(timeout)
    try:
        if call is not None:
            call.over(sock)
    except BaseException:
        sock.close()
        raise
    return sock


def _remember(known: frozenset[Address], address: Address) -> None:
    with _remembering:
        _answered.pop(known, None)
        _answered[known] = address
        if len(_answered) > REMEMBERED:
            del _answered[next(iter(_answered))]


def in_order(addresses: Sequence[Address], answered: Address | None = None) -> list[Address]:
    """The families alternating, beginning with that of the first; before all others the one that answered last."""
    families = list(dict.fromkeys(address[0] for address in addresses))
    queues = [deque(address for address in addresses if address[0] == family) for family in families]
    alternating: list[Address] = []
    while any(queues):
        alternating += [queue.popleft() for queue in queues if queue]
    return sorted(alternating, key=lambda address: address != answered)


class _Attempt:
    """One address that is being connected to."""

    def __init__(self, number: int, address: Address, sock: socket.socket, deadline: float | None) -> None:
        self.number = number
        self.address = address
        self.sock = sock
        self.deadline = deadline


class _Race:
    """All attempts of one connection, in one thread."""

    def __init__(
        self,
        addresses: Sequence[Address],
        options: Sequence[tuple[int, int, int | bytes]],
        timeout: float | None,
        clock: Callable[[], float],
    ) -> None:
        self._waiting = deque(enumerate(addresses))
        self._options = options
        self._timeout = timeout
        self._clock = clock
        self._pending: dict[int, _Attempt] = {}
        self._failures: list[tuple[bool, int, OSError]] = []
        self._next_at = clock()

    def run(self, waker: _Waker) -> tuple[socket.socket, Address]:
        while True:
            winner = self._begin()
            if winner is None and not self._pending:
                raise min(self._failures, key=lambda failure: failure[:2])[2]
            winner = winner or self._wait(waker)
            if winner is not None:
                self._pending.pop(winner.sock.fileno(), None)
                return winner.sock, winner.address

    def end(self) -> None:
        """Give up what is still under way."""
        for attempt in self._pending.values():
            attempt.sock.close()
        self._pending.clear()

    def _begin(self) -> _Attempt | None:
        """Begin the attempts that are due: one a while, and another one at once for each that failed."""
        while self._waiting and (not self._pending or self._clock() >= self._next_at):
            number, address = self._waiting.popleft()
            self._next_at = self._clock() + STAGGER
            try:
                attempt, connected = self._open(number, address)
            except OSError as error:
                self._fail(number, error)
                continue
            if connected:
                return attempt
            self._pending[attempt.sock.fileno()] = attempt
        return None

    def _open(self, number: int, address: Address) -> tuple[_Attempt, bool]:
        family, kind, protocol, _, place = address
        sock = socket.socket(family, kind, protocol)
        try:
            for option in self._options:
                sock.setsockopt(*option)
            sock.setblocking(False)
            error = sock.connect_ex(place)
            if error not in (0, errno.EINPROGRESS):
                raise OSError(error, os.strerror(error))
        except BaseException:
            sock.close()
            raise
        deadline = None if self._timeout is None else self._clock() + self._timeout
        return _Attempt(number, address, sock, deadline), error == 0

    def _wait(self, waker: _Waker) -> _Attempt | None:
        """Until something happens or is due; the attempt that succeeded."""
        for descriptor in waker.wait(list(self._pending), self._patience()):
            attempt = self._pending[descriptor]
            error = attempt.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if not error:
                return attempt
            self._lose(attempt, OSError(error, os.strerror(error)))
        now = self._clock()
        for attempt in list(self._pending.values()):
            if attempt.deadline is not None and now >= attempt.deadline:
                self._lose(attempt, TimeoutError(errno.ETIMEDOUT, "timed out"))
        return None

    def _patience(self) -> float | None:
        times = [attempt.deadline for attempt in self._pending.values() if attempt.deadline is not None]
        if self._waiting:
            times.append(self._next_at)
        return max(0.0, min(times) - self._clock()) if times else None

    def _lose(self, attempt: _Attempt, error: OSError) -> None:
        del self._pending[attempt.sock.fileno()]
        attempt.sock.close()
        self._fail(attempt.number, error)
        self._next_at = self._clock()

    def _fail(self, number: int, error: OSError) -> None:
        self._failures.append((error.errno in UNREACHABLE, number, error))


class _Waker:
    """Waits for sockets, and is woken when the call is aborted."""

    def __init__(self, call: Call | None) -> None:
        self._call = call
        self._heard, self._told = socket.socketpair()

    def __enter__(self) -> _Waker:
        if self._call is not None:
            try:
                self._call.interruptible_by(self._wake)
            except BaseException:
                self._close()
                raise
        return self

    def __exit__(self, *_: Any) -> None:
        try:
            if self._call is not None:
                self._call.interruptible_by(None)
        finally:
            self._close()

    def wait(self, descriptors: Sequence[int], seconds: float | None) -> list[int]:
        """Those that have an answer, perhaps none within `seconds`; raise Closed if the call was aborted."""
        poll = select.poll()
        poll.register(self._heard.fileno(), select.POLLIN)
        for descriptor in descriptors:
            poll.register(descriptor, select.POLLOUT)
        ready = poll.poll(None if seconds is None else seconds * 1000)
        if self._call is not None:
            self._call.check()
        return [descriptor for descriptor, _ in ready if descriptor != self._heard.fileno()]

    def _wake(self) -> None:
        try:
            self._told.send(b".")
        except OSError:
            pass  # nobody waits any more

    def _close(self) -> None:
        self._heard.close()
        self._told.close()


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
    try:
        found = _lookup(host, port).wait(call, PATIENCE)
    except TimeoutError:
        raise socket.gaierror(socket.EAI_AGAIN, "the name servers do not answer") from None
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    return found


_lookups: dict[tuple[str, int], Outcome[Sequence[Address]]] = {}
"""Those under way; one that has been answered leaves."""
_asking = threading.RLock()  # one whose thread does not start ends at once


def _lookup(host: str, port: int) -> Outcome[Sequence[Address]]:
    """The look-up under way for this host, or a new one."""

    def ask() -> None:
        try:
            end(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            end(None, error)

    def end(found: Sequence[Address] | None, error: BaseException | None = None) -> None:
        outcome.end(found, error)
        with _asking:
            if _lookups.get((host, port)) is outcome:
                del _lookups[host, port]

    with _asking:
        under_way = _lookups.get((host, port))
        if under_way is not None:
            return under_way
        outcome = _lookups[host, port] = Outcome()
        spawn(f"kwatch-resolve {host}", ask, lambda error: end(None, OSError(reason_of(error))))
        return outcome

"""Requests under way, and how to abort them from another thread in whatever state they are; and waiting together."""

from __future__ import annotations

import math
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from kwatch.base.threads import spawn
from kwatch.informer.errors import ApiError, Closed

T = TypeVar("T")


class CallScope:
    """A set of calls that end together: those of one lister-watcher, and around them those of the whole cluster."""

    def __init__(self, parent: CallScope | None = None) -> None:
        self._parent = parent
        self._lock = threading.Lock()
        self._calls: set[Call] = set()
        self._closed = False
        self.side_requests = 0
        """How many requests were sent beyond one a call: after a redirect, or with new credentials."""

    @property
    def closed(self) -> bool:
        """Whether this scope, or one around it, has been closed."""
        return self._closed or (self._parent is not None and self._parent.closed)

    def begin(self) -> Call:
        """A new call; raise Closed if the scope is closed."""
        call = Call(self)
        self._enter(call)
        return call

    def close(self) -> None:
        """Abort every call in it; later ones raise Closed. Returns at once."""
        with self._lock:
            self._closed = True
            calls = list(self._calls)
        for call in calls:
            call.abort()

    def _enter(self, call: Call) -> None:
        if self._parent is not None:
            self._parent._enter(call)
        with self._lock:
            if not self._closed:
                self._calls.add(call)
                return
        self.leave(call)
        raise Closed("closed while asking")

    def leave(self, call: Call) -> None:
        """Forget a call that has ended."""
        with self._lock:
            self._calls.discard(call)
        if self._parent is not None:
            self._parent.leave(call)


class Call:
    """One request, from its first wait to the last byte read.

    Who waits on its behalf first says how to be woken: `interruptible_by` for anything, `over` for a socket.
    """

    def __init__(self, scope: CallScope) -> None:
        self._scope = scope
        self._lock = threading.Lock()
        self._interrupt: Callable[[], None] | None = None
        self._line: socket.socket | None = None
        self._process = os.getpid()
        self.aborted = False
        self.reused = False
        """Whether it goes over a connection that served another before."""
        self.response: Any = None
        """The response as http.client sees it, once its headers are in; set by the connection."""
        self.redirected = ""
        """Where the server sent us last, if it did."""

    def redirect(self, location: str) -> None:
        """The answer is that another place be asked."""
        self.redirected = location
        self.repeat()

    def repeat(self) -> None:
        """It takes one request more."""
        self._scope.side_requests += 1

    def check(self) -> None:
        """Raise Closed if it was aborted."""
        if self.aborted:
            raise Closed("closed while asking")

    def interruptible_by(self, interrupt: Callable[[], None] | None) -> None:
        """Call `interrupt` from the aborting thread; None takes it back. Raise Closed if already aborted."""
        with self._lock:
            self._interrupt = interrupt
        self.check()

    def over(self, line: socket.socket) -> None:
        """Abort by shutting this socket down. Raise Closed if already aborted.

        A duplicate of its descriptor is kept, because the socket object itself is emptied when TLS wraps it, and
        closed when the response takes it over; shutting down a duplicate reaches the connection in any state.
        """
        duplicate = socket.socket(fileno=os.dup(line.fileno()))
        with self._lock:
            previous, self._line = self._line, duplicate
        if previous is not None:
            previous.close()
        if self.aborted:
            self._shut_down()
        self.check()

    def abort(self) -> None:
        """End it at once, whatever it waits for. Callable from any thread, idempotent."""
        with self._lock:
            self.aborted = True
            interrupt = self._interrupt
        if interrupt is not None:
            interrupt()
        self._shut_down()

    def finish(self) -> None:
        """It has ended; let go of what it held."""
        with self._lock:
            line, self._line, self._interrupt = self._line, None, None
        if line is not None:
            line.close()
        self._scope.leave(self)

    def _shut_down(self) -> None:
        with self._lock:
            line = self._line
            # In a process that was forked the connection is the parent's, who still uses it.
            if line is not None and os.getpid() == self._process:
                try:
                    line.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # not connected, or no longer: nothing waits on it


class _Current(threading.local):
    call: Call | None = None


current = _Current()
"""The call on whose behalf this thread uses a connection: urllib3 passes nothing through to them."""


class Outcome(Generic[T]):
    """What a thread finds out once for all who wait for it, each on behalf of a call that may be aborted meanwhile."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._ended = False
        self._found: T | None = None
        self._error: BaseException | None = None
        self._discard: Callable[[T], object] | None = None

    def end(self, found: T | None, error: BaseException | None = None) -> None:
        """Here it is, or why there is none."""
        with self._changed:
            self._found, self._error, self._ended = found, error, True
            self._changed.notify_all()
            discard = self._discard
        if discard is not None and found is not None:
            discard(found)

    def discard(self, how: Callable[[T], object]) -> None:
        """Nobody waits for it: let go of what is found, now or once it is."""
        with self._changed:
            self._discard = how
            found = self._found
        if found is not None:
            how(found)

    def wait(
        self, call: Call | None, patience: float = math.inf, clock: Callable[[], float] = time.monotonic
    ) -> T | None:
        """What was found; raise the error, TimeoutError after `patience` seconds, or Closed if the call was aborted."""
        if call is not None:
            call.interruptible_by(self._wake)
        deadline = clock() + patience
        with self._changed:
            while not self._ended and not (call is not None and call.aborted) and clock() < deadline:
                self._changed.wait(None if deadline == math.inf else deadline - clock())
        if call is not None:
            call.interruptible_by(None)
        if not self._ended:
            raise TimeoutError
        if self._error is not None:
            raise _copy(self._error)
        return self._found

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def beside(name: str, ask: Callable[[], T]) -> Outcome[T]:
    """Ask in a thread of its own; here, where no more threads can be started."""
    outcome: Outcome[T] = Outcome()

    def run() -> None:
        try:
            outcome.end(ask())
        except BaseException as error:
            outcome.end(None, error)
            if not isinstance(error, (ApiError, Closed)):
                raise

    try:
        spawn(name, run)
    except RuntimeError:
        run()
    return outcome


def _copy(error: BaseException) -> BaseException:
    """An error of one's own for each who waits: a raised exception gathers the traceback of its thread."""
    copy = type(error).__new__(type(error), *error.args)
    copy.__dict__.update(error.__dict__)
    return copy

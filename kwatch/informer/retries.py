"""When to ask again: waits that grow until a success has lasted, and never more than ten requests a minute."""

from __future__ import annotations

import copy
import random
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from kwatch.informer.clock import Clock
from kwatch.informer.errors import (
    LONGEST_RETRY_AFTER,
    REPEATS,
    ApiError,
    is_broken_connection,
    is_transient,
    is_unreachable,
    retry_after,
)
from kwatch.informer.reflector_state import State, wait_after
from kwatch.informer.status import StatusRecorder
from kwatch.informer.waiting import Signal


class Backoff:
    """Exponential, capped, with jitter: a wait is uniform in [d, d * (1 + jitter)]. Only `reset` shortens it again."""

    def __init__(
        self,
        initial: float = 0.8,
        cap: float = 30.0,
        factor: float = 2.0,
        jitter: float = 1.0,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._initial = initial
        self._cap = cap
        self._factor = factor
        self._jitter = jitter
        self._uniform = uniform
        self._next = initial

    @property
    def longest(self) -> float:
        """The longest wait, in seconds."""
        return self._cap * (1.0 + self._jitter)

    def next(self) -> float:
        """Seconds to wait now; the next wait will be longer."""
        base = min(self._next, self._cap)
        self._next = min(base * self._factor, self._cap)
        return self._uniform(base, base * (1.0 + self._jitter))

    def reset(self) -> None:
        """Begin again with the shortest wait."""
        self._next = self._initial


POLL = 15.0
"""Seconds between lists where watches are refused; two requests each time are eight a minute."""
LONGEST_POLL = 300.0
POLL_SHARE = 10
"""The wait until the next list, in times of how long the last one took."""
LONGEST_LOOK = 8.0
"""Seconds, and up to a quarter more, until a server that cannot be reached is asked again."""
MOST_REQUESTS = 10
"""In any minute. Pages that bring objects count as one request together: the server sets their pace. A request that
reached no server does not count: otherwise the second outage of a minute would be waited out long after its end.
"""
MOST_ATTEMPTS = 8
"""Of them, those after a wait; the others are for what follows the first answer."""


class Delays(Protocol):
    """A backoff. If it has a `longest` (seconds), that is the length of the minute in which requests are counted."""

    def next(self) -> float: ...

    def reset(self) -> None: ...


class Outage:
    """The reflectors that cannot reach one server: they take turns to look whether it is back, and the first that is
    answered wakes the others. Thread-safe.

    There is one for each server; its ListerWatchers share it as their `outage`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._delays = Backoff(cap=LONGEST_LOOK, jitter=0.25)
        self._next_look: float | None = None
        self._waiting: dict[threading.Event, bool] = {}
        self.ends = 0
        """How often it was over."""

    def turn(self, now: float, scale: float = 1.0) -> float:
        """Seconds until the next look; 0.0 if it is the caller's turn to look now."""
        with self._lock:
            if self._next_look is None:
                self._next_look = now + self._delays.next() * scale
            if now < self._next_look:
                return self._next_look - now
            self._next_look = now + self._delays.next() * scale
            return 0.0

    def wait(self, clock: Clock, stop: Signal, seconds: float, ends: int, *, unreachable: bool) -> None:
        """Wait so long, or until `stop` or the end of the outage; not at all if it ended since `ends` was read."""
        woken = threading.Event()
        with self._lock:
            if self.ends != ends:
                return
            self._waiting[woken] = unreachable
        stop.on_set(woken.set)
        try:
            clock.wait(woken, seconds)
        finally:
            stop.forget(woken.set)
            with self._lock:
                self._waiting.pop(woken, None)

    def answered(self, *, again: bool = False) -> None:
        """The server answered a reflector. That wakes those that could not reach it; the first answer after a failure
        (`again`) also those that were told that it is overloaded.
        """
        if not again and not self._waiting:
            return
        with self._lock:
            self.ends += 1
            self._next_look = None
            self._delays.reset()
            for woken, unreachable in self._waiting.items():
                if unreachable or again:
                    woken.set()


class Retries:
    """Decides how long one reflector waits, and waits.

    After a failure the waits only grow, until a success (a whole list, an event, a bookmark) has lasted for twice the
    longest wait. A server that cannot be reached at all is asked again every few seconds instead, and the outage does
    not make later waits longer.
    """

    def __init__(self, delays: Delays, clock: Clock, recorder: StatusRecorder, outage: Outage | None = None) -> None:
        self._delays = delays
        self._page_delays = copy.copy(delays)
        self._clock = clock
        self._recorder = recorder
        self._outage = outage
        self._ends = 0
        self._minute: float = getattr(delays, "longest", 0.0)
        self._requests: deque[float] = deque(maxlen=MOST_REQUESTS)
        self._well_since: float | None = None
        self._refusals = 0
        self._failed = self._unreachable = self._first_answer = False
        self._poll = POLL
        self.refused = False
        """Whether the last attempt was refused and nothing succeeded since; then only a list is worth a try."""

    def replaced(self, seconds: float = 0.0) -> None:
        """A whole list came, and took so many seconds."""
        self._poll = min(LONGEST_POLL, max(POLL, POLL_SHARE * seconds))
        self.succeeded()

    def succeeded(self) -> None:
        """A watch brought something that could be understood."""
        self.refused = self._first_answer = False
        if self._well_since is None:
            self._well_since = self._clock.monotonic()

    @property
    def busy(self) -> bool:
        """Whether there were so many requests in the last minute that optional ones should be left out."""
        return self._until_below(MOST_REQUESTS // 2) > 0.0

    def acquire(self, stop: threading.Event, room: int = 1) -> None:
        """Wait until there is room for so many requests, then count one."""
        self._wait_within(stop, self._until_below(MOST_REQUESTS + 1 - room))
        self.count(1)
        self._ends = self._outage.ends if self._outage is not None else 0

    def count(self, count: int) -> None:
        """Count requests that were made just now."""
        self._requests.extend([self._clock.monotonic()] * count)

    def uncount(self) -> None:
        """The last request was not made after all."""
        self._requests.pop()

    def space(self, stop: threading.Event) -> None:
        """A watch brought something and ended. The next one may follow at once; if that happens again and again, the
        remaining requests are spread over the rest of the minute.
        """
        if self.busy:
            now = self._clock.monotonic()
            recent = [at for at in self._requests if at > now - self._minute]
            share = (recent[0] + self._minute - now) / (MOST_REQUESTS - len(recent) + 1)
            self._wait_within(stop, recent[-1] + share - now)

    def outcome(self, error: Exception | None = None) -> None:
        """The outcome of a request. Any answer of the server, a refusal too, ends an outage."""
        if error is not None and (is_broken_connection(error) or not isinstance(error, ApiError)):
            self._failed = True
            self._unreachable = self._unreachable or is_unreachable(error)
            return
        if self._unreachable:
            self._unreachable, self._first_answer = False, True
            if not self._refusals:
                self._delays.reset()
        failed, self._failed = self._failed, error is not None and is_transient(error)
        if not self._failed and self._outage is not None:
            self._outage.answered(again=failed)

    def pause(self, stop: threading.Event, error: Exception | None = None) -> None:
        """Wait before the next attempt, at least as long as the server asked for."""
        if self._well_since is not None and self._clock.monotonic() - self._well_since >= 2.0 * (self._minute or 60.0):
            self._delays.reset()
            self._refusals = 0
        self._well_since = None
        self.refused = self.refused or error is not None
        recorder = self._recorder
        state = wait_after(error, recorder.refused)
        recorder.enter(state)
        recorder.retries += 1
        delay = self._poll if state is State.POLLING else self._delays.next()
        if error is not None and is_unreachable(error) and self._unreachable:
            if not self._refusals:
                if self._outage is not None and isinstance(stop, Signal):
                    self._wait_for_turn(self._outage, stop)
                    return
                delay = min(delay, random.uniform(LONGEST_LOOK, 1.25 * LONGEST_LOOK))
        else:
            self._refusals += state is not State.POLLING
            if self._first_answer:
                # What was missed while the server was away (a list) is asked for without delay.
                self._first_answer = False
                self._wait(stop, self._wanted_delay(error), error)
                return
        self._wait(stop, max(delay, self._until_below(MOST_ATTEMPTS)), error)

    def pause_for_page(self, stop: threading.Event, error: Exception, failures: int) -> bool:
        """A page failed, so often in a row: wait; whether to ask for it again, since the pages before it are worth more
        than a fresh list.
        """
        if failures >= REPEATS or not is_transient(error):
            return False
        if failures == 1:
            self._page_delays.reset()
        self._recorder.error("list page", error)
        self._recorder.retries += 1
        self._wait_within(stop, max(self._page_delays.next(), self._until_below(MOST_ATTEMPTS)), error)
        return not stop.is_set()

    def _wait_for_turn(self, outage: Outage, stop: Signal) -> None:
        """Wait until another reflector was answered, or until it is our turn to ask."""
        clock, recorder = self._clock, self._recorder
        while not stop.is_set() and outage.ends == self._ends:
            seconds = self._until_below(MOST_ATTEMPTS) or outage.turn(clock.monotonic(), self._minute / 60.0)
            if seconds <= 0.0:
                break
            recorder.next_retry_at = clock.time() + seconds
            outage.wait(clock, stop, seconds, self._ends, unreachable=True)
        recorder.next_retry_at = None

    def _wait_within(self, stop: threading.Event, seconds: float, error: Exception | None = None) -> None:
        """Wait in the middle of an attempt."""
        if seconds > 0.0:
            self._recorder.waits_in_turn = True
            try:
                self._wait(stop, seconds, error)
            finally:
                self._recorder.waits_in_turn = False

    def _until_below(self, most: int) -> float:
        """Seconds until there were fewer than `most` requests in the last minute."""
        if len(self._requests) < most:
            return 0.0
        return max(0.0, self._requests[-most] + self._minute - self._clock.monotonic())

    def _wanted_delay(self, error: Exception | None) -> float:
        """The delay that the server asked for, within limits."""
        seconds = retry_after(error)
        if seconds > LONGEST_RETRY_AFTER:
            limit = f"{LONGEST_RETRY_AFTER:.0f} s"
            self._recorder.note(
                f"the server wants to be left alone for longer than {limit}; it is asked again after that"
            )
        return min(seconds, LONGEST_RETRY_AFTER)

    def _wait(self, stop: threading.Event, seconds: float, error: Exception | None) -> None:
        wanted = self._wanted_delay(error)
        seconds = max(seconds, wanted)
        recorder, clock, outage = self._recorder, self._clock, self._outage
        recorder.next_retry_at = clock.time() + seconds
        if outage is not None and isinstance(stop, Signal) and error is not None and is_transient(error):
            if wanted:
                clock.wait(stop, wanted)
            outage.wait(clock, stop, seconds - wanted, self._ends, unreachable=is_unreachable(error))
        else:
            clock.wait(stop, seconds)
        recorder.next_retry_at = None

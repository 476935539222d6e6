"""Ticks: how often screens look. The loop's clock is stepped by hand."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Any, cast

from kwatch.tui.app import ATTENTION, FASTEST, PACE, SLOWEST, Ticks
from kwatch.tui.kwatch_screen import until_next_second


class _Timer:
    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at, self.call, self.is_cancelled = at, call, False

    def when(self) -> float:
        return self.at

    def cancel(self) -> None:
        self.is_cancelled = True

    def __lt__(self, other: _Timer) -> bool:
        return self.at < other.at


class _Loop:
    """An event loop of which time is only what the test says."""

    def __init__(self) -> None:
        self.now = 100.0
        self._timers: list[_Timer] = []
        self._soon: list[Callable[[], None]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, call: Callable[[], None], context: Any = None) -> _Timer:
        timer = _Timer(when, call)
        heapq.heappush(self._timers, timer)
        return timer

    def call_soon_threadsafe(self, call: Callable[[], None]) -> None:
        self._soon.append(call)

    def go_on(self, seconds: float) -> None:
        """Let time pass, and do what is due."""
        until = self.now + seconds
        while True:
            while self._soon:
                self._soon.pop(0)()
            self._timers = sorted(each for each in self._timers if not each.is_cancelled)
            if not self._timers or self._timers[0].at > until:
                self.now = until
                return
            timer = heapq.heappop(self._timers)
            self.now = max(self.now, timer.at)
            timer.call()


class _Watching:
    """Ticks with a loop, and when they came."""

    def __init__(self, wait: float = SLOWEST) -> None:
        self.loop, self.wait, self.takes = _Loop(), wait, 0.0
        self.at: list[float] = []
        self.mistakes: list[Exception] = []
        self.ticks = Ticks(self._tick, self.mistakes.append)
        self.ticks._loop = cast("asyncio.AbstractEventLoop", self.loop)
        self.ticks._call_at(self.loop.time())
        self.loop.go_on(0.0)
        self.at.clear()

    def _tick(self) -> float:
        self.at.append(self.loop.now)
        self.loop.now += self.takes
        return self.wait

    def count(self, seconds: float) -> int:
        before = len(self.at)
        self.loop.go_on(seconds)
        return len(self.at) - before


def test_nothing_happens_for_long() -> None:
    assert _Watching().count(60.0) == 60 / SLOWEST


def test_what_happens_is_looked_at_at_once_and_then_ten_times_a_second() -> None:
    watching = _Watching()
    watching.loop.go_on(0.5)
    watching.ticks.wake()
    watching.ticks.wake()
    assert watching.count(0.0) == 1  # nothing was looked at for a while
    for _ in range(1000):
        watching.ticks.wake()
        watching.loop.go_on(0.001)
    assert len(watching.at) <= 1 + 1 / PACE + 1


def test_a_change_during_a_tick_is_looked_at_by_the_next_one() -> None:
    watching = _Watching()
    watching.loop.go_on(0.5)
    tick = watching.ticks._tick

    def changes_meanwhile() -> float:
        watching.ticks._tick = tick
        watching.ticks.wake()
        return tick()

    watching.ticks._tick = changes_meanwhile
    watching.ticks.wake()
    assert watching.count(PACE + 0.01) == 2


def test_what_is_busy_is_followed() -> None:
    assert abs(_Watching(wait=0.0).count(10.0) - 10 / FASTEST) <= 2


def test_somebody_at_the_keys_is_answered_sooner_for_a_while() -> None:
    watching = _Watching()
    watching.loop.go_on(0.5)
    watching.ticks.attend()
    assert watching.count(0.0) == 1
    assert abs(watching.count(ATTENTION) - ATTENTION / FASTEST) <= 2
    assert watching.count(10.0) <= 10 / SLOWEST + 1


def test_long_ticks_leave_as_much_time_to_the_keys() -> None:
    watching = _Watching(wait=0.0)
    watching.takes = 0.4
    assert watching.count(8.0) <= 8.0 / 0.8 + 1


def test_a_mistake_is_handed_on_and_ends_the_ticks() -> None:
    watching = _Watching()

    def crash() -> float:
        raise ValueError("no")

    watching.ticks._tick = crash
    watching.loop.go_on(10.0)
    assert [str(each) for each in watching.mistakes] == ["no"]


def test_ticks_that_are_stopped_are_over() -> None:
    watching = _Watching()
    watching.ticks.stop()
    watching.ticks.wake()
    watching.ticks.attend()
    assert watching.count(10.0) == 0


def test_the_next_second() -> None:
    for now in (0.0, 0.25, 17.999, 1_700_000_000.0):
        then = now + until_next_second(now)
        assert int(then) == int(now) + 1
        assert then - int(then) < 0.01

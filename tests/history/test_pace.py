from __future__ import annotations

import threading

from kwatch.history.pace import FLOOD, NAP, PATIENCE, SLICE, Pace


class FloodClock:
    """Time passes only in waits; `rate` deltas a second arrive in it."""

    def __init__(self, rate: float) -> None:
        self.now = 100.0
        self.rate = rate
        self.arrived = 0.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.pass_(seconds)
        return event.is_set()

    def pass_(self, seconds: float) -> None:
        self.now += seconds
        self.arrived += self.rate * seconds


def waited(clock: FloodClock, pace: Pace) -> float:
    before = clock.now
    pace.wait()
    return clock.now - before


def test_a_trickle_never_waits() -> None:
    clock = FloodClock(rate=FLOOD / 2)
    pace = Pace(lambda: int(clock.arrived), clock)
    for _ in range(50):
        clock.pass_(SLICE)
        assert waited(clock, pace) == 0.0


def test_a_flood_puts_work_off_but_not_for_ever() -> None:
    clock = FloodClock(rate=FLOOD * 20)
    pace = Pace(lambda: int(clock.arrived), clock)
    clock.pass_(1.0)
    assert PATIENCE <= waited(clock, pace) <= PATIENCE + 2 * NAP
    assert waited(clock, pace) == 0.0
    clock.pass_(SLICE * 1.1)
    assert waited(clock, pace) >= PATIENCE


def test_the_end_of_a_flood_ends_the_wait() -> None:
    clock = FloodClock(rate=FLOOD * 20)
    pace = Pace(lambda: int(clock.arrived), clock)
    clock.pass_(1.0)
    clock.rate = 0.0
    assert waited(clock, pace) <= 3 * NAP


def test_a_stop_ends_every_wait() -> None:
    clock = FloodClock(rate=FLOOD * 20)
    pace = Pace(lambda: int(clock.arrived), clock)
    clock.pass_(1.0)
    pace.stop()
    assert waited(clock, pace) <= NAP

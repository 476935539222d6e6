from __future__ import annotations

import threading
from math import inf

from kwatch.history.background import FLOOD, REST, TURN, Pace


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
        if not event.is_set():
            self.pass_(seconds)
        return event.is_set()

    def pass_(self, seconds: float) -> None:
        self.now += seconds
        self.arrived += self.rate * seconds


def rested(clock: FloodClock, pace: Pace) -> tuple[float, float]:
    """How long it rested, and how long the turn may take."""
    before = clock.now
    until = pace.rest()
    return clock.now - before, until - clock.now


def test_a_trickle_never_waits() -> None:
    clock = FloodClock(rate=FLOOD / 2)
    pace = Pace(lambda: int(clock.arrived), clock)
    for _ in range(50):
        clock.pass_(REST)
        assert rested(clock, pace) == (0.0, inf)


def test_in_a_flood_turns_and_rests_alternate() -> None:
    clock = FloodClock(rate=FLOOD * 20)
    pace = Pace(lambda: int(clock.arrived), clock)
    for _ in range(3):
        clock.pass_(1.0)
        rest, turn = rested(clock, pace)
        assert abs(rest - REST) < 1e-9
        assert abs(turn - TURN) < 1e-9


def test_the_end_of_a_flood_ends_the_rests() -> None:
    clock = FloodClock(rate=FLOOD * 20)
    pace = Pace(lambda: int(clock.arrived), clock)
    clock.pass_(1.0)
    assert rested(clock, pace)[0] > 0.0
    clock.rate = 0.0
    rested(clock, pace)
    clock.pass_(1.0)
    assert rested(clock, pace) == (0.0, inf)


def test_a_stop_ends_every_rest() -> None:
    clock = FloodClock(rate=FLOOD * 20)
    pace = Pace(lambda: int(clock.arrived), clock)
    clock.pass_(1.0)
    pace.stop()
    assert rested(clock, pace)[0] == 0.0

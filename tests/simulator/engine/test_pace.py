from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.simulator.engine.simulation import Pace


@settings(max_examples=30)
@given(st.floats(0.2, 500.0), st.lists(st.integers(1, 30), min_size=200, max_size=400))
def test_changes_are_so_many_a_second_in_the_long_run(rate: float, bursts: list[int]) -> None:
    pace = Pace(rate, 0.0)
    made, now = 0, 0.0
    for burst in bursts:
        while not pace.asks_for_change:
            now += 0.5 / rate
            pace.advance(now)
        pace.spend(burst)
        made += burst
    assert made <= rate * now + 30 + 2 * max(1.0, rate)
    assert made >= rate * now - 4 * max(1.0, rate) - 30


def test_what_was_saved_up_is_bounded() -> None:
    pace = Pace(10.0, 0.0)
    pace.advance(3600.0)
    made = 0
    while pace.allows_change:
        pace.spend(1)
        made += 1
    assert made == pytest.approx(40, abs=1)


def test_a_reserve_is_kept_for_what_is_due() -> None:
    pace = Pace(10.0, 0.0)
    while pace.asks_for_change:
        pace.spend(1)
    assert pace.allows_change

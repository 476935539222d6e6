from __future__ import annotations

from kwatch.view.activity_columns import PERIOD, Fading


class Busy:
    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.looks = 0

    def busy(self) -> set[str]:
        self.looks += 1
        return set(self.keys)


def test_who_fell_silent_is_told_once_more() -> None:
    source = Busy()
    fading = Fading(source)
    source.keys = {"a", "b"}
    assert fading.due(0.0) == {"a", "b"}
    source.keys = {"b"}
    assert fading.due(PERIOD) == {"a", "b"}
    assert fading.due(2 * PERIOD) == {"b"}


def test_it_looks_from_time_to_time_even_if_the_clock_jumps_back() -> None:
    source = Busy()
    fading = Fading(source)
    for now in (100.0, 100.0 + PERIOD / 2, 100.0 + PERIOD * 0.99):
        fading.due(now)
    assert source.looks == 1
    fading.due(50.0)
    assert source.looks == 2

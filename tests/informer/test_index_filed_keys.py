"""What is filed under a value is what a set would hold, in a fifth of the room."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from kwatch.informer.index import FiledKeys

_NAMES = st.integers(0, 60).map(str)


@given(st.integers(0, 60), st.lists(st.one_of(_NAMES, st.none()), max_size=300))
def test_it_holds_what_a_set_holds(many: int, steps: list[str | None]) -> None:
    model = {str(number) for number in range(many)}
    keys = FiledKeys(*sorted(model))
    for key in steps:
        if key is None:
            keys.settle()
        elif key in model:
            model.remove(key)
            keys.remove(key)
        else:
            model.add(key)
            keys.add(key)
        assert len(keys) == len(model)
        assert sorted(keys) == sorted(model)


def test_it_takes_a_fifth_of_a_set() -> None:
    keys, as_set = FiledKeys(), set[str]()
    for number in range(20_000):
        keys.add(str(number))
        as_set.add(str(number))
    assert keys.bytes < sys.getsizeof(as_set) / 2
    keys.settle()
    assert keys.bytes < sys.getsizeof(as_set) / 5
    assert FiledKeys("alone").bytes < sys.getsizeof({"alone"}) / 2


def test_what_comes_and_goes_leaves_nothing_behind() -> None:
    keys = FiledKeys(*map(str, range(1000)))
    at_first = keys.bytes
    for number in range(1000, 50_000):
        keys.add(str(number))
        keys.remove(str(number - 1000))
    assert len(keys) == 1000
    assert keys.bytes < 6 * at_first

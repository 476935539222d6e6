"""Terms that depend on the time fall due exactly when their answer changes."""

from __future__ import annotations

import pytest

from kwatch.query import CompiledQuery, parse
from tests.query.cluster import NOW, FakeClock, context, indexer, pod

OLD = pod("a/old", age=590.0)


def compiled(text: str, clock: FakeClock) -> CompiledQuery:
    return parse(text).compile(context(indexer([OLD]), clock))


@pytest.mark.parametrize(
    "text", ["age<10m", "age<=10m", "age>10m", "age>=10m", ".metadata.creationTimestamp<10m", "!age<10m"]
)
def test_an_age_is_tested_again_when_it_reaches_the_limit_and_only_then(text: str) -> None:
    clock = FakeClock(NOW)
    query = compiled(text, clock)
    before = query.matches("a/old", OLD)
    dues = []
    while (due := query.next_due("a/old", OLD, None, clock.now)) is not None:
        assert due > clock.now
        dues.append(due)
        clock.now = due
    assert dues[0] == NOW + 10
    assert len(dues) <= 2
    assert dues[-1] - dues[0] < 0.01
    assert query.matches("a/old", OLD) is not before
    clock.now += 1_000_000
    assert query.matches("a/old", OLD) is not before


def test_what_does_not_depend_on_the_time_is_never_due() -> None:
    query = compiled("old restarts<5 ns:a", FakeClock())
    assert not query.is_timed
    assert query.next_due("a/old", OLD, None, NOW) is None

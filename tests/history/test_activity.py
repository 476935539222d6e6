"""How busy objects are, now and in the past."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.history.activity import BAR, BARS, Activities, Activity
from kwatch.history.journal import Journal
from tests.history.objects import Feeder, pod
from tests.view.world import FakeClock

START = 1_000_000.0 - 1_000_000.0 % BAR
WEB = "shop/web"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture
def journal(clock: FakeClock) -> Iterator[Journal]:
    journal = Journal(clock=clock)
    yield journal
    journal.close()


@pytest.fixture
def pods(journal: Journal) -> Feeder:
    return Feeder(journal.sink("ctx", "pods"), at=START)


@pytest.fixture
def activities(journal: Journal) -> Activities:
    return journal.activities("ctx", "pods")


def test_what_was_there_at_the_beginning_has_not_changed(pods: Feeder, activities: Activities) -> None:
    pods.replace(pod(version=1))
    assert activities.of([WEB, "shop/none"]) == [Activity(None, 0), None]
    assert activities.churn([WEB, "shop/none"]) == [0, 0]
    pods.update(pod(version=2))
    assert activities.of([WEB]) == [Activity(pods.at, 1)]


def test_what_came_while_one_watched_has(pods: Feeder, activities: Activities) -> None:
    pods.add(pod(version=1))
    assert activities.of([WEB]) == [Activity(pods.at, 1)]


def test_bars_begin_at_whole_multiples_and_the_last_is_the_present(
    pods: Feeder, activities: Activities, clock: FakeClock
) -> None:
    pods.replace(pod(version=1))
    for number in range(2, 5):
        pods.update(pod(version=number))
    pods.at = START + 4 * BAR
    pods.update(pod(version=5))
    clock.now = START + 5 * BAR - 1
    bars = activities.bars(WEB, clock.now)
    assert len(bars) == BARS
    assert bars[-5:] == (3, 0, 0, 0, 1)
    assert activities.bars(WEB, clock.now + 1)[-6:] == (3, 0, 0, 0, 1, 0)
    assert activities.churn([WEB]) == [4]
    assert activities.busy() == {WEB}
    clock.now = START + (BARS + 5) * BAR
    assert activities.churn([WEB]) == [0]
    assert activities.busy() == set()


def test_another_life_under_the_same_name_counts_on(pods: Feeder, activities: Activities) -> None:
    pods.replace(pod(version=1))
    pods.delete(pod(version=2))
    pods.add(pod(version=3, uid="u2"))
    assert activities.of([WEB]) == [Activity(pods.at, 2)]
    assert activities.churn([WEB]) == [2]


def test_what_had_to_make_room_still_counts() -> None:
    journal = Journal(budget_bytes=0, clock=FakeClock(START))
    pods = Feeder(journal.sink("ctx", "pods"), at=START)
    pods.replace(pod(version=1))
    for number in range(2, 40):
        pods.update(pod(version=number))
    assert journal.catch_up(5.0, compacted=True)
    assert journal.evicted_of("ctx", "pods", WEB) > 30
    assert journal.activities("ctx", "pods").of([WEB]) == [Activity(pods.at, 38)]
    journal.close()


def test_the_past_knows_nothing_of_what_came_later(journal: Journal, pods: Feeder) -> None:
    pods.replace(pod(version=1))
    first = pods.update(pod(version=2))
    then = pods.at
    pods.at += 20 * BAR
    last = pods.update(pod(version=3))
    as_of = journal.as_of("ctx", "pods", sequence=first)
    past = journal.activities("ctx", "pods", as_of)
    assert past.now == then
    assert past.of([WEB]) == [Activity(then, 1)]
    assert past.churn([WEB]) == [1]
    as_of.move_to(last)
    assert past.of([WEB]) == [Activity(pods.at, 2)]
    assert past.churn([WEB]) == [1]


@given(st.lists(st.floats(0, BAR * 12), min_size=1, max_size=60), st.floats(0, BAR * 12))
def test_the_bars_are_a_count_of_every_receipt(gaps: list[float], wait: float) -> None:
    clock = FakeClock(START)
    journal = Journal(clock=clock)
    pods = Feeder(journal.sink("ctx", "pods"), at=START)
    received = []
    for number, gap in enumerate(gaps, 1):
        pods.at += gap
        pods.update(pod(version=number))
        received.append(pods.at)
    clock.now = pods.at + wait
    activities = journal.activities("ctx", "pods")
    first = clock.now - clock.now % BAR - (BARS - 1) * BAR
    expected = [0] * BARS
    for at in received:
        if at >= first:
            expected[min(BARS - 1, int((at - first) // BAR))] += 1
    assert activities.bars(WEB, clock.now) == tuple(expected)
    assert activities.churn([WEB]) == [sum(expected)]
    journal.close()

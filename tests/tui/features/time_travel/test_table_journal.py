"""When deltas arrived, as counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kwatch.tui.features.time_travel.table_journal import MOST, Arrivals, TableJournal
from kwatch.tui.location import Location
from tests.tui.fakes import PODS, FakeSession, pod


def arrivals_of(session: FakeSession, namespace: str | None = None) -> Arrivals:
    found = Arrivals(TableJournal(session.journal, ["demo"], Location(PODS, namespace)))
    found.follow(10.0)
    return found


def test_a_first_list_is_the_beginning_and_no_change() -> None:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(*[pod(f"web-{number}") for number in range(10)], listed=True)
    feed.at = 1010.0
    feed.put(pod("web-1", version=2))
    found = arrivals_of(session)
    assert (found.began, found.first_sequence) == (1000.0, 10)
    assert (found.count, found.is_complete) == (1, True)
    assert found.heights(1000.0, 1020.0, 4) == [0, 0, 1, 0]
    session.close()


def test_a_list_that_brings_more_than_was_known_begins_anew_and_a_relist_does_not() -> None:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(pod("a-1", "shop"), listed=True)
    feed.at = 1010.0
    feed.put(*[pod(f"b-{number}", "bank") for number in range(5)], listed=True)
    feed.at = 1020.0
    feed.put(pod("a-1", "shop", version=2), pod("a-2", "shop"), listed=True)
    assert arrivals_of(session).began == 1010.0
    shop = arrivals_of(session, "shop")
    assert shop.count == 1  # what the relist found changed
    session.close()


def test_nothing_known_has_no_beginning() -> None:
    session = FakeSession()
    found = arrivals_of(session)
    assert found.began is None and found.heights(0.0, 1.0, 3) == [0, 0, 0]
    session.close()


@given(st.lists(st.floats(0.0, 5000.0), min_size=1, max_size=60), st.integers(1, 80))
def test_none_is_lost_however_far_apart_they_are(gaps: list[float], width: int) -> None:
    session = FakeSession()
    found = Arrivals(TableJournal(session.journal, ["demo"], Location(PODS)))
    at = 1000.0
    for gap in gaps:
        at += gap
        found._add(at)
    assert found.count == len(gaps)
    assert sum(found.heights(1000.0, at + 1.0, width)) == len(gaps)
    assert len(found._counts) <= MOST
    session.close()

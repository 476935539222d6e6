"""When something was not watched, and for whom that is so."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history.coverage import NOT_OPEN, Coverage, Scope, Watches
from kwatch.history.journal import Journal
from kwatch.history.journal_sink import JournalSink
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.recorder import Recorder
from kwatch.history.recording.saving import load
from tests.history.objects import Feeder, pod
from tests.history.recording.samples import PODS
from tests.informer.fakes import FakeClock

ALL, SHOP, BACK, CART = Scope(), Scope("shop"), Scope("back"), Scope(None, "app=cart")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def journal(clock: FakeClock) -> Journal:
    return Journal(clock=clock)


def opened(journal: Journal, *where: str | None) -> JournalSink:
    """A sink whose first list was empty."""
    sink = journal.sink("ctx", "pods", *where)
    sink.on_synced(set())
    return sink


def times(journal: Journal, scope: Scope | None = None) -> list[tuple[float, float]]:
    start = FakeClock().time()
    return [(gap.since - start, gap.until - start) for gap in journal.gaps("ctx", "pods", scope)]


def test_from_when_on_something_was_seen(journal: Journal, clock: FakeClock) -> None:
    start = clock.time()
    assert journal.seen_from("ctx", "pods", SHOP, start) is None
    clock.now += 100
    shop = opened(journal, "shop")
    assert journal.seen_from("ctx", "pods", SHOP, start) == start + 100
    assert journal.seen_from("ctx", "pods", SHOP, start + 150) == start + 150
    assert journal.seen_from("ctx", "pods", ALL, start + 150) is None
    clock.now += 100
    shop.close()
    clock.now += 100
    opened(journal)
    assert journal.seen_from("ctx", "pods", SHOP, start + 150) == start + 150
    assert journal.seen_from("ctx", "pods", SHOP, start + 250) == start + 300
    assert journal.seen_from("ctx", "pods", BACK, start) == start + 300


def test_what_is_empty_is_watched_all_the_same(journal: Journal, clock: FakeClock) -> None:
    """It used to count as unwatched until its first delta."""
    first = opened(journal)
    clock.now += 100
    first.close()
    clock.now += 20
    again = opened(journal)
    assert times(journal) == [(100, 120)]
    assert journal.unwatched("ctx") == {}
    clock.now += 600
    Feeder(again, at=clock.time()).add(pod())
    assert times(journal) == [(100, 120)]
    again.close()
    assert journal.unwatched("ctx") == {"pods": clock.time()}


def test_one_that_was_always_empty_is_no_gap(journal: Journal, clock: FakeClock) -> None:
    sink = opened(journal)
    clock.now += 600
    Feeder(sink, at=clock.time()).add(pod())
    assert times(journal) == []


def test_another_namespace_does_not_watch_this_one(journal: Journal, clock: FakeClock) -> None:
    """Switching namespaces used to hide the gap as long as any informer of the resource ran."""
    shop = opened(journal, "shop")
    clock.now += 10
    back = opened(journal, "back")
    clock.now += 10
    shop.close()
    clock.now += 50
    opened(journal, "shop")
    assert times(journal, SHOP) == [(20, 70)]
    assert times(journal, BACK) == []
    assert [gap.namespace for gap in journal.gaps("ctx", "pods")] == ["shop"]
    back.close()


def test_a_connection_that_broke_is_no_gap_for_who_was_watched_by_another(journal: Journal, clock: FakeClock) -> None:
    opened(journal)
    shop = opened(journal, "shop")
    clock.now += 10
    shop.on_gap(clock.time(), clock.time() + 5, "connection lost")
    assert times(journal) == times(journal, SHOP) == []
    everywhere = Journal(clock=clock)
    one, other = opened(everywhere, "shop"), opened(everywhere, "back")
    one.on_gap(clock.time(), clock.time() + 5, "connection lost")
    assert times(everywhere, BACK) == []
    assert times(everywhere, SHOP) == [(10, 15)]
    other.close()


def test_two_that_lost_the_server_together_say_it_once(journal: Journal, clock: FakeClock) -> None:
    sinks = opened(journal), opened(journal, "shop")
    clock.now += 10
    for sink in sinks:
        sink.on_gap(clock.time(), clock.time() + 5, "connection lost")
    assert [(gap.cause, gap.namespace) for gap in journal.gaps("ctx", "pods")] == [("connection lost", None)]


def test_one_object_is_watched_by_whoever_selects_it(journal: Journal, clock: FakeClock) -> None:
    """A watch of one object by its name says nothing of the others."""
    whole = Feeder(journal.sink("ctx", "pods"), at=clock.time())
    for name in ("web-1", "web-2"):
        whole.add(pod(name, uid=name))
    clock.now += 100
    assert isinstance(whole.sink, JournalSink)
    whole.sink.close()
    named = opened(journal, "shop", None, "metadata.name=web-1")
    clock.now += 50
    opened(journal)
    start = FakeClock().time()
    gaps = {name: journal.gaps_of("ctx", "pods", f"shop/{name}") for name in ("web-1", "web-2", "nobody")}
    assert [(gap.since - start, gap.until - start) for gap in gaps["web-2"]] == [(100, 150)]
    assert gaps["web-1"] == gaps["nobody"] == ()
    named.close()


def test_who_had_lost_the_server_has_not_watched_until_it_was_closed(journal: Journal, clock: FakeClock) -> None:
    sink = opened(journal)
    clock.now += 100
    sink.close(since=clock.time() - 60)
    clock.now += 20
    opened(journal)
    assert times(journal) == [(40, 120)]


def test_what_a_closed_informer_still_delivers_is_not_journalled(journal: Journal) -> None:
    """Its thread may outlive the stop."""
    pods = Feeder(journal.sink("ctx", "pods"))
    pods.add(pod(version=1))
    assert isinstance(pods.sink, JournalSink)
    pods.sink.close()
    pods.sink.close()
    pods.update(pod(version=2))
    pods.sink.on_gap(5000.0, 5001.0, "late")
    assert len(journal.versions("ctx", "pods", "shop/web")) == 1
    assert journal.unwatched("ctx") != {}


def test_a_replay_has_the_gaps_that_were_recorded_and_no_others(tmp_path: Path, clock: FakeClock) -> None:
    recorder = Recorder(tmp_path / "f.kwatch", clock=clock)
    pods = Feeder(recorder.sink("ctx", PODS, "shop"), at=clock.time())
    pods.add(pod(version=1))
    pods.sink.on_gap(clock.time() + 10, clock.time() + 15, "connection lost")
    pods.update(pod(version=2))
    recorder.close()
    journal = Journal(clock=clock)
    recording = Recording(tmp_path / "f.kwatch")
    load(recording, journal)
    clock.now += 1000
    opened(journal)  # what a replay shows beside it, as of the end
    assert times(journal) == [(10, 15)]
    assert journal.unwatched("ctx") == {}
    recording.close()
    journal.close()


scopes = st.sampled_from([ALL, SHOP, BACK, CART, Scope("shop", "app=cart"), Scope(None, "", "metadata.name=a")])
spans = st.lists(st.tuples(scopes, st.integers(0, 30), st.one_of(st.none(), st.integers(0, 10))), max_size=8)


@settings(max_examples=200)
@given(spans, scopes)
def test_a_moment_is_in_a_hole_if_and_only_if_nobody_watched_it(
    spans: list[tuple[Scope, int, int | None]], asked: Scope
) -> None:
    watches = Watches()
    for scope, began, length in spans:
        watch = watches.begin(scope, began)
        if length is not None:
            watches.end(watch, began + length)
    covering = [
        (began, began + length if length is not None else 99) for scope, began, length in spans if scope.covers(asked)
    ]
    holes = [*watches.gaps(asked)]
    assert all(one.until <= other.since for one, other in pairwise(holes))
    assert all(hole.cause == NOT_OPEN and hole.since < hole.until for hole in holes)
    for half in range(90):
        moment = half / 2 + 0.25
        is_watched = any(began <= moment < ended for began, ended in covering)
        is_between = any(ended <= moment for _, ended in covering) and any(began > moment for began, _ in covering)
        in_hole = any(hole.since <= moment < hole.until for hole in holes)
        assert in_hole == (is_between and not is_watched), (moment, holes, covering)


def test_how_much_was_watched_at_a_moment() -> None:
    watches = Watches()
    shop = watches.begin(Scope("shop"), 10.0)
    watches.end(shop, 20.0)
    watches.begin(Scope("shop", fields="metadata.name=a"), 30.0)
    watches.begin(Scope(), 40.0)
    everything, of_shop, of_data = Scope(), Scope("shop"), Scope("data")
    assert [watches.coverage(of_shop, at) for at in (9.0, 10.0, 20.0, 30.0, 40.0)] == [
        Coverage.NONE,
        Coverage.ALL,
        Coverage.NONE,
        Coverage.SOME,
        Coverage.ALL,
    ]
    assert [watches.coverage(everything, at) for at in (15.0, 45.0)] == [Coverage.SOME, Coverage.ALL]
    assert [watches.coverage(of_data, at) for at in (15.0, 35.0, 45.0)] == [Coverage.NONE, Coverage.NONE, Coverage.ALL]
    assert watches.coverage(Scope("shop", fields="metadata.name=a"), 35.0) is Coverage.ALL

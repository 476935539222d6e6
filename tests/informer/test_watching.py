"""Rows R of the conformance table: the watch."""

import threading
from itertools import pairwise

import pytest

from kwatch.informer import (
    ApiError,
    Backoff,
    Indexer,
    ListOptions,
    ObjectList,
    VeryShortWatchError,
)
from kwatch.informer.api_calls import OpenWatch, watch_timeout
from kwatch.informer.reflector_state import State
from tests.informer.fakes import (
    PATIENCE,
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    SteppedClock,
    added,
    bookmark,
    deleted,
    event,
    eventually,
    modified,
    pod,
    status_event,
)
from tests.informer.reflecting import (
    StopAt,
    Versions,
    ended,
    ended_event,
    names,
    reflect,
    run_in_thread,
)


def test_R9_the_watch_handler_writes_what_is_of_the_right_type() -> None:
    stop = threading.Event()
    store = StopAt("32", stop)
    store.replace([pod("foo", 1), pod("bar", 1)])
    service = pod("rejected", 99) | {"kind": "Service"}
    events = [event("ADDED", service), deleted("foo", 20), modified("bar", 55), added("baz", 32)]
    lister_watcher = FakeListerWatcher([ObjectList([pod("foo", 1), pod("bar", 1)], "1")], [FakeStream(events)])
    reflector = reflect(lister_watcher, store, expected_type=("v1", "Pod"))
    reflector.list_and_watch(stop)
    assert names(store) == {"bar@55", "baz@32"}
    assert reflector.last_sync_resource_version == "32"
    assert reflector.status.dropped == 1


def test_R10_the_store_hears_of_every_version() -> None:
    events = [added("a", 10), modified("a", 20), bookmark(30), deleted("a", 40), ended_event()]
    store = Versions()
    lister_watcher = FakeListerWatcher([ObjectList([], "9")], [FakeStream(events)])
    reflect(lister_watcher, store).list_and_watch(threading.Event())
    assert store.versions == ["10", "20", "30", "40"]


def test_R11_an_error_event_ends_the_watch_and_closes_it() -> None:
    stream = ended()
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream])
    reflect(lister_watcher).list_and_watch(threading.Event())
    assert stream.closes == 1


def test_R14_a_silent_watch_is_stopped_and_closed_once() -> None:
    stop = threading.Event()
    stream = FakeStream()
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream])
    thread = run_in_thread(reflect(lister_watcher).list_and_watch, stop)
    lister_watcher.wait_for_watches(1)
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert (stream.closes, stream.iterated) == (1, 1)


def test_R15_a_watch_that_ends_at_once_without_a_word_is_an_error() -> None:
    stream = FakeStream(ends=True)
    reflector = reflect(FakeListerWatcher([ObjectList([], "1")]), clock=FakeClock(), name="pods")
    opened = OpenWatch(stream, FakeClock())
    reflector._recorder.state = State.LISTED
    error = reflector._watching.follow(opened, threading.Event())
    assert isinstance(error, VeryShortWatchError)
    assert error.name == "pods"
    assert stream.closes == 1


def test_R15_it_leads_to_a_list_and_is_seen_in_the_status() -> None:
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [FakeStream(ends=True)])
    reflector = reflect(lister_watcher, name="pods")
    reflector.list_and_watch(threading.Event())
    assert "very short watch" in str(reflector.status.errors)


class Resyncing(Indexer):
    def __init__(self) -> None:
        super().__init__()
        self.resyncs = 0

    def resync(self) -> None:
        self.resyncs += 1
        if self.resyncs == 2:
            raise LookupError("resync failed")


def test_R22_a_resync_that_fails_ends_the_watch() -> None:
    store = Resyncing()
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [FakeStream()])
    reflector = reflect(lister_watcher, store, resync_period=0.001)
    reflector.list_and_watch(threading.Event())
    assert store.resyncs == 2
    assert "resync failed" in str(reflector.status.last_error)


def test_R22_a_resync_waits_for_the_clock_and_asks_the_server_nothing() -> None:
    clock = SteppedClock()
    stop = threading.Event()
    store = Resyncing()
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [FakeStream()])
    thread = run_in_thread(reflect(lister_watcher, store, resync_period=30.0, clock=clock).list_and_watch, stop)
    clock.wait_for_waiters()
    assert store.resyncs == 0
    clock.step(30.0)
    eventually(lambda: store.resyncs == 1)
    stop.set()
    thread.join(PATIENCE)
    assert (store.resyncs, len(lister_watcher.requests)) == (1, 2)


def test_a_resync_period_may_be_longer_than_a_watch() -> None:
    clock = SteppedClock()
    stop = threading.Event()
    store = Resyncing()
    watches = [FakeStream([added("a", version)]) for version in range(2, 5)]
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], watches)
    thread = run_in_thread(reflect(lister_watcher, store, resync_period=700.0, clock=clock).list_and_watch, stop)
    for number in range(3):
        lister_watcher.wait_for_watches(number + 1)
        assert store.resyncs == 0
        clock.wait_for_waiters()
        clock.step(300.0)
        watches[number].end()
    eventually(lambda: store.resyncs == 1)
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.mark.parametrize(("least", "low", "high"), [(0, 300, 600), (1, 300, 600), (1800, 1800, 3600)])
def test_R23_watches_last_between_the_minimum_and_twice_that(least: float, low: int, high: int) -> None:
    assert all(low <= watch_timeout(least) <= high for _ in range(50))


def test_R23_the_watch_is_asked_for_with_it() -> None:
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [ended()])
    reflect(lister_watcher, min_watch_timeout=1800.0).list_and_watch(threading.Event())
    seconds = lister_watcher.watches[0].timeout_seconds
    assert seconds is not None
    assert 1800 <= seconds <= 3600


@pytest.mark.parametrize("code", [410, 500])
def test_X4_errors_inside_a_watch_are_in_the_status_and_not_told_to_the_handler(code: int) -> None:
    told: list[Exception] = []
    stream = FakeStream([added("a", 2), status_event(code, "Odd", "it broke")])
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream])
    reflector = reflect(lister_watcher, on_error=told.append)
    reflector.list_and_watch(threading.Event())
    assert told == []
    assert reflector.status.last_error is not None
    assert (reflector.status.last_error.message, reflector.status.last_error.status) == ("it broke", code)


def test_a_watch_from_no_version_waits_for_the_first_change_before_it_follows_versions() -> None:
    events = [added("b", 7), added("a", 3), bookmark(9), added("c", 12), ended_event()]
    lister_watcher = FakeListerWatcher([ObjectList([], "")], [FakeStream(events)])
    store = Versions()
    reflect(lister_watcher, store).list_and_watch(threading.Event())
    assert store.versions == ["9", "12"]
    assert names(store) == {"a@3", "b@7", "c@12"}


@pytest.mark.parametrize("broken", [False, True])
def test_watches_that_end_again_and_again_share_the_minute(broken: bool) -> None:
    clock = FakeClock()
    stop = threading.Event()
    opened: list[float] = []

    def brief(options: ListOptions) -> FakeStream:
        opened.append(clock.now)
        if len(opened) == 30:
            stop.set()
        lost = [ApiError(0, "ConnectionLost", "lost")] if broken else []
        return FakeStream([bookmark(9), *lost], ends=True)

    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [brief] * 30)
    reflect(lister_watcher, clock=clock, backoff=Backoff()).list_and_watch(stop)
    assert len(lister_watcher.lists) == 1
    assert [round(at - opened[0]) for at in opened[:6]] == [0, 0, 0, 0, 10, 20], "they follow at once if they are rare"
    assert max(after - before for before, after in pairwise(opened)) <= 12.0
    assert all(opened[number + 10] - at >= 60.0 for number, at in enumerate(opened[:-10]))

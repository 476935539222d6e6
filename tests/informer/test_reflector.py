"""Rows R of the conformance table: list, then watch."""

import threading

import pytest

from kwatch.informer import (
    ApiError,
    Cause,
    DeltaFIFO,
    Indexer,
    ListOptions,
    ObjectList,
)
from tests.informer.fakes import (
    PATIENCE,
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    added,
    modified,
    pod,
    pods,
    refusal,
    show,
)
from tests.informer.reflecting import (
    StopAt,
    ended,
    ended_event,
    names,
    paged,
    reflect,
    run_in_thread,
)


def test_R1_one_list_and_one_watch_fill_the_store() -> None:
    stop = threading.Event()
    events = [modified("foo", 2), added("bar", 3), added("baz", 4), added("qux", 5), added("zoo", 6)]
    lister_watcher = FakeListerWatcher([ObjectList([pod("foo", 1)], "1")], [FakeStream(events)])
    store = StopAt("6", stop)
    reflect(lister_watcher, store).list_and_watch(stop)
    assert lister_watcher.lists == [ListOptions(resource_version="0", limit=500)]
    [watch] = lister_watcher.watches
    assert watch.timeout_seconds
    assert watch == ListOptions(resource_version="1", allow_watch_bookmarks=True, timeout_seconds=watch.timeout_seconds)
    assert names(store) == {"foo@2", "bar@3", "baz@4", "qux@5", "zoo@6"}


def test_R1_a_queue_hands_out_every_change() -> None:
    events = [modified("foo", 2), added("bar", 3), added("baz", 4), added("qux", 5), added("zoo", 6), ended_event()]
    lister_watcher = FakeListerWatcher([ObjectList([pod("foo", 1)], "1")], [FakeStream(events)])
    fifo = DeltaFIFO()
    reflect(lister_watcher, fifo).list_and_watch(threading.Event())
    popped = [show(fifo.pop(lambda deltas, initial: None).newest.object) for _ in range(5)]
    assert popped == ["foo@2", "bar@3", "baz@4", "qux@5", "zoo@6"]


def test_R2_the_next_list_begins_at_the_version_of_the_last() -> None:
    lister_watcher = FakeListerWatcher([ObjectList(pods(4), "10"), ObjectList(pods(8), "11")], [ended(), ended()])
    store = Indexer()
    reflector = reflect(lister_watcher, store)
    for count in (4, 8):
        reflector.list_and_watch(threading.Event())
        assert len(store) == count
    assert [options.resource_version for options in lister_watcher.lists] == ["0", "10"]


def test_R3_an_expired_list_is_repeated_at_once_with_the_most_recent_version() -> None:
    lister_watcher = FakeListerWatcher(
        [ObjectList(pods(4), "10"), refusal(410, "Expired"), ObjectList(pods(8), "11")], [ended(), ended()]
    )
    clock = FakeClock()
    store = Indexer()
    reflector = reflect(lister_watcher, store, clock=clock)
    reflector.list_and_watch(threading.Event())
    reflector.list_and_watch(threading.Event())
    assert [options.resource_version for options in lister_watcher.lists] == ["0", "10", ""]
    assert len(store) == 8
    assert clock.waits == []


def test_R5_a_version_that_is_too_large_is_recognised_in_three_forms() -> None:
    too_large = [
        refusal(504, "Timeout", causes=(Cause(reason="ResourceVersionTooLarge"),)),
        refusal(504, "Timeout", causes=(Cause(message="Too large resource version"),)),
        refusal(504, "Timeout", "Too large resource version: 40, current: 30"),
    ]
    lists = [
        ObjectList(pods(1), "20"),
        too_large[0],
        ObjectList(pods(2), "30"),
        too_large[1],
        ObjectList(pods(3), "40"),
        too_large[2],
        ObjectList(pods(4), "50"),
    ]
    lister_watcher = FakeListerWatcher(lists, [ended() for _ in range(4)])
    store = Indexer()
    reflector = reflect(lister_watcher, store)
    for _ in range(4):
        reflector.list_and_watch(threading.Event())
    assert [options.resource_version for options in lister_watcher.lists] == ["0", "20", "", "30", "", "40", ""]
    assert len(store) == 4


def test_another_timeout_is_not_too_large() -> None:
    lister_watcher = FakeListerWatcher([refusal(504, "Timeout", "it took too long")])
    with pytest.raises(ApiError, match="too long"):
        reflect(lister_watcher).list_and_watch(threading.Event())
    assert len(lister_watcher.lists) == 1


def test_R6_an_explicit_page_size_holds_for_every_list() -> None:
    lister_watcher = FakeListerWatcher([paged(4, 4, 2)], [ended(), ended()])
    store = Indexer()
    reflector = reflect(lister_watcher, store, page_size=4)
    reflector.list_and_watch(threading.Event())
    reflector.list_and_watch(threading.Event())
    assert [options.limit for options in lister_watcher.lists] == [4] * 6
    assert [options.continue_token for options in lister_watcher.lists] == [None, "C1", "C2"] * 2
    assert [options.resource_version for options in lister_watcher.lists] == ["0", "", "", "10", "", ""]
    assert len(store) == 10


def test_R7_a_list_at_a_known_version_is_not_paged() -> None:
    lister_watcher = FakeListerWatcher([ObjectList(pods(1), "10")], [ended(), ended()])
    reflector = reflect(lister_watcher)
    reflector.list_and_watch(threading.Event())
    reflector.list_and_watch(threading.Event())
    assert lister_watcher.lists[1] == ListOptions(resource_version="10")


def test_a_server_that_paged_at_any_version_is_paged_for_ever() -> None:
    lister_watcher = FakeListerWatcher([paged(500, 3)], [ended(), ended()])
    reflector = reflect(lister_watcher)
    reflector.list_and_watch(threading.Event())
    reflector.list_and_watch(threading.Event())
    assert [options.limit for options in lister_watcher.lists] == [500] * 4


@pytest.mark.parametrize("later", ["105", ""])
def test_the_watch_begins_at_the_version_of_the_first_page(later: str) -> None:
    pages = [ObjectList(pods(1), "100", "C1"), ObjectList(pods(1), later, "C2"), ObjectList(pods(1), later)]
    lister_watcher = FakeListerWatcher(pages, [ended()])
    reflect(lister_watcher).list_and_watch(threading.Event())
    assert lister_watcher.watches[0].resource_version == "100"


def test_R12_run_ends_when_it_is_stopped() -> None:
    stop = threading.Event()
    stream = FakeStream([added("foo", 1)])
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream])
    thread = run_in_thread(reflect(lister_watcher).run, stop)
    lister_watcher.wait_for_watches(1)
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert stream.closes == 1


def test_R13_a_stop_before_the_start_asks_nothing() -> None:
    stop = threading.Event()
    stop.set()
    lister_watcher = FakeListerWatcher([ObjectList([], "1")])
    reflect(lister_watcher).list_and_watch(stop)
    reflect(lister_watcher).run(stop)
    assert lister_watcher.requests == []


def test_R16_errors_reach_the_caller_and_the_next_list_makes_good() -> None:
    first, second, third = (ObjectList(pods(count), str(count)) for count in (1, 2, 3))
    lister_watcher = FakeListerWatcher(
        [first, second, refusal(500, "InternalError", "list failed"), third, third],
        [ended(), ended(), refusal(403, "Forbidden", "watch failed"), ended()],
    )
    store = Indexer()
    reflector = reflect(lister_watcher, store)
    outcomes: list[str] = []
    for _ in range(5):
        try:
            reflector.list_and_watch(threading.Event())
            outcomes.append(f"{len(store)}")
        except ApiError as error:
            outcomes.append(f"{len(store)} {error}")
    assert outcomes == ["1", "2", "2 list failed", "3 watch failed", "3"]

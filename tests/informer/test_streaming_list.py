"""Rows W of the conformance table: a list as a stream."""

import logging
import threading
from typing import Any

import pytest

from kwatch.informer import ApiError, Indexer, ListOptions, ObjectList, Reflector, WatchEvent
from kwatch.informer.streaming_list import streaming_options
from tests.informer.fakes import (
    PATIENCE,
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    SteppedClock,
    added,
    bookmark,
    eventually,
    modified,
    pod,
    quick_backoff,
    refusal,
    show,
    status_event,
)
from tests.session.test_lifecycle import threads_since


def names(store: Indexer) -> set[str]:
    return {show(obj) for obj in store.list()}


class Running:
    """A reflector in a thread, stopped at the end of the context."""

    def __init__(self, lister_watcher: FakeListerWatcher, **options: Any) -> None:
        options.setdefault("backoff", quick_backoff())
        self.store = options.pop("store", None) or Indexer()
        self.reflector = Reflector(lister_watcher, self.store, **options)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.reflector.run, args=(self.stop,), daemon=True)

    def __enter__(self) -> "Running":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


def expired_once() -> Any:
    return status_event(410, "Expired")


def test_W1_nothing_is_stored_before_the_bookmark() -> None:
    stream = FakeStream([added("p1", 1)])
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream], streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: running.reflector.status.received == 1)
        assert len(running.store) == 0
    assert lister_watcher.requests == ["stream ''"]
    assert len(running.store) == 0
    [options] = lister_watcher.watches
    assert options == ListOptions(
        resource_version_match="NotOlderThan",
        send_initial_events=True,
        allow_watch_bookmarks=True,
        timeout_seconds=options.timeout_seconds,
    )
    assert options.timeout_seconds


def test_W2_the_bookmark_completes_the_list_and_the_stream_goes_on() -> None:
    stream = FakeStream([added("p1", 1), added("p2", 2), bookmark(2, end="true")])
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream], streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: names(running.store) == {"p1@1", "p2@2"})
        stream.send(added("p3", 3))
        eventually(lambda: names(running.store) == {"p1@1", "p2@2", "p3@3"})
        assert running.reflector.status.phase == "watching"
    assert lister_watcher.requests == ["stream ''"]
    assert stream.iterated == 1


def test_W3_only_the_annotation_true_ends_the_initial_events() -> None:
    stream = FakeStream([added("p1", 1), added("p2", 2), bookmark(2, end="false")])
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream], streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: running.reflector.status.bookmarks == 1)
        assert len(running.store) == 0


@pytest.mark.parametrize("error", [refusal(422, "Invalid"), refusal(403, "Forbidden"), refusal(500, "InternalError")])
def test_W5_other_refusals_lead_to_a_list_and_a_watch(error: ApiError) -> None:
    stream = FakeStream([added("p2", 2)])
    lister_watcher = FakeListerWatcher([ObjectList([pod("p1", 1)], "1")], [error, stream], streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: names(running.store) == {"p1@1", "p2@2"})
    assert lister_watcher.requests == ["stream ''", "list '0'", "watch '1'"]
    assert lister_watcher.lists == [ListOptions(resource_version="0", limit=500)]
    assert lister_watcher.watches[1].allow_watch_bookmarks
    assert running.reflector.status.errors[0].source == "streaming list"


def test_W5_what_came_before_an_error_inside_the_stream_is_discarded() -> None:
    broken = FakeStream([added("old", 1), status_event(500, "InternalError")])
    lister_watcher = FakeListerWatcher([ObjectList([pod("p1", 1)], "1")], [broken], streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: names(running.store) == {"p1@1"})
    assert broken.closes == 1


def test_objects_of_another_kind_alone_are_not_taken_for_an_empty_list() -> None:
    service = pod("p1", 1) | {"kind": "Service"}
    stream = FakeStream([WatchEvent("ADDED", service), bookmark(2, end="true")])
    lister_watcher = FakeListerWatcher([ObjectList([pod("p1", 1)], "1")], [stream], streaming=True)
    with Running(lister_watcher, expected_type=("v1", "Pod")) as running:
        eventually(lambda: names(running.store) == {"p1@1"})
    assert lister_watcher.requests[:2] == ["stream ''", "list '0'"]


def test_W6_too_many_requests_are_asked_again() -> None:
    busy = refusal(429, "TooManyRequests")
    stream = FakeStream([added("p1", 1), bookmark(2, end="true")])
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [busy, busy, stream], streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: names(running.store) == {"p1@1"})
    assert lister_watcher.requests == ["stream ''"] * 3


def test_W8_after_the_list_a_plain_watch_follows() -> None:
    stream = FakeStream([added("p1", 1), added("p2", 2), bookmark(2, end="true"), added("p3", 3)], ends=True)
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream, FakeStream([added("p4", 4)])], streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: names(running.store) == {"p1@1", "p2@2", "p3@3", "p4@4"})
    assert lister_watcher.requests == ["stream ''", "watch '3'"]
    again = lister_watcher.watches[1]
    assert (again.send_initial_events, again.resource_version_match) == (None, None)
    assert again.allow_watch_bookmarks


def test_W9_an_expired_watch_reaches_the_caller_and_the_store_keeps_what_it_has() -> None:
    stream = FakeStream([added("p1", 1), bookmark(2, end="true"), added("p3", 3)], ends=True)
    lister_watcher = FakeListerWatcher([], [stream, refusal(410, "Expired", "too old")], streaming=True)
    store = Indexer()
    with pytest.raises(ApiError, match="too old"):
        Reflector(lister_watcher, store).list_and_watch(threading.Event())
    assert names(store) == {"p1@1", "p3@3"}


@pytest.mark.parametrize(
    ("events", "version"),
    [([], ""), ([added("p1", 1)], ""), ([added("p1", 1), bookmark(2, end="true")], "2")],
)
def test_W10_initial_events_do_not_move_the_version(events: list[Any], version: str) -> None:
    lister_watcher = FakeListerWatcher([], [FakeStream(events)], streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: running.reflector.status.events == len([each for each in events if each.type == "ADDED"]))
        eventually(lambda: running.reflector.last_sync_resource_version == version)


def test_W11_a_missing_bookmark_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "kwatch.informer")
    clock = SteppedClock()
    before = threading.enumerate()
    stream = FakeStream()
    lister_watcher = FakeListerWatcher([], [stream], streaming=True)
    with Running(lister_watcher, clock=clock, bookmark_tick=1.0) as running:
        lister_watcher.wait_for_watches(1)
        # From here on somebody looks at the clock; the stream is iterated before.
        eventually(lambda: "kwatch-bookmark-timer" in threads_since(before))
        clock.step(2.0)
        eventually(lambda: "no events received for 2 s" in caplog.text)
        stream.send(added("p1", 1))
        # Set when all that an event means was noted.
        eventually(lambda: running.reflector.status.last_event_at == clock.time())
        clock.step(3.0)
        eventually(lambda: "received last event 3 s ago" in caplog.text)
        assert "awaiting required bookmark event" in caplog.text
        assert "hasn't received required bookmark event" in caplog.text


def test_W11_nobody_is_warned_of_an_ordinary_watch(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "kwatch.informer")
    clock = SteppedClock()
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [FakeStream()])
    with Running(lister_watcher, clock=clock, bookmark_tick=1.0) as running:
        eventually(lambda: running.reflector.status.phase == "watching")
        clock.step(15.0)
    assert "bookmark" not in caplog.text


@pytest.mark.parametrize(
    ("wanted", "offered", "first"), [(False, True, "list '0'"), (True, False, "list '0'"), (True, True, "stream ''")]
)
def test_W12_streaming_needs_both_sides(wanted: bool, offered: bool, first: str) -> None:
    stream = FakeStream([bookmark(1, end="true")]) if first.startswith("stream") else FakeStream()
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream], streaming=offered)
    with Running(lister_watcher, streaming=wanted):
        lister_watcher.wait_for_watches(1)
    assert lister_watcher.requests[0] == first


@pytest.mark.parametrize(
    "options",
    [
        ListOptions(),
        ListOptions(resource_version="0"),
        ListOptions(resource_version="7"),
        ListOptions(resource_version="0", resource_version_match="NotOlderThan"),
        ListOptions(resource_version="7", resource_version_match="NotOlderThan"),
        ListOptions(resource_version="0", limit=500),
    ],
)
def test_W13_lists_that_can_be_streamed(options: ListOptions) -> None:
    streamed = streaming_options(options)
    assert streamed == ListOptions(
        resource_version=options.resource_version,
        resource_version_match="NotOlderThan",
        send_initial_events=True,
        allow_watch_bookmarks=True,
    )


@pytest.mark.parametrize(
    "options",
    [
        ListOptions(resource_version="7", resource_version_match="Exact"),
        ListOptions(continue_token="C1"),
        ListOptions(resource_version="7", limit=500),
        ListOptions(limit=500),
        ListOptions(resource_version_match="NotOlderThan"),
    ],
)
def test_W13_lists_that_cannot(options: ListOptions) -> None:
    with pytest.raises(ValueError, match="cannot be streamed"):
        streaming_options(options)


def test_W15_a_streamed_list_can_be_verified() -> None:
    def run(listed: list[Any]) -> str:
        stream = FakeStream([added("p1", 1), bookmark(2, end="true")])
        lister_watcher = FakeListerWatcher([ObjectList(listed, "2")], [stream], streaming=True)
        with Running(lister_watcher, verify=True) as running:
            eventually(lambda: running.reflector.status.phase == "watching")
        assert lister_watcher.lists == [ListOptions(resource_version="2", resource_version_match="Exact")]
        return str(running.reflector.status.errors)

    assert run([pod("p1", 1)]) == "()"
    assert "differs from the list in p2" in run([pod("p1", 1), pod("p2", 2)])


def test_an_expired_stream_is_asked_for_again_at_the_most_recent_version() -> None:
    first = FakeStream([added("p1", 1), bookmark(2, end="true"), expired_once()])
    again = FakeStream([added("p2", 5), bookmark(6, end="true")])
    lister_watcher = FakeListerWatcher([], [first, refusal(410, "Expired"), again], streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: names(running.store) == {"p2@5"})
    assert lister_watcher.requests == ["stream ''", "stream '2'", "stream ''"]


def test_X1_two_streams_without_the_bookmark_are_enough() -> None:
    clock = FakeClock()

    def short(options: ListOptions) -> FakeStream:
        clock.now += 2.0
        return FakeStream([added("p1", 1)], ends=True)

    lister_watcher = FakeListerWatcher([ObjectList([pod("p1", 1)], "1")], [short, short], streaming=True)
    with Running(lister_watcher, clock=clock) as running:
        eventually(lambda: names(running.store) == {"p1@1"})
        lister_watcher.wait_for_watches(3)
        lister_watcher.streams[-1].send(expired_once())
        eventually(lambda: len(lister_watcher.lists) >= 2)
        assert any("end bookmark" in note for note in running.reflector.status.notes)
    assert lister_watcher.requests[:4] == ["stream ''", "stream ''", "list '0'", "watch '1'"]
    assert not any(request.startswith("stream") for request in lister_watcher.requests[2:])


def test_X1_a_stream_with_its_bookmark_makes_good_for_those_without() -> None:
    """Each third stream succeeds, and is then expired; the others are cut. That is no reason to give them up."""
    clock = FakeClock()

    def stream(options: ListOptions) -> FakeStream:
        clock.now += 2.0
        if len(lister_watcher.watches) % 2:
            return FakeStream([added("p1", 1)], ends=True)
        return FakeStream([added("p1", 1), bookmark(2, end="true"), expired_once()])

    lister_watcher = FakeListerWatcher([ObjectList([pod("p1", 1)], "1")], [stream] * 20, streaming=True)
    with Running(lister_watcher, clock=clock) as running:
        lister_watcher.wait_for_watches(20)
    assert lister_watcher.lists == []
    assert running.reflector.status.notes == ()


@pytest.mark.parametrize("live", [[], [modified("p1", 2)]])
def test_X1_twenty_seconds_without_the_bookmark_are_enough(live: list[Any]) -> None:
    clock = SteppedClock()
    stream = FakeStream([added("p1", 1), *live])
    lister_watcher = FakeListerWatcher([ObjectList([pod("p1", 1)], "1")], [stream], streaming=True)
    with Running(lister_watcher, clock=clock) as running:
        eventually(lambda: running.reflector.status.events == 1 + len(live))
        clock.step(21.0)
        eventually(lambda: names(running.store) == {"p1@1"})
        assert any("no end bookmark" in error.message for error in running.reflector.status.errors)
        assert running.reflector.status.notes == (), "it is tried again with the next list"
    assert stream.closes == 1
    assert lister_watcher.requests[:3] == ["stream ''", "list '0'", "watch '1'"]


def test_X2_a_server_too_busy_to_stream_is_asked_for_a_list() -> None:
    busy = refusal(429, "TooManyRequests")
    lister_watcher = FakeListerWatcher([ObjectList([pod("p1", 1)], "1")], [busy] * 5, streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: names(running.store) == {"p1@1"})
    assert lister_watcher.requests[:6] == ["stream ''"] * 5 + ["list '0'"]


def test_a_list_that_came_in_one_read_came_at_that_moment() -> None:
    """Since when it is quiet is known of an empty list too, and however the bookmark comes."""
    lister_watcher = FakeListerWatcher([], [FakeStream([bookmark(1, end="true")])], streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: running.reflector.last_sync_resource_version == "1")
        assert running.reflector.status.last_event_at is not None


def test_events_behind_the_bookmark_in_the_same_read_are_not_lost() -> None:
    class Batched(FakeStream):
        bytes_received = 0

        def batches(self) -> Any:
            yield [added("p1", 1), bookmark(2, end="true"), added("p2", 3)]
            yield from ([each] for each in self)

    lister_watcher = FakeListerWatcher([], [Batched()], streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: names(running.store) == {"p1@1", "p2@3"})
        assert running.reflector.last_sync_resource_version == "3"


def test_a_stream_that_falls_silent_is_given_up_for_good_only_the_second_time_in_a_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server may be slow once: the list that follows is made as ever, and the next one is streamed again."""
    monkeypatch.setattr("kwatch.informer.streaming_list.LONGEST_SILENCE", 0.2)
    monkeypatch.setattr("kwatch.informer.streaming_list._LOOK_EVERY", 0.01)

    def watch(options: ListOptions) -> FakeStream:
        return FakeStream([added("p1", 1)]) if options.send_initial_events else FakeStream([expired_once()])

    lister_watcher = FakeListerWatcher([ObjectList([pod("p1", 1)], "5")], [watch] * 20, streaming=True)
    with Running(lister_watcher) as running:
        eventually(lambda: running.reflector.status.lists >= 3)
        asked = [request.split()[0] for request in lister_watcher.requests]
        assert asked[:7] == ["stream", "list", "watch", "stream", "list", "watch", "list"]
        assert "streaming lists came without their end bookmark: listing instead" in running.reflector.status.notes

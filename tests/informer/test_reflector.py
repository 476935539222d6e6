"""Rows R of the conformance table: list, then watch."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from kwatch.informer import (
    ApiError,
    Backoff,
    Cause,
    DeltaFIFO,
    Indexer,
    ListOptions,
    Object,
    ObjectList,
    Reflector,
    Unreadable,
    VeryShortWatchError,
)
from kwatch.informer.streaming_list import watch_timeout
from kwatch.informer.upstream import OpenWatch
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
    pods,
    quick_backoff,
    refusal,
    show,
    status_event,
)


class StopAt(Indexer):
    """Stops the reflector once a version has arrived."""

    def __init__(self, version: str, stop: threading.Event) -> None:
        super().__init__()
        self._version = version
        self._stop = stop

    def update_resource_version(self, version: str) -> None:
        if version == self._version:
            self._stop.set()


def names(store: Indexer) -> set[str]:
    return {show(obj) for obj in store.list()}


def reflect(lister_watcher: FakeListerWatcher, store: Any = None, **options: Any) -> Reflector:
    options.setdefault("backoff", quick_backoff())
    return Reflector(lister_watcher, Indexer() if store is None else store, **options)


def ended() -> FakeStream:
    """A watch that says something and ends: a list is then not needed, but the next watch may be refused."""
    return FakeStream([status_event(410, "Expired")])


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


def ended_event() -> Any:
    return status_event(410, "Expired")


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


def paged(*sizes: int) -> Callable[[ListOptions], ObjectList]:
    """Pages of these sizes, with the tokens C1, C2..."""

    def answer(options: ListOptions) -> ObjectList:
        page = int((options.continue_token or "C0")[1:])
        items = [pod(f"pod-{page}-{number}", 1) for number in range(sizes[page])]
        return ObjectList(items, "10", f"C{page + 1}" if page + 1 < len(sizes) else None)

    return answer


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


class Versions(Indexer):
    def __init__(self) -> None:
        super().__init__()
        self.versions: list[str] = []

    def update_resource_version(self, version: str) -> None:
        self.versions.append(version)


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


def run_in_thread(target: Callable[[threading.Event], None], stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=target, args=(stop,), daemon=True)
    thread.start()
    return thread


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
    error = reflector._watching.follow(opened, threading.Event())
    assert isinstance(error, VeryShortWatchError)
    assert error.name == "pods"
    assert stream.closes == 1


def test_R15_it_leads_to_a_list_and_is_seen_in_the_status() -> None:
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [FakeStream(ends=True)])
    reflector = reflect(lister_watcher, name="pods")
    reflector.list_and_watch(threading.Event())
    assert "very short watch" in str(reflector.status.errors)


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


def refused(times: int, then: FakeStream) -> list[Any]:
    return [*(ApiError(0, "ConnectionRefused", "nobody listens") for _ in range(times)), then]


@pytest.mark.parametrize(("times", "least", "most"), [(5, 31.0, 62.0), (40, 63 + 34 * 50.0, 2 * (63 + 34 * 50.0))])
def test_R17_refused_connections_are_tried_again_without_a_list(times: int, least: float, most: float) -> None:
    clock = FakeClock()
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], refused(times, ended()))
    backoff = Backoff(initial=0.001, cap=0.05, jitter=1.0)
    reflect(lister_watcher, clock=clock, backoff=backoff).list_and_watch(threading.Event())
    assert len(lister_watcher.lists) == 1
    assert len(lister_watcher.watches) == times + 1
    assert least <= sum(clock.waits) * 1000 <= most
    assert max(clock.waits) <= 0.1


def test_R18_a_backoff_of_ones_own() -> None:
    clock = FakeClock()
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], refused(5, ended()))
    backoff = Backoff(initial=0.01, cap=0.1, jitter=0.0)
    reflect(lister_watcher, clock=clock, backoff=backoff).list_and_watch(threading.Event())
    assert [round(wait * 1000) for wait in clock.waits] == [10, 20, 40, 80, 100]


class CountedBackoff:
    def __init__(self) -> None:
        self.asked = 0

    def next(self) -> float:
        self.asked += 1
        return 0.0

    def reset(self) -> None:
        pass


def test_R19_too_many_requests_back_off_wherever_they_are_said() -> None:
    watches = [
        refusal(429, "TooManyRequests"),
        FakeStream([status_event(429, "TooManyRequests")]),
        FakeStream(ends=True),
    ]
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], watches)
    backoff = CountedBackoff()
    reflect(lister_watcher, backoff=backoff).list_and_watch(threading.Event())
    assert backoff.asked == 2
    assert len(lister_watcher.watches) == 3


def test_R20_too_many_requests_lead_to_no_list() -> None:
    watches = [*(refusal(429, "TooManyRequests") for _ in range(4)), ended()]
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], watches)
    reflect(lister_watcher).list_and_watch(threading.Event())
    assert (len(lister_watcher.lists), len(lister_watcher.watches)) == (1, 5)


def test_the_server_says_how_long_to_wait_at_least() -> None:
    clock = FakeClock()
    watches = [refusal(429, "TooManyRequests", retry_after=17.0), ended()]
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], watches)
    reflect(lister_watcher, clock=clock).list_and_watch(threading.Event())
    assert clock.waits == [17.0]


class Failing:
    """Watches that end with an internal error, each a second after it was opened."""

    def __init__(self, clock: FakeClock, gap_at: int = 0) -> None:
        self._clock = clock
        self._gap_at = gap_at
        self.opened = 0

    def __call__(self, options: ListOptions) -> FakeStream:
        self.opened += 1
        self._clock.now += 60.0 if self.opened == self._gap_at else 1.0
        return FakeStream([status_event(500, "InternalError")])


@pytest.mark.parametrize(("duration", "gap_at", "watches"), [(0.0, 0, 1), (30.0, 0, 32), (30.0, 10, 41)])
def test_R21_internal_errors_are_watched_through_for_a_while(duration: float, gap_at: int, watches: int) -> None:
    clock = FakeClock()
    failing = Failing(clock, gap_at)
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [failing] * 100)
    reflect(lister_watcher, clock=clock, internal_error_retry=duration).list_and_watch(threading.Event())
    assert failing.opened == watches
    assert len(lister_watcher.lists) == 1


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


@pytest.mark.parametrize(("least", "low", "high"), [(0, 300, 600), (1, 300, 600), (1800, 1800, 3600)])
def test_R23_watches_last_between_the_minimum_and_twice_that(least: float, low: int, high: int) -> None:
    assert all(low <= watch_timeout(least) <= high for _ in range(50))


def test_R23_the_watch_is_asked_for_with_it() -> None:
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [ended()])
    reflect(lister_watcher, min_watch_timeout=1800.0).list_and_watch(threading.Event())
    seconds = lister_watcher.watches[0].timeout_seconds
    assert seconds is not None
    assert 1800 <= seconds <= 3600


def table(api_version: str) -> dict[str, Any]:
    return {"kind": "Table", "apiVersion": api_version, "metadata": {"name": "t", "resourceVersion": "5"}}


@pytest.mark.parametrize("api_version", ["meta.k8s.io/v1", "meta.k8s.io/v1beta1"])
def test_R26_tables_are_turned_away(api_version: str) -> None:
    lister_watcher = FakeListerWatcher([ObjectList([table(api_version)], "1")])
    with pytest.raises(ApiError, match="Table"):
        reflect(lister_watcher).list_and_watch(threading.Event())
    store = Indexer()
    stream = FakeStream([event("ADDED", table(api_version)), added("a", 2), ended_event()])
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream])
    reflector = reflect(lister_watcher, store)
    reflector.list_and_watch(threading.Event())
    assert names(store) == {"a@2"}
    assert reflector.status.dropped == 1


def test_R26_a_table_of_somebody_else_is_an_object() -> None:
    store = Indexer()
    lister_watcher = FakeListerWatcher([ObjectList([table("furniture.example/v1")], "1")], [ended()])
    reflect(lister_watcher, store).list_and_watch(threading.Event())
    assert names(store) == {"t@5"}


class Refusing(Indexer):
    def add(self, obj: Object) -> None:
        if show(obj).startswith("bad"):
            raise ValueError("not this one")
        super().add(obj)


def test_X3_an_event_that_the_store_refuses_is_quarantined() -> None:
    store = Refusing()
    lister_watcher = FakeListerWatcher(
        [ObjectList([], "1")], [FakeStream([added("bad", 2), added("good", 3), ended_event()])]
    )
    reflector = reflect(lister_watcher, store)
    reflector.list_and_watch(threading.Event())
    assert names(store) == {"good@3"}
    assert reflector.last_sync_resource_version == "3"
    [quarantined] = reflector.quarantine.objects()
    assert (quarantined.name, quarantined.reason) == ("bad", "not this one")
    assert reflector.status.quarantined == 1


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


class StoppingClock(FakeClock):
    """Sets the stop after so many seconds of waiting."""

    def __init__(self, stop: threading.Event, seconds: float) -> None:
        super().__init__()
        self._stop = stop
        self._end = self.now + seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        super().wait(event, seconds)
        if self.now >= self._end:
            self._stop.set()
        return event.is_set()


def test_X5_only_success_resets_the_backoff() -> None:
    stop = threading.Event()
    clock = StoppingClock(stop, 600.0)
    lister_watcher = FakeListerWatcher([refusal(503, "ServiceUnavailable")])
    Reflector(lister_watcher, Indexer(), clock=clock).run(stop)
    assert all(30.0 <= wait <= 60.0 for wait in clock.waits[6:])
    assert len(clock.waits) > 10


@pytest.mark.parametrize(
    "error",
    [
        refusal(401, "Unauthorized"),
        refusal(403, "Forbidden"),
        refusal(503, "ServiceUnavailable"),
        ApiError(0, "ConnectionRefused", "nobody listens"),
        OSError("no route"),
    ],
)
def test_X8_a_refusing_server_is_asked_less_than_ten_times_a_minute(error: Exception) -> None:
    stop = threading.Event()
    clock = StoppingClock(stop, 60.0)
    lister_watcher = FakeListerWatcher([error], [error] * 100, streaming=True)
    Reflector(lister_watcher, Indexer(), clock=clock).run(stop)
    assert 3 <= len(lister_watcher.requests) <= 10


def test_X8_so_is_one_that_lists_but_never_watches() -> None:
    stop = threading.Event()
    clock = StoppingClock(stop, 60.0)
    lister_watcher = FakeListerWatcher(
        [ObjectList([], "1")], [lambda options: FakeStream([status_event(410, "Expired")]) for _ in range(100)]
    )
    Reflector(lister_watcher, Indexer(), clock=clock).run(stop)
    assert 4 <= len(lister_watcher.requests) <= 12


def test_X8_so_is_one_that_lists_but_opens_no_watch() -> None:
    stop = threading.Event()
    clock = StoppingClock(stop, 60.0)
    error = refusal(503, "ServiceUnavailable")
    lister_watcher = FakeListerWatcher([ObjectList([], "1")] * 100, [error] * 100)
    Reflector(lister_watcher, Indexer(), clock=clock).run(stop)
    assert 4 <= len(lister_watcher.requests) <= 10


def test_after_a_refusal_only_the_list_is_tried_until_something_succeeds() -> None:
    stop = threading.Event()
    clock = StoppingClock(stop, 30.0)
    error = refusal(503, "ServiceUnavailable")
    lister_watcher = FakeListerWatcher([error], [error] * 100, streaming=True)
    Reflector(lister_watcher, Indexer(), clock=clock).run(stop)
    assert lister_watcher.requests[0] == "stream ''"
    assert set(lister_watcher.requests[1:]) == {"list '0'"}


def test_X14_a_resource_that_is_gone_is_looked_for_until_it_is_back() -> None:
    stop = threading.Event()
    phases: list[str] = []

    class Clock(FakeClock):
        def wait(self, event: threading.Event, seconds: float) -> bool:
            phases.append(reflector.status.phase)
            return super().wait(event, seconds)

    back = StopAt("9", stop)
    lister_watcher = FakeListerWatcher(
        [refusal(404, "NotFound"), refusal(404, "NotFound"), ObjectList([], "8")], [FakeStream([added("a", 9)])]
    )
    reflector = reflect(lister_watcher, back, clock=Clock())
    reflector.run(stop)
    assert phases == ["gone", "gone"]
    assert names(back) == {"a@9"}
    assert reflector.status.phase == "stopped"


def test_a_forbidden_list_is_a_phase_of_its_own() -> None:
    stop = threading.Event()
    phases: list[str] = []

    class Clock(FakeClock):
        def wait(self, event: threading.Event, seconds: float) -> bool:
            phases.append(reflector.status.phase)
            stop.set()
            return True

    reflector = reflect(FakeListerWatcher([refusal(403, "Forbidden")]), clock=Clock())
    reflector.run(stop)
    assert phases == ["forbidden"]


def broken(events: Iterable[Any] = ()) -> FakeStream:
    return FakeStream([*events, ApiError(0, "ConnectionLost", "the connection broke")])


def test_X6_a_broken_connection_is_watched_again_without_a_list() -> None:
    gaps: list[str] = []
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [broken([added("a", 2)]), ended()])
    reflector = reflect(lister_watcher, on_gap=lambda since, until, cause: gaps.append(cause))
    reflector.list_and_watch(threading.Event())
    assert lister_watcher.requests == ["list '0'", "watch '1'", "watch '2'"]
    assert gaps == ["connection lost"]


def test_a_clean_end_is_watched_again_at_once_and_is_no_gap() -> None:
    gaps: list[str] = []
    clock = FakeClock()
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [FakeStream([added("a", 2)], ends=True), ended()])
    reflector = reflect(lister_watcher, clock=clock, on_gap=lambda since, until, cause: gaps.append(cause))
    reflector.list_and_watch(threading.Event())
    assert lister_watcher.requests == ["list '0'", "watch '1'", "watch '2'"]
    assert (clock.waits, gaps) == ([], [])


def test_a_relist_is_counted_by_its_cause_and_told_as_a_gap() -> None:
    gaps: list[tuple[float, str]] = []
    clock = FakeClock()
    stop = threading.Event()
    lister_watcher = FakeListerWatcher(
        [ObjectList([], "1"), ObjectList([], "5")],
        [FakeStream([added("a", 2), ended_event()]), FakeStream([added("b", 7)])],
    )
    store = StopAt("7", stop)
    backoff = Backoff(initial=3.0, jitter=0.0)
    on_gap: Callable[[float, float, str], None] = lambda since, until, cause: gaps.append((until - since, cause))  # noqa: E731
    reflector = Reflector(lister_watcher, store, clock=clock, backoff=backoff, on_gap=on_gap)
    reflector.run(stop)
    assert dict(reflector.status.relists) == {"expired": 1}
    assert gaps == [(3.0, "expired")]


def test_a_watch_from_no_version_waits_for_the_first_change_before_it_follows_versions() -> None:
    events = [added("b", 7), added("a", 3), bookmark(9), added("c", 12), ended_event()]
    lister_watcher = FakeListerWatcher([ObjectList([], "")], [FakeStream(events)])
    store = Versions()
    reflect(lister_watcher, store).list_and_watch(threading.Event())
    assert store.versions == ["9", "12"]
    assert names(store) == {"a@3", "b@7", "c@12"}


def test_a_handler_of_errors_that_fails_is_recorded() -> None:
    stop = threading.Event()

    def fail(error: Exception) -> None:
        stop.set()
        raise LookupError("mine")

    reflector = reflect(FakeListerWatcher([refusal(500)]), on_error=fail)
    reflector.run(stop)
    assert "mine" in str(reflector.status.errors)


class Selective(FakeListerWatcher):
    """Has a selector, and can be asked for an object whatever its labels."""

    selective = True

    def __init__(self, events: Iterable[Any], existing: dict[str, Any]) -> None:
        super().__init__(
            [ObjectList([pod("a", 1, uid="u1"), pod("b", 2, uid="u2"), pod("c", 3)], "3")], [FakeStream(events)]
        )
        self.existing = existing
        self.gets: list[str] = []

    def get(self, key: str) -> Any:
        self.gets.append(key)
        found = self.existing.get(key, refusal(404, "NotFound"))
        if isinstance(found, Exception):
            raise found
        return found


def test_X13_leaving_the_selection_arrives_as_a_deletion_and_one_question_tells_it_from_one() -> None:
    going = event("DELETED", pod("c", 13, deletionTimestamp="2026-11-23T00:00:00Z"))
    events = [
        event("DELETED", pod("a", 11, uid="u1")),
        event("DELETED", pod("b", 12, uid="u2")),
        going,
        event("ADDED", pod("a", 14, uid="u1")),
        ended_event(),
    ]
    lister_watcher = Selective(events, {"a": pod("a", 11, uid="u1"), "b": pod("b", 20, uid="another")})
    fifo = DeltaFIFO(on_refused=lambda obj, error: None)
    Reflector(lister_watcher, fifo).list_and_watch(threading.Event())
    deltas = [fifo.pop(lambda deltas, initial: None) for _ in range(3)]
    seen = [f"{delta.type} {show(delta.object)} {delta.departed}" for of_key in deltas for delta in of_key]
    assert seen == [
        "Replaced a@1 False",
        "Deleted a@11 True",
        "Added a@14 False",
        "Replaced b@2 False",
        "Deleted b@12 False",
        "Replaced c@3 False",
        "Deleted c@13 False",
    ]
    assert lister_watcher.gets == ["a", "b"]


def test_X13_if_nobody_can_say_it_counts_as_a_deletion() -> None:
    lister_watcher = Selective(
        [event("DELETED", pod("a", 11)), ended_event()], {"a": refusal(503, "ServiceUnavailable")}
    )
    store = Indexer()
    reflector = reflect(lister_watcher, store)
    reflector.list_and_watch(threading.Event())
    assert names(store) == {"b@2", "c@3"}
    assert reflector.status.errors[0].source == "departure"


def unreadable() -> Any:
    return event("MODIFIED", Unreadable(b"{", "half", malformed=True))


def test_half_an_event_is_asked_for_again_from_the_last_version() -> None:
    watches = [FakeStream([added("a", 2), unreadable()]), FakeStream([added("b", 3), ended_event()])]
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], watches)
    store = Indexer()
    reflector = reflect(lister_watcher, store)
    reflector.list_and_watch(threading.Event())
    assert lister_watcher.requests == ["list '0'", "watch '1'", "watch '2'"]
    assert names(store) == {"a@2", "b@3"}
    assert reflector.status.quarantined == 0


def test_what_comes_malformed_twice_is_quarantined() -> None:
    watches = [FakeStream([added("a", 2), unreadable()]), FakeStream([unreadable(), added("b", 3), ended_event()])]
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], watches)
    store = Indexer()
    reflector = reflect(lister_watcher, store)
    reflector.list_and_watch(threading.Event())
    assert lister_watcher.requests == ["list '0'", "watch '1'", "watch '2'"]
    assert names(store) == {"a@2", "b@3"}
    assert [each.reason for each in reflector.quarantine.objects()] == ["half"]


def test_the_deletion_of_what_cannot_be_read_deletes() -> None:
    poison = Unreadable(b'{"metadata":{"name":"a","resourceVersion":"9"},"x":"\xff"}', "invalid UTF-8")
    indexer = Indexer()
    indexer.add(pod("a", 1))
    fifo = DeltaFIFO(known_objects=indexer, on_refused=lambda obj, error: None)
    lister_watcher = FakeListerWatcher(
        [ObjectList([pod("a", 1)], "1")],
        [FakeStream([event("MODIFIED", poison), event("DELETED", poison), ended_event()])],
    )
    Reflector(lister_watcher, fifo).list_and_watch(threading.Event())
    [deltas] = [fifo.pop(lambda deltas, initial: None)]
    assert [f"{delta.type} {show(delta.object)}" for delta in deltas] == ["Replaced a@1", "Deleted T(a, a@1)"]


class Quiet(FakeStream):
    """Gives an empty batch for every step of the clock, as a stream does in which nothing comes."""

    bytes_received = 0

    def __init__(self, clock: FakeClock, steps: Iterable[float]) -> None:
        super().__init__([ended_event()])
        self._clock = clock
        self._steps = steps

    def batches(self) -> Any:
        for step in self._steps:
            self._clock.now += step
            yield []
        yield from ([each] for each in self)


class Probed(FakeListerWatcher):
    answers: list[Any]
    quiet: list[str]
    reflector: Reflector

    def probe(self) -> object:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_X6_a_quiet_watch_is_told_from_a_dead_one() -> None:
    clock = FakeClock()
    said: list[str] = []

    class Stream(Quiet):
        def batches(self) -> Any:
            for batch in super().batches():
                yield batch
                said.append(reflector.status.quiet)

    lister_watcher = Probed([ObjectList([], "1")], [Stream(clock, [70, 10, 5, 30, 30])])
    lister_watcher.answers = ["v1.36", refusal(0, "Timeout"), "v1.36"]
    reflector = reflect(lister_watcher, clock=clock)
    reflector.list_and_watch(threading.Event())
    assert said[0] == ""
    assert said[1:3] == ["quiet 80 s, server answers", "quiet 85 s, server answers"]
    assert said[3].startswith("no answer since ")
    assert said[4] == "quiet 145 s, server answers"
    assert lister_watcher.answers == []


def test_X6_a_watch_that_stays_quiet_is_opened_anew_and_nothing_is_listed() -> None:
    clock = FakeClock()
    quiet = Quiet(clock, [160])
    lister_watcher = Probed([ObjectList([], "1")], [quiet, ended()])
    lister_watcher.answers = ["v1.36"]
    reflect(lister_watcher, clock=clock).list_and_watch(threading.Event())
    assert lister_watcher.requests == ["list '0'", "watch '1'", "watch '1'"]
    assert quiet.closes == 1

"""Refusals, and how long to wait after them."""

import threading
from typing import Any

import pytest

from kwatch.informer import (
    ApiError,
    Backoff,
    Indexer,
    ListOptions,
    ObjectList,
    Reflector,
)
from tests.informer.fakes import (
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    added,
    bookmark,
    refusal,
    status_event,
)
from tests.informer.reflecting import (
    StopAt,
    StoppingClock,
    ended,
    names,
    reflect,
)


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
    assert 4 <= len(lister_watcher.requests) <= 10


def test_X8_so_is_one_that_lists_but_opens_no_watch() -> None:
    stop = threading.Event()
    clock = StoppingClock(stop, 60.0)
    error = refusal(503, "ServiceUnavailable")
    lister_watcher = FakeListerWatcher([ObjectList([], "1")] * 100, [error] * 100, streaming=True)
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


@pytest.mark.usefixtures("crashes")
def test_a_handler_of_errors_that_fails_is_recorded() -> None:
    stop = threading.Event()

    def fail(error: Exception) -> None:
        stop.set()
        raise LookupError("mine")

    reflector = reflect(FakeListerWatcher([refusal(500)]), on_error=fail)
    reflector.run(stop)
    assert "mine" in str(reflector.status.errors)


FORBIDDEN = refusal(403, "Forbidden", "you cannot watch")


class Watched:
    """Runs a reflector for some seconds of its clock; what its status said at every wait."""

    def __init__(self, lister_watcher: FakeListerWatcher, seconds: float, **options: Any) -> None:
        self.waits: list[tuple[str, tuple[str, ...], bool]] = []
        self.gaps: list[tuple[float, str]] = []
        stop = threading.Event()
        watched = self

        class Clock(StoppingClock):
            def wait(self, event: threading.Event, seconds: float) -> bool:
                status = watched.reflector.status
                watched.waits.append((status.phase, status.refused, status.disconnected_since == self.time()))
                return super().wait(event, seconds)

        self.store = Indexer()
        self.clock = Clock(stop, seconds)
        self.reflector = Reflector(
            lister_watcher,
            self.store,
            clock=self.clock,
            on_gap=lambda since, until, cause: self.gaps.append((until - since, cause)),
            **options,
        )
        self.reflector.run(stop)


def test_where_watches_are_refused_it_lists_again_and_says_so() -> None:
    lists = [ObjectList([], "1"), ObjectList([added("a", 2).object], "2")]
    lister_watcher = FakeListerWatcher(lists, [FORBIDDEN] * 100, streaming=True)
    watched = Watched(lister_watcher, 60.0)
    assert watched.waits == [("polling", ("watch",), True)] * 4
    assert watched.clock.waits == [15.0] * 4
    assert watched.gaps == [(15.0, "forbidden")] * 3
    assert names(watched.store) == {"a@2"}
    assert watched.reflector.status.relists == {"forbidden": 3}
    assert len(lister_watcher.requests) <= 10


def test_a_list_that_takes_long_is_asked_for_less_often() -> None:
    class Late(FakeListerWatcher):
        def list(self, options: ListOptions) -> ObjectList:
            clock.now += 4.0
            return ObjectList([], "1")

    stop = threading.Event()
    clock = StoppingClock(stop, 200.0)
    Reflector(Late([], [FORBIDDEN] * 100), Indexer(), clock=clock).run(stop)
    assert set(clock.waits) == {40.0}


def test_a_right_to_watch_that_is_given_later_is_used() -> None:
    stop = threading.Event()
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [FORBIDDEN, FORBIDDEN, FakeStream([added("a", 9)])])
    back = StopAt("9", stop)
    reflector = Reflector(lister_watcher, back, clock=FakeClock())
    reflector.run(stop)
    assert (reflector.status.refused, names(back)) == ((), {"a@9"})


def test_where_lists_are_refused_a_streaming_list_takes_their_place() -> None:
    forbidden = refusal(403, "Forbidden", "you cannot list")
    first = FakeStream([added("a", 1), bookmark(2, end="true"), added("b", 3), status_event(410, "Expired")])
    second = FakeStream([added("a", 1), added("b", 3), bookmark(4, end="true"), status_event(500, "InternalError")])
    third = FakeStream([added("b", 3), bookmark(8, end="true"), bookmark(9)])
    failing = refusal(500, "InternalError", "not now")
    lister_watcher = FakeListerWatcher([forbidden], [failing, first, second, third], streaming=True)
    stop = threading.Event()
    store = StopAt("9", stop)
    reflector = Reflector(lister_watcher, store, clock=StoppingClock(stop, 300.0))
    reflector.run(stop)
    assert lister_watcher.requests == ["stream ''", "list '0'", "stream ''", "stream '3'", "stream '4'"]
    assert reflector.status.refused == ("list",)
    assert len(store) == 1


def test_where_both_are_refused_the_list_is_what_is_told_of() -> None:
    lister_watcher = FakeListerWatcher([refusal(403, "Forbidden", "you cannot list")], [FORBIDDEN] * 99, streaming=True)
    watched = Watched(lister_watcher, 60.0)
    assert {(phase, refused) for phase, refused, _ in watched.waits} == {("forbidden", ("list", "watch"))}
    assert watched.reflector.status.last_error is not None
    assert watched.reflector.status.last_error.message == "you cannot list"
    assert len(lister_watcher.requests) <= 10

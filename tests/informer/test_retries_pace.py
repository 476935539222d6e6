"""Whatever a server does: ten requests a minute at most, and the cache is true again soon after it is well."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kwatch.informer import ApiError, Indexer, ListOptions, ObjectList, Reflector, Unreadable, WatchEvent
from kwatch.informer.errors import LONGEST_RETRY_AFTER, Closed, is_transient, is_unsent
from tests.informer.fakes import FakeClock, FakeListerWatcher, added, bookmark, modified, pod, show, status_event
from tests.informer.reflecting import ended

Answer = Callable[["Server", ListOptions], Any]
MINUTE = 60.0
WELL = 10**6
"""The version from which on all is well."""


class Stream:
    """Brings events, each after so many seconds, and then ends."""

    bytes_received = 0

    def __init__(self, clock: FakeClock, steps: Sequence[tuple[float, Any]]) -> None:
        self._clock = clock
        self._steps = steps
        self._closed = False

    def batches(self) -> Iterator[Sequence[WatchEvent]]:
        for seconds, step in self._steps:
            for _ in range(int(seconds // 5)):
                self._clock.now += 5.0
                yield ()
                if self._closed:
                    raise Closed("closed")
            self._clock.now += seconds % 5
            if isinstance(step, Exception):
                raise copy(step)
            if step is not None:
                self.bytes_received += 10
                yield [step]

    def __iter__(self) -> Iterator[WatchEvent]:
        for events in self.batches():
            yield from events

    def close(self) -> None:
        self._closed = True


def raising(error: Exception, seconds: float = 0.0) -> Answer:
    def answer(server: Server, options: ListOptions) -> Any:
        server.clock.now += seconds
        # Not the same one again: its traceback would grow.
        raise copy(error)

    return answer


def streaming(*steps: tuple[float, Any]) -> Answer:
    return lambda server, options: Stream(server.clock, steps)


def next_event(server: Server, options: ListOptions) -> Stream:
    """One true event, and then the history is gone."""
    server.version += 1
    return Stream(server.clock, [(0.1, modified("a", server.version)), (0.0, status_event(410, "Expired"))])


def whole_list(server: Server, options: ListOptions) -> ObjectList:
    return ObjectList([pod("a", server.version)], str(server.version))


def paged_list(server: Server, options: ListOptions) -> ObjectList:
    page = int(options.continue_token or 0)
    return ObjectList([pod(f"p{page}", 1)], str(server.version), str(page + 1) if page < 12 else None)


def flaky_list(server: Server, options: ListOptions) -> ObjectList:
    """Every third page fails."""
    server.turn += 1
    if options.continue_token and server.turn % 3 == 0:
        raise ApiError(429, "TooManyRequests", "busy", 1.0)
    return paged_list(server, options)


def empty_pages(server: Server, options: ListOptions) -> ObjectList:
    server.turn += 1
    return ObjectList([], "1", str(server.turn))


def empty_end(server: Server, options: ListOptions) -> ObjectList:
    return ObjectList([], "1") if options.continue_token else ObjectList([pod("a", 1)], "1", "99")


def refused_end(server: Server, options: ListOptions) -> ObjectList:
    if options.continue_token:
        raise ApiError(400, "BadRequest", "no")
    return empty_end(server, options)


def circle(server: Server, options: ListOptions) -> ObjectList:
    return ObjectList([pod("a", 1)], "1", "99")


def next_list(server: Server, options: ListOptions) -> ObjectList:
    """What changed is seen by lists alone."""
    server.version += 1
    return whole_list(server, options)


def still_list(server: Server, options: ListOptions) -> ObjectList:
    """Its version stands still."""
    return ObjectList([pod("a", server.version)], "1")


REFUSALS = [
    *(ApiError(status, "", "no") for status in (400, 401, 403, 404, 405, 410, 422, 500, 502, 503, 504)),
    ApiError(504, "Timeout", "Too large resource version"),
    *(ApiError(429, "TooManyRequests", "busy", seconds) for seconds in (None, 0.0, 1.0, 1e9)),
    *(ApiError(0, reason, "no") for reason in ("ConnectionRefused", "ConnectionLost", "NameResolution", "Unreachable")),
    *(ApiError(0, reason, "no") for reason in ("TLS", "Credentials", "Proxy", "Malformed", "Redirects", "Table")),
    ApiError(206, "Unknown", "a part"),
    OSError("no route"),
    PermissionError("no"),
]
REFUSED: list[Answer] = [
    *map(raising, REFUSALS),
    raising(ApiError(0, "Timeout", "no headers"), 75.0),
    raising(ApiError(0, "Timeout", "no connection"), 10.0),
]
PAGES = [paged_list, flaky_list, empty_pages, empty_end, refused_end, circle]
LISTS: list[Answer] = [*REFUSED, whole_list, *PAGES, still_list]
GARBAGE = WatchEvent("", Unreadable(b'{"message":"log in"}', "no event", malformed=True))
BROKEN = ApiError(0, "ConnectionLost", "it broke")
WATCHES: list[Answer] = [
    *REFUSED,
    next_event,
    *(
        streaming(*steps, (seconds, end))
        for steps in (
            (),
            ((0.0, GARBAGE),),
            ((0.0, bookmark(1)),),
            ((1.0, added("b", 1)), (1.0, modified("b", 2))),
            ((0.0, WatchEvent("ADDED", pod("s", 1) | {"kind": "Service"})),),
            ((0.0, WatchEvent("ODD", {})),),
            ((0.0, bookmark(1, end="true")),),
        )
        for seconds in (0.0, 2.0, 30.0, 400.0)
        for end in (
            None,
            BROKEN,
            OSError("reset"),
            status_event(410, "Expired"),
            status_event(500, "InternalError"),
            status_event(429, "TooManyRequests"),
            WatchEvent("ERROR", {"reason": "Expired"}),
            WatchEvent("ERROR", {}),
            GARBAGE,
        )
    ),
]


@dataclass
class Phase:
    """For so many seconds the server answers in turn like this."""

    seconds: float
    lists: list[Answer]
    watches: list[Answer]


class Server:
    """Goes through phases, is well after them, and remembers when it was asked."""

    def __init__(
        self, clock: FakeClock, phases: Sequence[Phase], versioned: bool, seconds: float, stop: threading.Event
    ) -> None:
        self.clock = clock
        self._stop = stop
        self._ends_at = clock.now + seconds
        self.version = 100
        self.turn = 0
        self.asked: list[float] = []
        """When, without those whom nobody was there to hear."""
        self.knocks: list[float] = []
        self.pages = 0
        self._phases = phases
        self._began = clock.now
        self._page = ""
        if versioned:
            self.latest_version = self._latest_version

    def list(self, options: ListOptions) -> ObjectList:
        self._look_at_the_clock()
        goes_on = bool(options.continue_token) and options.continue_token == self._page
        self._page = ""
        self.asked.append(self.clock.now)
        phase = self._phase()
        answer = whole_list if phase is None else phase.lists[self._number % len(phase.lists)]
        try:
            page: ObjectList = self._answer(answer, options)
        except Exception as error:
            if goes_on and is_transient(error) and not is_unsent(error):
                self.asked.pop()
                self.pages += 1
            raise
        if page.items:
            self._page = page.continue_token or ""
            if goes_on:
                self.asked.pop()
                self.pages += 1
        return page

    def watch(self, options: ListOptions) -> Any:
        self._look_at_the_clock()
        self.asked.append(self.clock.now)
        phase = self._phase()
        if phase is not None:
            return self._answer(phase.watches[self._number % len(phase.watches)], options)
        if options.resource_version not in ("", str(self.version)):
            return Stream(self.clock, [(0.0, status_event(410, "Expired"))])
        if options.send_initial_events:
            return Stream(self.clock, [(0.1, added("a", self.version)), (0.1, bookmark(self.version, end="true"))])
        return Stream(self.clock, [*((60.0, bookmark(self.version)) for _ in range(6)), (5.0, None)])

    @property
    def _number(self) -> int:
        return len(self.asked) + len(self.knocks) + self.pages

    def _answer(self, answer: Answer, options: ListOptions) -> Any:
        try:
            return answer(self, options)
        except Exception as error:
            if is_unsent(error):
                self.knocks.append(self.asked.pop())
            raise

    def _latest_version(self) -> str:
        return self.list(ListOptions(limit=1)).resource_version

    def _look_at_the_clock(self) -> None:
        if self.clock.now >= self._ends_at:
            self._stop.set()
            raise Closed("enough")

    def _phase(self) -> Phase | None:
        left = self.clock.now - self._began
        for phase in self._phases:
            if left < phase.seconds:
                return phase
            left -= phase.seconds
        self.version = WELL
        return None


def phases() -> st.SearchStrategy[list[Phase]]:
    one = st.builds(
        Phase,
        st.sampled_from([20.0, 100.0, 600.0]),
        st.lists(st.sampled_from(LISTS), min_size=1, max_size=3),
        st.lists(st.sampled_from(WATCHES), min_size=1, max_size=3),
    )
    return st.lists(one, min_size=1, max_size=4)


def test_a_long_list_goes_on_at_the_page_that_failed() -> None:
    """40 pages, and one answer in ten says to come back in a second."""
    clock, count = FakeClock(), 0

    def page(options: ListOptions) -> ObjectList:
        nonlocal count
        count += 1
        if count % 10 == 0:
            raise ApiError(429, "TooManyRequests", "busy", 1.0)
        number = int(options.continue_token or 0)
        return ObjectList([pod(f"p{number}", 1)], "7", str(number + 1) if number < 39 else None)

    lister_watcher = FakeListerWatcher([page], [ended()])
    store = Indexer()
    reflector = Reflector(lister_watcher, store, clock=clock)
    reflector.list_and_watch(threading.Event())
    assert len(store) == 40
    assert len(lister_watcher.lists) == 44
    assert 4.0 <= sum(clock.waits) <= 4 * 1.6
    assert reflector.status.retries == 4


@pytest.mark.parametrize(
    "error",
    [
        *(ApiError(status, "", "no") for status in (429, 500, 502, 503, 504)),
        *(ApiError(0, reason, "no") for reason in ("ConnectionLost", "Timeout", "ConnectionRefused", "Malformed")),
        OSError("reset"),
    ],
)
def test_a_page_is_asked_for_ten_times(error: Exception) -> None:
    def page(options: ListOptions) -> ObjectList:
        if options.continue_token:
            raise copy(error)
        return ObjectList([pod("a", 1)], "7", "C1")

    lister_watcher = FakeListerWatcher([page])
    with pytest.raises(type(error)):
        Reflector(lister_watcher, Indexer(), clock=FakeClock()).list_and_watch(threading.Event())
    assert lister_watcher.requests == ["list '0'", *["list ''"] * 10]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_page_that_is_refused_is_not(status: int) -> None:
    lister_watcher = FakeListerWatcher([ObjectList([pod("a", 1)], "7", "C1"), ApiError(status, "", "no")])
    with pytest.raises(ApiError):
        Reflector(lister_watcher, Indexer(), clock=FakeClock()).list_and_watch(threading.Event())
    assert len(lister_watcher.requests) == 2


def test_success_must_last_to_count() -> None:
    """Each watch brings one event, and then the history is gone."""
    stop, clock = threading.Event(), FakeClock()
    server = Server(clock, [Phase(7200.0, [whole_list], [next_event])], False, 7200.0, stop)
    reflector = Reflector(server, Indexer(), clock=clock, streaming=False)
    reflector.run(stop)
    assert len([at for at in server.asked if at <= 1025.0]) <= 10
    assert all(wait >= 30.0 for wait in clock.waits[8:])


def test_a_success_that_lasted_counts() -> None:
    stop, clock = threading.Event(), FakeClock()
    lasting = streaming(*[(50.0, bookmark(100))] * 4, (0.0, status_event(410, "Expired")))
    server = Server(clock, [Phase(7200.0, [whole_list], [lasting])], False, 3600.0, stop)
    reflector = Reflector(server, Indexer(), clock=clock, streaming=False)
    reflector.run(stop)
    assert len(clock.waits) > 10
    assert all(wait <= 1.6 for wait in clock.waits)


def test_a_server_that_wants_to_be_left_alone_for_years_is_asked_again_soon() -> None:
    stop, clock = threading.Event(), FakeClock()
    server = Server(clock, [Phase(7200.0, [raising(ApiError(429, "", "busy", 1e9))], [])], False, 3600.0, stop)
    reflector = Reflector(server, Indexer(), clock=clock, streaming=False)
    reflector.run(stop)
    assert set(clock.waits) == {120.0}
    assert "longer than 120 s" in str(reflector.status.notes)


UNFIT, LOST, NOBODY, BUSY = (
    raising(ApiError(status, reason, "no"))
    for status, reason in ((422, ""), (0, "ConnectionLost"), (0, "ConnectionRefused"), (429, "TooManyRequests"))
)


@example([Phase(100.0, [empty_pages], [LOST]), Phase(100.0, [circle, UNFIT, NOBODY], [BUSY])], False, True)
@settings(max_examples=200)
@given(phases(), st.booleans(), st.booleans())
def test_ten_requests_a_minute_whatever_the_server_does(phases: list[Phase], versioned: bool, streaming: bool) -> None:
    stop, clock = threading.Event(), FakeClock()
    well_at = clock.now + sum(phase.seconds for phase in phases)
    server = Server(clock, phases, versioned, well_at - clock.now + 1200.0, stop)
    store = Indexer()
    reflector = Reflector(server, store, clock=clock, streaming=streaming, expected_type=("v1", "Pod"))
    true_at: list[float] = []
    looking(reflector, lambda: true_at.append(clock.now) if {*map(show, store.list())} == {f"a@{WELL}"} else None)
    reflector.run(stop)
    for number, at in enumerate(server.asked[10:]):
        assert at - server.asked[number] >= MINUTE - 1e-6, server.asked[max(0, number - 3) : number + 13]
    for number, at in enumerate(server.knocks[30:]):
        assert at - server.knocks[number] >= MINUTE, server.knocks[number : number + 31]
    # A watch that was opened before lasts for 400 s at most, an answer that does not come for 75 s.
    assert true_at[0] - well_at <= 400.0 + 75.0 + LONGEST_RETRY_AFTER + MINUTE
    assert {*map(show, store.list())} == {f"a@{WELL}"}


def test_requests_beside_are_counted_too() -> None:
    stop, clock = threading.Event(), FakeClock()
    asked: list[float] = []

    class Looking(Server):
        side_requests = 0

        def list(self, options: ListOptions) -> ObjectList:
            self.side_requests += 1
            asked.append(clock.now)
            return super().list(options)

    server = Looking(clock, [Phase(7200.0, [whole_list], [next_event])], False, 3600.0, stop)
    Reflector(server, Indexer(), clock=clock, streaming=False).run(stop)
    asked = sorted(asked + server.asked)
    assert all(asked[number + 10] - at >= MINUTE - 1e-6 for number, at in enumerate(asked[:-10]))


def looking(reflector: Reflector, look: Callable[[], object]) -> None:
    """Look whenever a whole list was written."""
    replace = reflector._store.replace

    def replace_and_look(*args: Any, **options: Any) -> None:
        replace(*args, **options)
        look()

    reflector._store.replace = replace_and_look  # type: ignore[method-assign]


USELESS = [
    *(raising(each) for each in REFUSALS if isinstance(each, ApiError) and each.message != "no"),
    raising(ApiError(0, "ConnectionLost", "no headers")),
    raising(ApiError(0, "Timeout", "no headers"), 75.0),
    raising(ApiError(0, "Malformed", "a web page")),
    streaming(),
    streaming((2.0, None)),
    streaming((2.0, BROKEN)),
    *(streaming((seconds, GARBAGE)) for seconds in (0.0, 2.0, 30.0)),
    streaming((0.0, WatchEvent("ERROR", {"reason": "Expired"}))),
    streaming((2.0, WatchEvent("ERROR", {}))),
    streaming((2.0, WatchEvent("BOOKMARK", {"metadata": {}}))),
    streaming((2.0, WatchEvent("BOOKMARK", pod("", 7) | {"kind": "Service"}))),
    streaming((2.0, WatchEvent("ADDED", pod("s", 1) | {"kind": "Service"}))),
    streaming((2.0, WatchEvent("ODD", pod("a", 8)))),
]


@pytest.mark.parametrize("number", range(len(USELESS)))
@pytest.mark.parametrize("versioned", [False, True])
def test_the_cache_is_renewed_by_lists_if_watches_are_useless(number: int, versioned: bool) -> None:
    stop, clock = threading.Event(), FakeClock()
    server = Server(clock, [Phase(7200.0, [next_list], [USELESS[number]])], versioned, 3600.0, stop)
    reflector = Reflector(server, Indexer(), clock=clock, streaming=False, expected_type=("v1", "Pod"))
    lists: list[float] = []
    looking(reflector, lambda: lists.append(clock.now))
    reflector.run(stop)
    waits = [after - before for before, after in pairwise(lists)]
    assert max(waits) <= 20 * MINUTE
    assert sum(waits[-5:]) / 5 >= MINUTE / 2, "the pauses grow"
    assert len(server.asked) <= 10 * 60

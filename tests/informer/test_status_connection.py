"""When nothing was watched, and who hears of it."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from kwatch.informer import (
    ApiError,
    Backoff,
    ObjectList,
    Reflector,
)
from tests.informer.fakes import (
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    added,
)
from tests.informer.reflecting import (
    StopAt,
    ended,
    ended_event,
    reflect,
)


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


def test_X6_a_server_that_cannot_be_reached_for_a_while_is_watched_again_without_a_list() -> None:
    unreachable = [ApiError(0, reason, "no way") for reason in ("NameResolution", "Timeout", "ConnectionLost")]
    unreachable += [
        ApiError(0, reason, "no way") for reason in ("Unreachable", "ConnectionFailed", "TLS", "Credentials")
    ]
    lister_watcher = FakeListerWatcher(
        [ObjectList([], "1")], [broken([added("a", 2)]), *unreachable, OSError("no route"), ended()]
    )
    gaps: list[str] = []
    reflector = reflect(lister_watcher, on_gap=lambda since, until, cause: gaps.append(cause))
    reflector.list_and_watch(threading.Event())
    assert lister_watcher.requests == ["list '0'", "watch '1'", *["watch '2'"] * 9]
    assert gaps == ["connection lost"]

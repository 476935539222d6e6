"""Whatever escapes from a thread of the informer is counted and said, and the informer goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kwatch.base.threads import Crashes
from kwatch.informer import ListOptions, Object, ObjectList, SharedInformer, parallelize_until
from kwatch.informer.api_calls import OpenWatch, interrupting
from kwatch.informer.clock import SystemClock
from kwatch.informer.pager import PagesAhead
from kwatch.informer.rate_limiting_queue import DelayingQueue
from kwatch.informer.sink import MutationDetector
from kwatch.informer.streaming_list import BookmarkTimer
from kwatch.informer.waiting import Signal
from kwatch.informer.watching import ResyncTimer
from tests.informer.fakes import (
    PATIENCE,
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    added,
    eventually,
    pod,
    pods,
    quick_backoff,
)
from tests.informer.informed import Informed, listen


class Once:
    """Raises the first time it is called, then does what it stands for."""

    def __init__(self, work: Callable[..., Any], error: BaseException | None = None) -> None:
        self._work = work
        self._error = error or KeyError("nobody foresaw this")
        self.calls = 0

    def __call__(self, *words: Any, **named: Any) -> Any:
        self.calls += 1
        if self.calls == 1:
            raise self._error
        return self._work(*words, **named)


def test_a_reflector_that_crashes_begins_anew(crashes: Crashes) -> None:
    backoff = quick_backoff()
    backoff.next = Once(backoff.next)  # type: ignore[method-assign]
    server = FakeListerWatcher([OSError("down"), ObjectList([pod("a", 1)], "10")], [FakeStream()])
    informer = SharedInformer(server, backoff=backoff, clock=FakeClock())
    informer.start()
    assert informer.wait_for_sync(PATIENCE)
    assert crashes.counts == {"reflector informer": 1}
    assert "internal error in the reflector" in {error.source for error in informer.status.errors}
    assert informer.stop(60) == ()


def test_what_a_lister_watcher_raises_that_no_server_does_is_said(crashes: Crashes) -> None:
    server = FakeListerWatcher([KeyError("items"), ObjectList([pod("a", 1)], "10")], [FakeStream()])
    informer = SharedInformer(server, backoff=quick_backoff())
    informer.start()
    assert informer.wait_for_sync(PATIENCE)
    assert [crash.reason for crash in crashes.latest] == ["KeyError: 'items'"]
    assert informer.stop(60) == ()


@pytest.mark.parametrize("when", ["first list", "event"])
def test_a_cache_of_which_something_was_lost_is_made_anew(crashes: Crashes, when: str) -> None:
    """The batch at which it crashed is gone; after a whole list the cache is that of the server again."""
    informed = Informed(*pods(5), clock=FakeClock())
    server, informer = informed.lister_watcher, informed.informer
    process, lost = informer._processor.process, threading.Event()

    def lose_half(batch: Any) -> None:
        if not lost.is_set():
            lost.set()
            for key in [*batch.deltas][len(batch.deltas) // 2 :]:
                del batch.deltas[key]
            process(batch)
            raise KeyError("in the middle of a batch")
        process(batch)

    whole = ObjectList([*pods(5), pod("late", 11)], "12")
    if when == "event":
        informed.start()
        server.replies([whole])
    else:
        server.replies([ObjectList(pods(5), "10"), whole])
    informer._processor.process = lose_half  # type: ignore[method-assign]
    informer.start()
    informed.stream.send(added("late", 11))
    assert lost.wait(PATIENCE)
    assert informer.wait_for_sync(PATIENCE)
    eventually(lambda: len(server.lists) > 1 and len(informer.indexer.list_keys()) == 6)
    assert crashes.counts == {"informer informer": 1}
    assert "internal error in the informer" in {error.source for error in informer.status.errors}
    assert informer.stop(60) == ()


def test_a_handler_thread_that_crashes_goes_on_with_what_is_left(crashes: Crashes) -> None:
    informed = Informed(*pods(3), clock=FakeClock())
    recorder = listen(informed.informer)
    [registration] = informed.informer._handlers._registrations
    registration._deliver = Once(registration._deliver)  # type: ignore[method-assign]
    with informed:
        told = recorder.wait_for(2)
        assert told == ["add pod-1@1", "add pod-2@1"]
        informed.stream.send(added("late", 11))
        assert recorder.wait_for(3)[-1] == "add late@11"
        assert informed.informer.status.handler_errors == 1
    assert crashes.total == 1


def test_a_callback_of_a_signal_that_fails_keeps_no_other_from_being_called(crashes: Crashes) -> None:
    signal, called = Signal(), list[str]()
    signal.on_set(Once(print))
    signal.on_set(lambda: called.append("second"))
    signal.set()
    assert called == ["second"]
    assert crashes.counts == {"a signal's callback": 1}


def test_handing_on_that_crashes_is_repaired_by_a_list(crashes: Crashes) -> None:
    informed = Informed(*pods(2), clock=FakeClock())
    handlers = informed.informer._handlers

    informed.informer._processor._distribute = Once(handlers.distribute, ValueError("cannot hand this on"))
    informed.informer.start()
    assert informed.informer.wait_for_sync(PATIENCE)
    eventually(lambda: len(informed.lister_watcher.lists) > 1)
    eventually(lambda: len(informed.informer.indexer.list_keys()) == 2)
    assert crashes.total == 1
    assert informed.informer.stop(60) == ()


def test_a_stream_whose_bookmark_is_no_longer_watched_for_is_closed(crashes: Crashes) -> None:
    stream = FakeStream()
    opened = OpenWatch(stream, SystemClock())
    timer = BookmarkTimer(opened, SystemClock(), 10.0)
    timer.is_overdue = Once(timer.is_overdue)  # type: ignore[method-assign]
    with timer:
        assert stream.closed.wait(PATIENCE)
    assert crashes.counts == {"bookmark-timer": 1}


def test_a_resync_that_ends_the_thread_ends_the_watch(crashes: Crashes) -> None:
    told = threading.Event()
    timer = ResyncTimer(1.0, Once(print, SystemExit(1)), FakeClock())
    with timer.running(lambda error: told.set()):
        assert told.wait(PATIENCE)
    assert crashes.counts == {"resync": 1}


def test_a_stop_is_noticed_although_interrupting_crashed(crashes: Crashes) -> None:
    stop, interrupted = threading.Event(), threading.Event()
    with interrupting(stop, Once(interrupted.set)):
        stop.set()
        assert interrupted.wait(PATIENCE)
    assert crashes.counts == {"stop-watch": 1}


def test_a_mutation_detector_goes_on(crashes: Crashes) -> None:
    again = threading.Event()
    detector = MutationDetector(interval=0.001)
    detector.check = Once(again.set)  # type: ignore[method-assign]
    with detector:
        assert again.wait(PATIENCE)
    assert crashes.counts == {"mutation-detector": 1}


def test_a_delaying_queue_still_gives_what_is_due(crashes: Crashes) -> None:
    queue = DelayingQueue[str](clock=FakeClock())
    queue._add_due = Once(queue._add_due)  # type: ignore[method-assign]
    queue.add_after("late", 5.0)
    assert queue.get() == "late"
    assert crashes.counts == {"delaying-queue": 1}
    queue.shut_down()
    eventually(lambda: queue._thread is not None and not queue._thread.is_alive())


def test_pages_that_cannot_be_fetched_end_the_reading(crashes: Crashes) -> None:
    def pages() -> Iterator[ObjectList]:
        yield ObjectList([pod("a", 1)], "1")
        raise SystemExit(1)

    with PagesAhead(pages(), 1) as ahead, pytest.raises(RuntimeError, match="SystemExit"):
        for page in ahead:
            assert len(page.items or ()) == 1
    assert crashes.counts == {"pages-ahead": 1}


def test_work_in_parallel_ends_where_no_thread_can_be_started(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        parallelize_until(None, 2, 10, lambda number: None)


def test_without_a_screen_a_crash_is_in_the_log(crashes: Crashes, caplog: pytest.LogCaptureFixture) -> None:
    """As a library: nothing need be set up to hear of it."""
    informed = Informed(pod("a", 1))

    def fail(obj: Object, initial: bool) -> None:
        raise LookupError("in a handler")

    informed.informer.add_event_handler(fail)
    with informed:
        eventually(lambda: informed.informer.status.handler_errors == 1)
    assert any(record.exc_info and "in a handler" in str(record.exc_info[1]) for record in caplog.records)


def test_a_list_that_is_asked_for_meanwhile_is_one_list_more_at_most(crashes: Crashes) -> None:
    """Whoever breaks off while a list is under way gets a newer one anyway."""
    asked: list[ListOptions] = []
    stream = FakeStream()

    def listing(options: ListOptions) -> ObjectList:
        asked.append(options)
        if len(asked) == 1:
            assert informer._reflector is not None
            informer._reflector.list_again()
        return ObjectList([pod("a", 1)], "10")

    informer = SharedInformer(FakeListerWatcher([listing], [stream, FakeStream()]), clock=FakeClock())
    informer.start()
    assert informer.wait_for_sync(PATIENCE)
    eventually(lambda: informer.status.phase == "watching")
    assert len(asked) <= 2
    assert informer.stop(60) == ()

"""Rows S12, X7 and X15: everything ends."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.informer import (
    ListOptions,
    Object,
    ObjectList,
    SharedInformer,
    WatchEvent,
)
from tests.informer.fakes import (
    PATIENCE,
    FakeListerWatcher,
    FakeStream,
    added,
    eventually,
    pod,
    pods,
    refusal,
)
from tests.informer.informed import Blocked, Informed


def test_S8_a_stopped_informer_takes_no_handler_and_lets_them_go() -> None:
    informed = Informed()
    registration = informed.informer.add_event_handler()
    assert not informed.informer.started
    informed.start()
    informed.informer.stop()
    with pytest.raises(RuntimeError, match="has stopped already"):
        informed.informer.add_event_handler()
    registration.remove()
    assert (informed.informer.started, informed.informer.stopped) == (True, True)
    assert informed.informer.status.phase == "stopped"


def of_kwatch() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("kwatch")}


@pytest.mark.parametrize(
    "order", ["add start stop", "start add stop", "add start remove stop", "start stop", "add stop", "stop"]
)
def test_S12_every_thread_ends(order: str) -> None:
    before = of_kwatch()
    informed = Informed(pod("a", 1))
    registrations = []
    for step in order.split():
        if step == "add":
            registrations.append(informed.informer.add_event_handler(print))
        elif step == "start":
            informed.start()
        elif step == "remove":
            registrations.pop().remove()
        else:
            assert informed.informer.stop(60) == ()
    eventually(lambda: of_kwatch() <= before, str(of_kwatch()))
    with pytest.raises(RuntimeError):
        informed.informer.start() if "start" not in order else informed.informer.add_event_handler()


class Hanging:
    """A server that lets one wait: for a list, for the headers of a watch, or for an event."""

    streaming = False

    def __init__(self, where: str) -> None:
        self._where = where
        self._closed = threading.Event()
        self.reached = threading.Event()

    def list(self, options: ListOptions) -> ObjectList:
        if self._where == "list":
            self._hang()
        if self._where == "backoff":
            self.reached.set()
            raise refusal(503, "ServiceUnavailable", retry_after=100.0)
        return ObjectList([pod("a", 1)], "1")

    def watch(self, options: ListOptions) -> FakeStream:
        if self._where == "headers":
            self._hang()
        self.reached.set()
        return FakeStream()

    def _hang(self) -> None:
        self.reached.set()
        self._closed.wait()
        raise refusal(0, "Closed")

    def close(self) -> None:
        self._closed.set()


@pytest.mark.parametrize("where", ["list", "headers", "silence", "backoff"])
def test_X7_a_stop_ends_it_wherever_it_waits(where: str) -> None:
    server = Hanging(where)
    informer = SharedInformer(server)
    informer.start()
    assert server.reached.wait(PATIENCE)
    assert informer.stop(PATIENCE) == (), "where it waits, nothing else would ever end it"


def test_X7_only_a_callback_may_outlive_it_and_is_named() -> None:
    informed = Informed(pod("a", 1))
    blocked = Blocked()
    registration = informed.informer.add_event_handler(blocked.on_add)
    informed.start()
    assert blocked.inside.wait(PATIENCE)
    # Blocked from here on, everything else is gone before the limit is over, even on a busy machine.
    assert informed.informer.stop(timeout=0.2)[-1:] == (registration.thread.name,)
    assert informed.informer.stop(timeout=1.0) == (registration.thread.name,)
    assert registration.thread.daemon
    blocked.go.set()
    registration.thread.join(PATIENCE)


def test_X15_what_waits_is_delivered_or_counted() -> None:
    def stopped(drain: bool) -> tuple[int, int]:
        informed = Informed(*pods(1000))
        blocked = Blocked()
        heard: list[Object] = []

        def on_add(obj: Object, initial: bool) -> None:
            blocked.on_add(obj, initial)
            heard.append(obj)

        informed.informer.add_event_handler(on_add)
        informed.start()
        assert blocked.inside.wait(PATIENCE)
        stopper = threading.Timer(0.02, blocked.go.set)
        stopper.start()
        report = informed.informer.stop(timeout=PATIENCE, drain=drain)
        assert len(report) == 0
        return len(heard), report.dropped

    assert stopped(drain=True) == (1000, 0)
    heard, dropped = stopped(drain=False)
    assert heard + dropped == 1000
    assert dropped > 900


def test_run_ends_with_its_event() -> None:
    informed = Informed(pod("a", 1))
    stop = threading.Event()
    thread = threading.Thread(target=informed.informer.run, args=(stop,), daemon=True)
    thread.start()
    assert informed.informer.wait_for_sync(PATIENCE)
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert informed.informer.stopped


def test_a_stop_inside_a_callback_ends_everything() -> None:
    informed = Informed(pod("a", 1))
    stopped: list[Any] = []
    finished = threading.Event()

    def on_add(obj: Object, initial: bool) -> None:
        stopped.append(informed.informer.stop())
        finished.set()

    informed.informer.add_event_handler(on_add)
    informed.start()
    assert finished.wait(PATIENCE)
    assert stopped == [()]


def test_a_watch_that_cannot_be_closed_keeps_nobody_from_stopping() -> None:
    def events() -> Iterator[WatchEvent]:
        yield added("late", 11)
        threading.Event().wait(0.2)

    informer = SharedInformer(FakeListerWatcher([ObjectList([pod("a", 1)], "10")], [lambda options: events()]))
    informer.start()
    eventually(lambda: informer.indexer.get_by_key("late"))
    # A generator that runs refuses to be closed.
    assert informer.stop(PATIENCE) == ()

"""Rows S of the conformance table: handlers, each on its own."""

import gc
import random
import threading
import time
from typing import Any

import pytest

from kwatch.informer import (
    Delta,
    Object,
    ObjectList,
    Registration,
    SharedInformer,
)
from tests.informer.fakes import (
    PATIENCE,
    FakeListerWatcher,
    Recorder,
    added,
    deleted,
    eventually,
    modified,
    pod,
    pods,
    show,
)
from tests.informer.informed import Blocked, Informed, listen


def test_S7_the_same_callbacks_twice_are_two_handlers() -> None:
    informed = Informed()
    recorder = Recorder()
    first = informed.informer.add_event_handler(recorder.on_add)
    second = informed.informer.add_event_handler(recorder.on_add)
    other = Informed().informer
    with informed:
        informed.stream.send(added("a", 11))
        assert recorder.wait_for(2) == ["add a@11"] * 2
        other.remove_event_handler(first)
        first.remove()
        first.remove()
        informed.informer.remove_event_handler(first)
        informed.stream.send(added("b", 12))
        assert recorder.wait_for(3)[2:] == ["add b@12"]
        assert second in informed.informer._handlers
        assert first not in informed.informer._handlers


def test_S10_a_removed_handler_hears_nothing_more() -> None:
    informed = Informed(pod("pod1", 1))
    removed, stays = Recorder(), listen(informed.informer)
    registration = informed.informer.add_event_handler(removed.on_add)
    with informed:
        removed.wait_for(1)
        registration.remove()
        informed.stream.send(added("pod2", 11))
        stays.wait_for(2)
        assert removed.told == ["add pod1@1"]


def test_S11_removing_returns_at_once_and_shutting_down_waits() -> None:
    informed = Informed(pod("pod1", 1))
    blocked = Blocked()
    registration = informed.informer.add_event_handler(blocked.on_add)
    with informed:
        assert blocked.inside.wait(PATIENCE)
        assert not informed.informer.shut_down_event_handler(registration, timeout=0.01)
        assert registration.thread.is_alive()
        blocked.go.set()
        assert informed.informer.shut_down_event_handler(registration, timeout=PATIENCE)
        assert not registration.thread.is_alive()


def test_S11_shutting_down_a_handler_of_an_informer_that_never_ran() -> None:
    informer = Informed().informer
    assert informer.shut_down_event_handler(informer.add_event_handler())


@pytest.mark.usefixtures("crashes")
def test_S13_a_handler_that_fails_harms_nobody_and_counts_as_having_heard() -> None:
    informed = Informed(pod("a", 1), pod("b", 2))

    def fail(obj: Object, initial: bool) -> None:
        raise LookupError(f"cannot {show(obj)}")

    failing = informed.informer.add_event_handler(fail)
    recorder = listen(informed.informer)
    with informed:
        assert failing.synced.wait(PATIENCE)
        assert failing.has_synced()
        assert recorder.wait_for(2) == ["add a@1", "add b@2"]
        eventually(lambda: informed.informer.status.handler_errors == 2)
        errors = informed.informer.status.errors
        assert [error.message for error in errors] == ["cannot a@1", "cannot b@2"]
        assert "fail" in errors[0].source


def test_S14_handlers_come_and_go_while_much_happens() -> None:
    informed = Informed(*pods(50))
    stop = threading.Event()
    failures: list[BaseException] = []

    def abuse(seed: int) -> None:
        chance = random.Random(seed)
        mine: list[Registration] = []
        try:
            while not stop.is_set():
                if mine and chance.random() < 0.5:
                    mine.pop().remove()
                else:
                    mine.append(informed.informer.add_event_handler(lambda obj, initial: None))
        except RuntimeError as error:
            if "stopped already" not in str(error):
                failures.append(error)
        except Exception as error:  # noqa: BLE001 - whatever it is fails the test
            failures.append(error)

    informed.start()
    abusers = [threading.Thread(target=abuse, args=(seed,), daemon=True) for seed in range(10)]
    for abuser in abusers:
        abuser.start()
    for number in range(2000):
        informed.stream.send(modified(f"pod-{number % 50}", 100 + number))
    eventually(lambda: informed.informer.indexer.resource_version == "2099")
    assert informed.informer.stop(timeout=PATIENCE) == ()
    stop.set()
    for abuser in abusers:
        abuser.join(PATIENCE)
    assert failures == []


def test_a_late_handler_gets_the_cache_and_then_what_follows() -> None:
    informed = Informed(pod("a", 1), pod("b", 2))
    with informed:
        informed.stream.send(modified("a", 11))
        eventually(lambda: informed.informer.indexer.resource_version == "11")
        late = Recorder()
        registration = informed.informer.add_event_handler(late.on_add, late.on_update, late.on_delete)
        assert registration.synced.wait(PATIENCE)
        informed.stream.send(deleted("b", 12))
        told = late.wait_for(3)
        assert sorted(told[:2]) == ["add a@11", "add b@2"]
        assert told[2:] == ["delete b@12"]
        assert late.initial == [True, True]


def test_a_late_handler_misses_nothing_and_hears_nothing_twice() -> None:
    informed = Informed(*pods(200))
    with informed:
        writer = threading.Thread(
            target=lambda: informed.stream.send(*(modified(f"pod-{n % 200}", 100 + n) for n in range(3000)))
        )
        writer.start()
        recorders = []
        for _ in range(5):
            recorders.append(listen(informed.informer))
            eventually(lambda: len(recorders[-1].told) >= 200)
        writer.join()
        eventually(lambda: informed.informer.indexer.resource_version == "3099")
        for recorder in recorders:
            # All events of a key may come in one go, so the newest of all is not always told last.
            eventually(lambda recorder=recorder: any(told.endswith("@3099") for told in recorder.told))  # type: ignore[misc]
            eventually(lambda: informed.informer.status.handler_backlog == 0)
            held: dict[str, str] = {}
            for told in recorder.told:
                what, *objects = told.split()
                name = objects[0].partition("@")[0]
                assert (what == "add") is (name not in held)
                assert what == "add" or objects[0] == held[name]
                held[name] = objects[-1]
            assert held == {name: show(informed.informer.indexer.get_by_key(name)) for name in held}
            assert len(held) == 200


def test_a_slow_handler_delays_nobody_and_its_backlog_is_seen() -> None:
    informed = Informed(*pods(3))
    blocked = Blocked()
    registration = informed.informer.add_event_handler(blocked.on_add)
    recorder = listen(informed.informer)
    with informed:
        recorder.wait_for(3)
        assert blocked.inside.wait(PATIENCE)
        assert registration.backlog == 3
        assert not registration.has_synced()
        eventually(lambda: informed.informer.status.handler_backlog == 3)
        blocked.go.set()
        assert registration.synced.wait(PATIENCE)


@pytest.mark.usefixtures("crashes")
def test_a_handler_that_tries_to_exit_harms_nobody() -> None:
    informed = Informed(pod("a", 1))

    def leave(obj: Object, initial: bool) -> None:
        raise SystemExit

    registration = informed.informer.add_event_handler(leave)
    with informed:
        assert registration.synced.wait(PATIENCE)
        informed.stream.send(added("b", 11))
        eventually(lambda: registration.failures == 2)


def test_adding_a_handler_to_a_large_cache_blocks_nobody() -> None:
    informed = Informed(*pods(100_000))
    recorder = threading.Event()
    with informed:
        gc.freeze()
        longest = 0.0
        for _ in range(3):
            began = time.thread_time()
            informed.informer.add_event_handler(lambda obj, initial: recorder.set())
            longest = max(longest, time.thread_time() - began)
        assert recorder.wait(PATIENCE)
        gc.unfreeze()
    assert longest < 0.05


def test_a_callback_may_read_the_cache_and_add_and_remove_handlers() -> None:
    informed = Informed(pod("a", 1))
    results: list[int] = []
    done = threading.Event()

    def on_add(obj: Object, initial: bool) -> None:
        results.append(len(informed.informer.indexer.list()))
        informed.informer.add_event_handler(lambda obj, initial: done.set())
        registration.remove()

    registration = informed.informer.add_event_handler(on_add)
    with informed:
        assert done.wait(PATIENCE)
    assert results == [1]


def test_a_handler_that_came_late_has_not_synced_before_it_was_taken_in() -> None:
    held = Blocked()

    class Hold:
        def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
            if show(delta.object) == "b@2":
                held.on_add(pod("b", 2), False)

        def on_gap(self, since: float, until: float, cause: str) -> None:
            raise AssertionError

    with Informed(pod("a", 1), sinks=[Hold()]) as informed:
        informed.stream.send(added("b", 2))
        assert held.inside.wait(PATIENCE)
        recorder = Recorder()
        late = informed.informer.add_event_handler(recorder.on_add)
        assert not late.has_synced()
        held.go.set()
        recorder.wait_for(2)
        eventually(late.has_synced)


async def never_awaited(obj: object) -> None:
    raise AssertionError


@pytest.mark.parametrize(
    ("role", "callback", "message"),
    [
        (
            "on_add",
            lambda obj: None,
            r"called with \(obj, is_in_initial_list\), which .*lambda> does not",
        ),
        ("on_update", lambda new: None, r"on_update is called with \(old, new\)"),
        ("on_delete", lambda: None, r"on_delete is called with \(obj\)"),
    ],
)
def test_a_callback_that_could_never_be_called_is_refused(role: str, callback: Any, message: str) -> None:
    informer = SharedInformer(FakeListerWatcher([ObjectList([], "1")]))
    with pytest.raises(TypeError, match=message):
        informer.add_event_handler(**{role: callback})
    with pytest.raises(TypeError, match=r"never be awaited: iterate over kwatch\.informer\.aio\.changes"):
        informer.add_event_handler(on_delete=never_awaited)
    informer.add_event_handler(on_add=print, on_delete=lambda *objects: None, on_update=lambda old, new: None)
    assert len(informer.registrations) == 1


def test_waiting_for_a_sync_may_be_stopped() -> None:
    informer, stop = SharedInformer(FakeListerWatcher([])), threading.Event()
    stop.set()
    assert not informer.wait_for_sync(stop=stop)

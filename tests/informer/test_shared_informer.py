"""Rows S of the conformance table, and what kwatch adds."""

import gc
import random
import threading
import time
from typing import Any

import pytest

from kwatch.informer import (
    ListOptions,
    Object,
    ObjectList,
    Registration,
    SharedInformer,
    WatchEvent,
    label_index,
    standard_indexers,
)
from tests.informer.fakes import (
    PATIENCE,
    FakeListerWatcher,
    FakeStream,
    Recorder,
    SteppedClock,
    added,
    bookmark,
    deleted,
    eventually,
    modified,
    pod,
    pods,
    quick_backoff,
    refusal,
    show,
    status_event,
)


class Informed:
    """An informer over a fake server with some objects and one open watch."""

    def __init__(self, *objects: Object, **options: Any) -> None:
        self.stream = FakeStream()
        self.lister_watcher = FakeListerWatcher([ObjectList(objects, "10")], [self.stream])
        self.informer = SharedInformer(self.lister_watcher, **options)

    def start(self) -> SharedInformer:
        self.informer.start()
        assert self.informer.wait_for_sync(PATIENCE)
        return self.informer

    def __enter__(self) -> "Informed":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.informer.stop() == ()


def listen(informer: SharedInformer, **options: Any) -> Recorder:
    recorder = Recorder()
    informer.add_event_handler(recorder.on_add, recorder.on_update, recorder.on_delete, **options)
    return recorder


def test_S1_every_handler_has_its_own_resync_period() -> None:
    clock = SteppedClock()
    informed = Informed(pod("pod-1", 1), pod("pod-2", 2), clock=clock, resync_period=1.0)
    never, two, three = (listen(informed.informer, resync_period=period) for period in (0, 2.0, 3.0))
    with informed:
        for recorder in (never, two, three):
            assert sorted(recorder.wait_for(2)) == ["add pod-1@1", "add pod-2@2"]
        for _ in range(2):
            clock.wait_for_waiters()
            clock.step(1.0)
            eventually(lambda: clock.waiting == 1)
        assert sorted(two.wait_for(4)[2:]) == ["update pod-1@1 pod-1@1", "update pod-2@2 pod-2@2"]
        assert len(three.told) == 2
        clock.wait_for_waiters()
        clock.step(1.0)
        assert len(three.wait_for(4)) == 4
        assert (len(two.told), len(never.told)) == (4, 2)


def test_S2_a_shorter_period_lowers_the_check_before_the_start() -> None:
    hours = 12 * 3600.0
    informer = Informed(resync_period=hours).informer
    checks = []
    for period in (0.0, 60.0, 55.0, 5.0, 0.2):
        informer.add_event_handler(resync_period=period)
        checks.append(informer._handlers.periods.check)
    assert checks == [hours, 60.0, 55.0, 5.0, 1.0]
    assert [each.resync_period for each in informer._handlers.stop()] == [0.0, 60.0, 55.0, 5.0, 1.0]


def test_S2_after_the_start_a_shorter_period_is_raised() -> None:
    with Informed(resync_period=30.0) as informed:
        registration = informed.informer.add_event_handler(resync_period=5.0)
        assert registration.resync_period == 30.0
        assert informed.informer.add_event_handler(resync_period=60.0).resync_period == 60.0


def test_S4_the_watch_error_handler_hears_what_a_list_raised() -> None:
    informer = SharedInformer(FakeListerWatcher([PermissionError("Access Denied")]))
    told: list[Exception] = []
    heard = threading.Event()

    def note(error: Exception) -> None:
        told.append(error)
        heard.set()

    informer.set_watch_error_handler(note)
    informer.start()
    assert heard.wait(1.0)
    assert str(told[0]) == "Access Denied"
    assert informer.stop() == ()


def test_S5_nothing_can_be_set_after_the_start() -> None:
    with Informed() as informed:
        with pytest.raises(RuntimeError, match="started"):
            informed.informer.set_transform(lambda obj: obj)
        with pytest.raises(RuntimeError, match="started"):
            informed.informer.set_watch_error_handler(print)
        informed.informer.start()


def test_S5_handlers_may_come_while_it_starts() -> None:
    for _ in range(20):
        informed = Informed(*pods(5))
        recorder = Recorder()
        adder = threading.Thread(target=informed.informer.add_event_handler, args=(recorder.on_add,))
        adder.start()
        informed.start()
        adder.join(PATIENCE)
        assert sorted(recorder.wait_for(5)) == sorted(f"add pod-{number}@1" for number in range(5))
        assert informed.informer.stop() == ()
        assert len(recorder.told) == 5


def test_S6_store_and_handlers_have_what_was_transformed() -> None:
    def shout(obj: Object) -> Object:
        return pod(obj["metadata"]["name"].upper(), obj["metadata"]["resourceVersion"])

    informed = Informed(pod("pod1", 1))
    informed.informer.set_transform(shout)
    recorder = listen(informed.informer)
    with informed:
        assert recorder.wait_for(1) == ["add POD1@1"]
        assert [*informed.informer.indexer.list_keys()] == ["POD1"]


def test_R25_an_object_is_transformed_once_although_it_came_in_a_stream() -> None:
    calls: list[str] = []

    def transform(obj: Object) -> Object:
        calls.append(show(obj))
        return obj

    stream = FakeStream([added("a", 1), added("b", 2)])
    lister_watcher = FakeListerWatcher([], [stream], streaming=True)
    informer = SharedInformer(lister_watcher, transform=transform)
    informer.start()
    stream.send(bookmark(2, end="true"), added("c", 3))
    eventually(lambda: len(informer.indexer) == 3)
    assert sorted(calls) == ["a@1", "b@2", "c@3"]
    informer.stop()


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


class Blocked:
    """A handler that waits inside its callback."""

    def __init__(self) -> None:
        self.inside = threading.Event()
        self.go = threading.Event()

    def on_add(self, obj: Object, initial: bool) -> None:
        self.inside.set()
        self.go.wait(PATIENCE)


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
            assert informed.informer.stop() == ()
    eventually(lambda: of_kwatch() <= before, str(of_kwatch()))
    with pytest.raises(RuntimeError):
        informed.informer.start() if "start" not in order else informed.informer.add_event_handler()


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


def test_indices_may_come_while_it_runs() -> None:
    with Informed(pod("a", 1, labels={"app": "web"})) as informed:
        informed.informer.add_indexers({"label": label_index})
        assert informed.informer.indexer.index_keys("label", "app=web") == ["a"]
        informed.stream.send(added("b", 11))
        eventually(lambda: len(informed.informer.indexer) == 2)
        assert informed.informer.indexer.list_index_func_values("label") == ["app=web"]


class Sink:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self.fails = False

    def on_delta(self, delta: Any, old: Object | None) -> None:
        self.seen.append(f"{delta.type} {show(delta.object)}")
        if self.fails:
            raise LookupError("sink")

    def on_gap(self, since: float, until: float, cause: str) -> None:
        self.seen.append(f"gap {cause}")


def test_sinks_see_deltas_and_a_late_one_only_what_comes() -> None:
    early, late = Sink(), Sink()
    informed = Informed(pod("a", 1), sinks=[early])
    with informed:
        eventually(lambda: early.seen)
        informed.informer.add_sink(late)
        informed.stream.send(added("b", 11))
        eventually(lambda: late.seen)
        informed.informer.remove_sink(late)
        informed.stream.send(added("c", 12))
        eventually(lambda: len(early.seen) == 3)
        assert early.seen == ["Replaced a@1", "Added b@11", "Added c@12"]
        assert late.seen == ["Added b@11"]


def test_a_sink_that_fails_is_counted() -> None:
    sink = Sink()
    sink.fails = True
    with Informed(pod("a", 1), sinks=[sink]) as informed:
        assert len(informed.informer.indexer) == 1
        assert informed.informer.status.sink_errors == 1
        assert "Sink" in str(informed.informer.status.last_error)


def test_a_gap_reaches_the_sinks_before_what_the_relist_found() -> None:
    sink = Sink()
    stream = FakeStream([added("b", 11)])
    lister_watcher = FakeListerWatcher(
        [ObjectList([pod("a", 1)], "10"), ObjectList([pod("a", 15)], "20")], [stream, FakeStream()]
    )
    informer = SharedInformer(lister_watcher, sinks=[sink], backoff=quick_backoff())
    informer.start()
    eventually(lambda: len(sink.seen) == 2)
    stream.send(status_event(410, "Expired"))
    eventually(lambda: len(sink.seen) == 5)
    assert informer.stop() == ()
    assert sink.seen[2:] == ["gap expired", "Replaced a@15", "Deleted T(b, b@11)"]


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
        self._closed.wait(PATIENCE)
        raise refusal(0, "Closed")

    def close(self) -> None:
        self._closed.set()


@pytest.mark.parametrize("where", ["list", "headers", "silence", "backoff"])
def test_X7_a_stop_takes_less_than_a_second_wherever_it_waits(where: str) -> None:
    server = Hanging(where)
    informer = SharedInformer(server)
    informer.start()
    assert server.reached.wait(PATIENCE)
    began = time.monotonic()
    assert informer.stop() == ()
    assert time.monotonic() - began < 1.0


def test_X7_only_a_callback_may_outlive_it_and_is_named() -> None:
    informed = Informed(pod("a", 1))
    blocked = Blocked()
    registration = informed.informer.add_event_handler(blocked.on_add)
    informed.start()
    assert blocked.inside.wait(PATIENCE)
    began = time.monotonic()
    report = informed.informer.stop(timeout=0.2)
    assert time.monotonic() - began < 1.0
    assert report == (registration.thread.name,)
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


def test_waiting_for_a_sync_ends_with_a_stop() -> None:
    informer = SharedInformer(FakeListerWatcher([refusal(403, "Forbidden")]))
    informer.start()
    assert not informer.wait_for_sync(0.01)
    threading.Timer(0.02, informer.stop).start()
    assert not informer.wait_for_sync(PATIENCE)


def test_the_status_is_complete_and_cheap() -> None:
    informed = Informed(pod("a", 1), indexers=standard_indexers())
    with informed:
        informed.stream.send(modified("a", 11))
        eventually(lambda: informed.informer.status.events == 1)
        status = informed.informer.status
        assert (status.phase, status.lists, status.watches, status.objects, status.synced) == (
            "watching",
            1,
            1,
            1,
            True,
        )
        assert status.last_event_at is not None
        assert status.disconnected_since is None
        assert informed.informer.last_sync_resource_version == "11"
        with pytest.raises(AttributeError):
            status.events = 5  # type: ignore[misc]


def test_the_status_as_numbers() -> None:
    with Informed(pod("a", 1)) as informed:
        eventually(lambda: informed.informer.status.phase == "watching")
        numbers = informed.informer.counters()
    assert (numbers["objects"], numbers["lists"], numbers["phase_watching"], numbers["phase_gone"]) == (1, 1, 1, 0)
    assert all(isinstance(number, float) for number in numbers.values())


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
            began = time.perf_counter()
            informed.informer.add_event_handler(lambda obj, initial: recorder.set())
            longest = max(longest, time.perf_counter() - began)
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


def test_poison_costs_nothing_else() -> None:
    poison: list[Any] = [{"metadata": "odd"}, {"spec": {}}, {"metadata": {"name": ""}}, {"metadata": None}]
    informed = Informed(pod("a", 1), *poison, pod("b", 2))
    with informed:
        assert sorted(informed.informer.indexer.list_keys()) == ["a", "b"]
        assert informed.informer.status.quarantined == len(poison)
        assert all(each.reason for each in informed.informer.quarantine)
        informed.stream.send(*(added_raw(obj) for obj in poison), added("c", 12))
        eventually(lambda: len(informed.informer.indexer) == 3)
        assert informed.informer.status.quarantined == 2 * len(poison)


def added_raw(obj: Any) -> Any:
    return WatchEvent("ADDED", obj)

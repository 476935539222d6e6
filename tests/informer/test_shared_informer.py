"""Rows S of the conformance table: the informer as a whole."""

import threading
from typing import Any

import pytest

from kwatch.informer import (
    Object,
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
    added,
    bookmark,
    eventually,
    modified,
    pod,
    pods,
    refusal,
    show,
)
from tests.informer.informed import Informed, listen


def test_S4_the_watch_error_handler_hears_what_a_list_raised() -> None:
    informer = SharedInformer(FakeListerWatcher([PermissionError("Access Denied")]))
    told: list[Exception] = []
    heard = threading.Event()

    def note(error: Exception) -> None:
        told.append(error)
        heard.set()

    informer.set_watch_error_handler(note)
    informer.start()
    assert heard.wait(60)
    assert str(told[0]) == "Access Denied"
    assert informer.stop(60) == ()


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
        assert informed.informer.stop(60) == ()
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


def test_indices_may_come_while_it_runs() -> None:
    with Informed(pod("a", 1, labels={"app": "web"})) as informed:
        informed.informer.add_indexers({"label": label_index})
        assert informed.informer.indexer.index_keys("label", "app=web") == ["a"]
        informed.stream.send(added("b", 11))
        eventually(lambda: len(informed.informer.indexer) == 2)
        assert informed.informer.indexer.list_index_func_values("label") == ["app=web"]


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


def test_an_index_function_that_fails_is_found_in_the_status() -> None:
    def odd(obj: Object) -> list[str]:
        raise LookupError("odd")

    with Informed(*pods(5), indexers={"odd": odd}) as informed:
        status = informed.informer.status
    assert status.index_errors == 5
    assert [(error.source, error.message) for error in status.errors] == [("index", "LookupError: odd")]


def test_the_status_as_numbers() -> None:
    with Informed(pod("a", 1)) as informed:
        eventually(lambda: informed.informer.status.phase == "watching")
        numbers = informed.informer.counters()
    assert (numbers["objects"], numbers["lists"], numbers["phase_watching"], numbers["phase_gone"]) == (1, 1, 1, 0)
    assert all(isinstance(number, float) for number in numbers.values())


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

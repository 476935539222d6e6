"""Row X13: what leaves the selection. The server says the same of what was deleted, and is not asked."""

from __future__ import annotations

from typing import Any

from kwatch.informer import DeltaFIFO, KubeObject, ObjectList, SharedInformer
from kwatch.informer.delta import Delta
from tests.informer.fakes import PATIENCE, FakeListerWatcher, FakeStream, event, eventually, pod, show, status_event

GOING = {"deletionTimestamp": "2026-11-23T00:00:00Z"}


class Selective(FakeListerWatcher):
    """Has a selector; whoever asks for one object is refused."""

    selective = True
    gets = 0

    def get(self, key: str) -> Any:
        self.gets += 1
        raise AssertionError("not to be asked")


class Noting:
    """A sink that writes down what ended how."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, bool]] = []

    def on_delta(self, key: str, delta: Delta, old: Any) -> None:
        if delta.type == "Deleted":
            self.ended.append((show(delta.object), delta.departed))

    def on_gap(self, since: float, until: float, cause: str) -> None:
        pass


def ended(lister_watcher: FakeListerWatcher, count: int) -> list[tuple[str, bool]]:
    noting = Noting()
    informer = SharedInformer(lister_watcher, sinks=[noting])
    informer.start()
    assert informer.wait_for_sync(PATIENCE)
    eventually(lambda: len(noting.ended) >= count)
    assert informer.stop(60) == ()
    return noting.ended


EVENTS = [event("DELETED", pod("a", 11)), event("DELETED", pod("b", 12, **GOING))]
OBJECTS = [pod("a", 1), pod("b", 2), pod("c", 3)]


def test_X13_a_deletion_under_a_selector_may_be_none_unless_the_object_was_asked_to_go() -> None:
    lister_watcher = Selective([ObjectList(OBJECTS, "3")], [FakeStream(EVENTS)])
    assert ended(lister_watcher, 2) == [("a@11", True), ("b@12", False)]
    assert lister_watcher.gets == 0


def test_X13_without_a_selector_it_is_one() -> None:
    lister_watcher = FakeListerWatcher([ObjectList(OBJECTS, "3")], [FakeStream(EVENTS)])
    assert ended(lister_watcher, 2) == [("a@11", False), ("b@12", False)]


def test_X13_what_a_list_misses_may_have_left_too() -> None:
    expired = FakeStream([status_event(410, "Expired")])
    lister_watcher = Selective([ObjectList(OBJECTS, "3"), ObjectList(OBJECTS[1:], "9")], [expired])
    assert ended(lister_watcher, 1) == [("T(a, a@1)", True)]


def test_many_that_leave_hold_up_nothing() -> None:
    """Four hundred left at once: the event behind them is there at once."""
    names = [f"p{number}" for number in range(400)]
    stream = FakeStream()
    lister_watcher = Selective([ObjectList([pod(name, 1) for name in names], "1")], [stream])
    informer = SharedInformer(lister_watcher)
    informer.start()
    assert informer.wait_for_sync(PATIENCE)
    stream.send(*(event("DELETED", pod(name, 2)) for name in names), event("ADDED", pod("late", 3)))
    eventually(lambda: [*informer.indexer.list_keys()] == ["late"])
    assert informer.status.errors == ()
    assert informer.stop(60) == ()
    assert lister_watcher.gets == 0


def test_the_bytes_of_an_object_say_whether_it_was_asked_to_go() -> None:
    fifo = DeltaFIFO(selective=True)
    fifo.replace([KubeObject.of(pod("a", 1)), KubeObject.of(pod("b", 1))], "1")
    fifo.delete(KubeObject.of(pod("a", 2)))
    fifo.delete(KubeObject.of(pod("b", 2, **GOING)))
    departed = [fifo.pop(lambda deltas, initial: None).newest.departed for _ in range(2)]
    assert departed == [True, False]

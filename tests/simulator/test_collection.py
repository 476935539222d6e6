from __future__ import annotations

import copy

import pytest

from kwatch.simulator.collection import Change, Collection, Expired, in_namespace
from kwatch.simulator.store import Store
from tests.simulator.objects import pod


def filled(window: int = 100) -> tuple[Store, Collection]:
    store = Store(window=window)
    for namespace, name in (("a", "x"), ("a-b", "x"), ("a", "y"), ("b", "x")):
        store.create(pod(name, namespace), manager="test")
    return store, store.collection("pods")


def touch(store: Store, value: str) -> None:
    changed = copy.deepcopy(store.get("pods", "x", "a"))
    assert changed is not None
    changed["metadata"]["labels"] = {"value": value}
    store.update(changed, manager="test")


def test_current_is_in_the_order_of_keys() -> None:
    _, pods = filled()
    assert [record.key for record in pods.current()] == ["a-b/x", "a/x", "a/y", "b/x"]


def test_in_namespace() -> None:
    _, pods = filled()
    assert [record.key for record in in_namespace(pods.current(), "a")] == ["a/x", "a/y"]
    assert [record.key for record in in_namespace(pods.current(), "a-b")] == ["a-b/x"]
    assert list(in_namespace(pods.current(), "nowhere")) == []
    assert in_namespace(pods.current(), "") is pods.current()


def test_changes_after() -> None:
    store, pods = filled()
    start = store.revision
    touch(store, "1")
    store.delete("pods", "y", "a")
    told = list(pods.changes_after(start))
    assert [(change.type, change.record.key) for change in told] == [("MODIFIED", "a/x"), ("DELETED", "a/y")]
    assert list(pods.changes_after(store.revision)) == []


def test_the_window_moves_the_floor() -> None:
    store, pods = filled(window=3)
    assert pods.floor == 2
    assert len(list(pods.changes_after(2))) == 3
    with pytest.raises(Expired):
        pods.changes_after(1)
    with pytest.raises(Expired):
        pods.as_of(1)
    assert len(pods.as_of(2)) == 1
    assert store.revision == 5


def test_compaction_forgets() -> None:
    store, pods = filled()
    touch(store, "1")
    assert pods.as_of(store.revision - 1)
    store.compact()
    with pytest.raises(Expired):
        pods.as_of(store.revision - 1)
    assert pods.as_of(store.revision) == pods.current()


def test_an_earlier_moment_is_made_once() -> None:
    store, pods = filled()
    then = store.revision
    before = pods.current()
    touch(store, "1")
    assert pods.as_of(then) == before
    assert pods.as_of(then) is pods.as_of(then)
    for value in "23456":
        touch(store, value)
        assert pods.as_of(store.revision - 1)
    assert pods.as_of(then) == before


def test_listeners_come_and_go() -> None:
    store, pods = filled()
    heard: list[Change | None] = []
    stop = pods.listen(heard.append)
    touch(store, "1")
    stop()
    stop()
    touch(store, "2")
    assert len(heard) == 1


def test_a_change_is_encoded_once() -> None:
    store, pods = filled()
    touch(store, "1")
    [change] = pods.changes_after(store.revision - 1)
    first = change.encoded("form", lambda: bytes([1, 2]))
    assert change.encoded("form", lambda: bytes([3])) is first
    assert change.departure() is change.departure()
    assert change.departure().labels == {} and change.departure().revision == change.revision

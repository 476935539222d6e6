"""What is turned away, and what is quarantined."""

import threading
from typing import Any

import pytest

from kwatch.informer import (
    ApiError,
    DeltaFIFO,
    Indexer,
    Object,
    ObjectList,
    Reflector,
    Unreadable,
)
from tests.informer.fakes import (
    FakeListerWatcher,
    FakeStream,
    added,
    event,
    modified,
    pod,
    show,
)
from tests.informer.reflecting import (
    ended,
    ended_event,
    names,
    reflect,
)


def table(api_version: str) -> dict[str, Any]:
    return {"kind": "Table", "apiVersion": api_version, "metadata": {"name": "t", "resourceVersion": "5"}}


@pytest.mark.parametrize("api_version", ["meta.k8s.io/v1", "meta.k8s.io/v1beta1"])
def test_R26_tables_are_turned_away(api_version: str) -> None:
    lister_watcher = FakeListerWatcher([ObjectList([table(api_version)], "1")])
    with pytest.raises(ApiError, match="Table"):
        reflect(lister_watcher).list_and_watch(threading.Event())
    store = Indexer()
    stream = FakeStream([event("ADDED", table(api_version)), added("a", 2), ended_event()])
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream])
    reflector = reflect(lister_watcher, store)
    reflector.list_and_watch(threading.Event())
    assert names(store) == {"a@2"}
    assert reflector.status.dropped == 1


def test_R26_a_table_of_somebody_else_is_an_object() -> None:
    store = Indexer()
    lister_watcher = FakeListerWatcher([ObjectList([table("furniture.example/v1")], "1")], [ended()])
    reflect(lister_watcher, store).list_and_watch(threading.Event())
    assert names(store) == {"t@5"}


class Refusing(Indexer):
    def add(self, obj: Object) -> None:
        if show(obj).startswith("bad"):
            raise ValueError("not this one")
        super().add(obj)


def test_X3_an_event_that_the_store_refuses_is_quarantined() -> None:
    store = Refusing()
    lister_watcher = FakeListerWatcher(
        [ObjectList([], "1")], [FakeStream([added("bad", 2), added("good", 3), ended_event()])]
    )
    reflector = reflect(lister_watcher, store)
    reflector.list_and_watch(threading.Event())
    assert names(store) == {"good@3"}
    assert reflector.last_sync_resource_version == "3"
    [quarantined] = reflector.quarantine.objects()
    assert (quarantined.name, quarantined.reason) == ("bad", "not this one")
    assert reflector.status.quarantined == 1


def unreadable() -> Any:
    return event("MODIFIED", Unreadable(b"{", "half", malformed=True))


def test_half_an_event_is_asked_for_again_from_the_last_version() -> None:
    watches = [FakeStream([added("a", 2), unreadable()]), FakeStream([added("b", 3), ended_event()])]
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], watches)
    store = Indexer()
    reflector = reflect(lister_watcher, store)
    reflector.list_and_watch(threading.Event())
    assert lister_watcher.requests == ["list '0'", "watch '1'", "watch '2'"]
    assert names(store) == {"a@2", "b@3"}
    assert reflector.status.quarantined == 0


def test_what_comes_malformed_twice_is_quarantined() -> None:
    watches = [FakeStream([added("a", 2), unreadable()]), FakeStream([unreadable(), added("b", 3), ended_event()])]
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], watches)
    store = Indexer()
    reflector = reflect(lister_watcher, store)
    reflector.list_and_watch(threading.Event())
    assert lister_watcher.requests == ["list '0'", "watch '1'", "watch '2'"]
    assert names(store) == {"a@2", "b@3"}
    assert [each.reason for each in reflector.quarantine.objects()] == ["half"]


def test_the_deletion_of_what_cannot_be_read_deletes() -> None:
    poison = Unreadable(b'{"metadata":{"name":"a","resourceVersion":"9"},"x":"\xff"}', "invalid UTF-8")
    indexer = Indexer()
    indexer.add(pod("a", 1))
    fifo = DeltaFIFO(known_objects=indexer, on_refused=lambda obj, error: None)
    lister_watcher = FakeListerWatcher(
        [ObjectList([pod("a", 1)], "1")],
        [FakeStream([event("MODIFIED", poison), event("DELETED", poison), ended_event()])],
    )
    Reflector(lister_watcher, fifo).list_and_watch(threading.Event())
    [deltas] = [fifo.pop(lambda deltas, initial: None)]
    assert [f"{delta.type} {show(delta.object)}" for delta in deltas] == ["Replaced a@1", "Deleted T(a, a@1)"]


def test_a_store_of_ones_own_loses_nothing_to_a_list_that_is_not_whole() -> None:
    strange = pod("b", 3) | {"apiVersion": "v1", "kind": "Service"}
    lists = [ObjectList([pod("a", 1), pod("b", 1)], "1"), ObjectList([pod("a", 2), strange], "3")]
    store = Indexer()
    reflector = reflect(FakeListerWatcher(lists, [ended(), ended()]), store, expected_type=("v1", "Pod"))
    for _ in range(2):
        reflector.list_and_watch(threading.Event())
    assert names(store) == {"a@2", "b@1"}
    assert store.resource_version == reflector.last_sync_resource_version == "3"
    assert "an item of the list cannot be identified" in str(reflector.status.errors)


def test_after_a_list_that_is_not_whole_another_one_follows_the_watch() -> None:
    """What it lacks may be gone."""
    strange = pod("b", 3) | {"apiVersion": "v1", "kind": "Service"}
    lists = [
        ObjectList([pod("a", 1), pod("b", 1)], "1"),
        ObjectList([pod("a", 2), strange], "3"),
        ObjectList([pod("a", 2)], "5"),
    ]
    watches = [ended(), FakeStream([modified("a", 4)], ends=True), FakeStream([modified("a", 6)], ends=True), ended()]
    store = Indexer()
    lister_watcher = FakeListerWatcher(lists, watches)
    reflector = reflect(lister_watcher, store, expected_type=("v1", "Pod"))
    for _ in lists:
        reflector.list_and_watch(threading.Event())
    assert names(store) == {"a@6"}
    asked = [request.split()[0] for request in lister_watcher.requests]
    assert asked == ["list", "watch", "list", "watch", "list", "watch", "watch"], "after a whole one the watch goes on"
    assert reflector.status.relists["incomplete list"] == 1

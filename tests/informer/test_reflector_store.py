"""A first list while it arrives: it can be read beside the cache, which stays empty until the list is whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kwatch.informer import Indexer, ObjectList, SharedInformer, namespace_index
from kwatch.informer.errors import Closed
from kwatch.informer.reflector_store import ArrivingList
from tests.informer.fakes import (
    PATIENCE,
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    Recorder,
    added,
    bookmark,
    deleted,
    eventually,
    modified,
    pod,
    quick_backoff,
    refusal,
    show,
)
from tests.informer.reflecting import paged


class Gate:
    """Lets a list go on when it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def wait(self) -> None:
        assert self.opened.wait(PATIENCE)


@contextmanager
def informing(lister_watcher: FakeListerWatcher, **options: Any) -> Iterator[SharedInformer]:
    informer = SharedInformer(lister_watcher, backoff=quick_backoff(), **options)
    informer.start()
    try:
        yield informer
    finally:
        assert informer.stop(PATIENCE) == ()


def arrived(informer: SharedInformer) -> set[str]:
    return {show(obj) for obj in informer.arriving.indexer.list()}


def cached(informer: SharedInformer) -> set[str]:
    return {show(obj) for obj in informer.indexer.list()}


def test_a_streaming_list_can_be_read_while_the_cache_and_its_handlers_know_nothing() -> None:
    stream, heard = FakeStream([added("p1", 1), added("p2", 2)]), Recorder()
    informer = SharedInformer(FakeListerWatcher([ObjectList([], "1")], [stream], streaming=True))
    told: set[str] = set()
    informer.arriving.listen(told.update)
    informer.add_event_handler(heard.on_add, heard.on_update, heard.on_delete)
    informer.start()
    eventually(lambda: arrived(informer) == {"p1@1", "p2@2"})
    stream.send(modified("p1", 3), added("p3", 4), deleted("p2", 5))
    eventually(lambda: arrived(informer) == {"p1@3", "p3@4"})
    assert cached(informer) == set()
    assert not informer.has_synced()
    assert heard.told == []
    assert told == {"p1", "p2", "p3"}
    stream.send(bookmark(6, end="true"), added("p4", 7))
    eventually(lambda: cached(informer) == {"p1@3", "p3@4", "p4@7"})
    assert informer.arriving.indexer is informer.indexer
    assert heard.wait_for(3) == ["add p1@3", "add p3@4", "add p4@7"]
    informer.stop(PATIENCE)


def test_pages_arrive_one_by_one() -> None:
    gate, pages = Gate(), paged(2, 3)

    def answer(options: Any) -> ObjectList:
        if options.continue_token:
            gate.wait()
        return pages(options)

    with informing(FakeListerWatcher([answer], [FakeStream()])) as informer:
        eventually(lambda: len(informer.arriving.indexer) == 2)
        assert informer.status.received == 2
        assert len(informer.indexer) == 0
        gate.opened.set()
        assert informer.wait_for_sync(PATIENCE)
        assert len(informer.indexer) == 5


def test_what_a_broken_list_brought_stays_unconfirmed_until_the_next_one_is_whole() -> None:
    before, between = Gate(), Gate()

    def answer(options: Any) -> ObjectList:
        (between if options.continue_token else before).wait()
        return ObjectList(
            [pod("p9" if options.continue_token else "kept", 2)], "9", "" if options.continue_token else "C"
        )

    broken = FakeStream([added("old", 1), added("kept", 1)])
    lister_watcher = FakeListerWatcher([answer], [broken, FakeStream()], streaming=True)
    with informing(lister_watcher) as informer:
        eventually(lambda: arrived(informer) == {"old@1", "kept@1"})
        assert informer.status.unconfirmed == 0
        broken.send(refusal(422, "Invalid"))
        eventually(lambda: informer.status.unconfirmed == 2)
        assert arrived(informer) == {"old@1", "kept@1"}
        told: set[str] = set()
        informer.arriving.listen(told.update)
        before.opened.set()
        eventually(lambda: informer.status.unconfirmed == 1)
        assert arrived(informer) == {"old@1", "kept@2"}
        assert cached(informer) == set()
        between.opened.set()
        assert informer.wait_for_sync(PATIENCE)
        assert cached(informer) == arrived(informer) == {"kept@2", "p9@2"}
        assert "old" in told
        assert informer.status.unconfirmed == 0


def test_a_relist_does_not_arrive_beside_the_cache() -> None:
    gate, pages = Gate(), paged(2, 1)

    def again(options: Any) -> ObjectList:
        if options.continue_token:
            gate.wait()
        return pages(options)

    first = ObjectList([pod("there", 1)], "1")
    lister_watcher = FakeListerWatcher([first, again], [FakeStream(), FakeStream()])
    with informing(lister_watcher) as informer:
        assert informer.wait_for_sync(PATIENCE)
        informer.refresh("test")
        eventually(lambda: informer.status.phase == "listing" and informer.status.received == 2)
        assert arrived(informer) == cached(informer) == {"there@1"}
        gate.opened.set()
        eventually(lambda: len(cached(informer)) == 3)


def test_with_a_transform_nothing_arrives_that_is_not_cached() -> None:
    stream = FakeStream([added("p1", 1)])
    lister_watcher = FakeListerWatcher([ObjectList([], "1")], [stream], streaming=True)
    with informing(lister_watcher, transform=lambda obj: pod("other", 1)) as informer:
        eventually(lambda: informer.status.received == 1)
        assert arrived(informer) == set()
        stream.send(bookmark(2, end="true"))
        eventually(lambda: cached(informer) == {"other@1"})


def test_an_empty_list_without_a_version_ends_it_too() -> None:
    with informing(FakeListerWatcher([ObjectList([], "")], [FakeStream()])) as informer:
        assert informer.wait_for_sync(PATIENCE)
        eventually(lambda: informer.arriving.is_over)


def test_lists_that_bring_other_objects_each_time_do_not_pile_up() -> None:
    arriving = ArrivingList(Indexer(), lambda obj: str(obj["metadata"]["name"]), FakeClock())
    for attempt in range(50):
        arriving.begin()
        arriving.append_page([pod(f"p-{attempt}-{number}", 1) for number in range(10)])
    assert len(arriving.indexer) <= 30


def test_a_list_that_gets_less_far_takes_nothing_away() -> None:
    arriving = ArrivingList(Indexer(), lambda obj: str(obj["metadata"]["name"]), FakeClock())
    for attempt in (10, 3, 2, 1):
        arriving.begin()
        arriving.append_page([pod(f"p-{number}", 1) for number in range(attempt)])
    assert len(arriving.indexer) == 10


def test_large_lists_are_filed_by_lots_and_what_waits_when_nothing_comes() -> None:
    clock, told = FakeClock(), list[frozenset[str]]()
    arriving = ArrivingList(Indexer(), lambda obj: str(obj["metadata"]["name"]), clock)
    arriving.listen(told.append)
    for number in range(1000):
        arriving.append({f"p{number}": pod(f"p{number}", 1)})
    assert len(told) < 100
    arriving.file()
    assert len(arriving.indexer) == 1000
    arriving.append({"late": pod("late", 1)})
    assert arriving.indexer.get_by_key("late") is None
    clock.now += 1
    arriving.append({"later": pod("later", 1)})
    assert arriving.indexer.get_by_key("late") is not None


def test_what_has_no_key_or_no_sense_is_left_to_the_store() -> None:
    def key_of(obj: Any) -> str:
        if obj["metadata"]["name"] == "nameless":
            raise Closed("no key")
        return str(obj["metadata"]["name"])

    arriving = ArrivingList(Indexer(), key_of, FakeClock())
    arriving.append_page([pod("nameless", 1), pod("p1", 1)])
    assert list(arriving.indexer.list_keys()) == ["p1"]


def test_the_cache_adopts_indexes_and_makes_those_that_are_new() -> None:
    calls: list[str] = []

    def counting(obj: Any) -> tuple[str, ...]:
        calls.append(obj["metadata"]["name"])
        return (obj["metadata"]["name"][0],)

    cache = Indexer(indexers={"first": counting})
    staged = cache.staging()
    objects: dict[str, Any] = {name: pod(name, 1, "ns") for name in ("a1", "a2", "b1")}
    for name, obj in objects.items():
        staged.put(name, obj)
    staged.put("gone", pod("gone", 1))
    cache.add_indexers({"namespace": namespace_index})
    assert staged.index_counts("namespace") == {"ns": 3, "": 1}
    assert len(cache) == 0
    objects["b1"] = pod("c1", 2, "ns")
    cache.adopt(objects)
    assert calls == ["a1", "a2", "b1", "gone", "c1"]
    assert cache.index_counts("first") == {"a": 2, "c": 1}
    assert cache.index_counts("namespace") == {"ns": 3}
    cache.remove("a1")
    assert cache.index_counts("first") == {"a": 1, "c": 1}


def test_an_index_that_is_dropped_is_dropped_of_what_arrives_too() -> None:
    cache = Indexer(indexers={"namespace": namespace_index})
    staged = cache.staging()
    cache.remove_indexers(["namespace"])
    assert staged.index_names == ()

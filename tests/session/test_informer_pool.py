"""Nothing that changed is forgotten, nothing is drained twice."""

from __future__ import annotations

import threading

import pytest

from kwatch.history.journal import Journal
from kwatch.informer.clock import FakeClock, SystemClock
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.kube_object import TableSample
from kwatch.informer.protocol import Form, ListOptions, ObjectList
from kwatch.session import informer_pool
from kwatch.session.columns import ColumnsFrom, TableSamples
from kwatch.session.informer_pool import DirtySet, InformerPool, ServersColumns
from kwatch.session.ports import Watched
from tests.session.fake_cluster import PODS, FakeCluster, FakeListerWatcher, FakeStream, thing
from tests.waiting import wait_until


def delta(kind: DeltaType, name: str) -> Delta:
    return Delta(kind, thing(name), 1, 0.0)


def test_drain_takes_what_gathered() -> None:
    dirty = DirtySet()
    dirty.on_delta("shop/a", delta(DeltaType.ADDED, "a"), None)
    dirty.on_delta("shop/a", delta(DeltaType.UPDATED, "a"), None)
    dirty.on_delta("shop/b", Delta(DeltaType.DELETED, DeletedFinalStateUnknown("shop/b", None), 2, 0.0), None)
    dirty.on_gap(0.0, 1.0, "silence")
    assert dirty.drain() == {"shop/a", "shop/b"}
    assert dirty.drain() == frozenset()


def test_a_resync_changes_nothing() -> None:
    dirty = DirtySet()
    dirty.on_delta("shop/a", delta(DeltaType.SYNC, "a"), None)
    assert len(dirty) == 0


def test_keys_that_come_while_draining_are_not_lost() -> None:
    dirty = DirtySet()
    seen: set[str] = set()
    names = [f"pod-{number}" for number in range(2000)]
    deltas = [(f"shop/{name}", delta(DeltaType.ADDED, name)) for name in names]

    def write() -> None:
        for key, each in deltas * 10:
            dirty.on_delta(key, each, None)

    writing = threading.Thread(target=write)
    writing.start()
    while writing.is_alive():
        seen |= dirty.drain()
    seen |= dirty.drain()
    assert seen == {f"shop/{name}" for name in names}


def test_what_drains_in_the_middle_of_an_add_leaves_its_key() -> None:
    """The informer's thread may be between finding the set and adding to it."""
    dirty = DirtySet()
    dirty.on_delta("shop/a", delta(DeltaType.ADDED, "a"), None)
    drained: list[frozenset[str]] = []

    class DrainFirst(str):
        def __hash__(self) -> int:
            if not drained:
                drained.append(dirty.drain())
            return super().__hash__()

    dirty.on_delta(DrainFirst("shop/b"), delta(DeltaType.ADDED, "b"), None)
    assert drained == [frozenset({"shop/a"})]
    assert dirty.drain() == {"shop/b"}


class Interrupted(set[str]):
    """Between any two looks at it the informer's thread adds a key."""

    def __init__(self, dirty: DirtySet) -> None:
        super().__init__({"shop/a"})
        self._dirty = dirty
        self.added = 0

    def _interrupt(self) -> None:
        self.added += 1
        self._dirty.mark({f"shop/{self.added}"})

    def __len__(self) -> int:
        found = super().__len__()
        self._interrupt()
        return found

    def pop(self) -> str:
        found = super().pop()
        self._interrupt()
        return found

    def clear(self) -> None:
        self._interrupt()
        super().clear()


def test_what_is_added_in_the_middle_of_a_drain_is_drained_now_or_the_next_time() -> None:
    dirty = DirtySet()
    dirty._keys = keys = Interrupted(dirty)
    drained = dirty.drain()
    dirty._keys = set(dirty._keys)
    assert drained | dirty.drain() == {"shop/a", *(f"shop/{number + 1}" for number in range(keys.added))}
    assert keys.added


class LongList(FakeListerWatcher):
    """Its streaming list has no end; asked for one object it says that 41 more are there."""

    def list(self, options: ListOptions) -> ObjectList:
        self.asked.append(options)
        return ObjectList(tuple(self.objects[:1]), "10", "more", 41)

    def watch(self, options: ListOptions) -> FakeStream:
        self.streams.append(FakeStream())
        return self.streams[-1]

    def __init__(self) -> None:
        super().__init__([thing("web")])
        self.asked: list[ListOptions] = []


class ClusterOfLongLists(FakeCluster):
    def __init__(self) -> None:
        super().__init__()
        self.doors: list[LongList] = []

    def lister_watcher(self, *where: object, **more: object) -> LongList:
        self.doors.append(LongList())
        return self.doors[-1]


def test_how_far_a_list_is_is_asked_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a list: with the server's columns while they are unknown; and not where nobody could answer."""
    monkeypatch.setattr(informer_pool, "SHORT_LIST", 0.0)
    cluster = ClusterOfLongLists()
    cluster.samples[PODS] = TableSample(total=7)
    samples = TableSamples(cluster)
    pool = InformerPool(cluster, SystemClock(), columns=ServersColumns(ColumnsFrom.SERVER, samples))
    with_columns = pool.open(Watched(PODS, "shop"))
    wait_until(lambda: with_columns.status.expected == 7)
    alone = pool.open(Watched(PODS))
    wait_until(lambda: alone.status.expected == 42)
    pool.open(Watched(PODS, "shop", "app=cart"))
    asked = [each.asked for each in cluster.doors]
    assert asked == [[], [ListOptions(limit=1)], []]
    assert pool.stop() == ()


def test_a_short_list_is_not_counted() -> None:
    cluster = FakeCluster()
    pool = InformerPool(cluster, SystemClock())
    feed = pool.open(Watched(PODS))
    wait_until(feed.informer.has_synced)
    assert feed.status.expected is None
    assert pool.stop() == ()


def test_who_drains_hears_once_that_there_is_something_again() -> None:
    """However much comes: the screen is woken once until it looks."""
    news: list[str] = []
    dirty = DirtySet(lambda: news.append("news"))
    for name in "abc":
        dirty.on_delta(f"shop/{name}", delta(DeltaType.ADDED, name), None)
    assert len(news) == 1
    dirty.drain()
    dirty.on_delta("shop/a", delta(DeltaType.SYNC, "a"), None)
    assert len(news) == 1
    dirty.on_delta("shop/a", delta(DeltaType.UPDATED, "a"), None)
    assert len(news) == 2
    dirty.mark({"shop/b"})
    assert len(news) == 3


def test_what_comes_while_it_is_drained_is_told_too() -> None:
    """It found the set full, and would not be looked at before the next change."""
    news: list[str] = []
    dirty = DirtySet(lambda: news.append("news"))

    class Keys(set[str]):
        def pop(self) -> str:
            if not late:
                late.append("shop/late")
                dirty.on_delta("shop/late", delta(DeltaType.ADDED, "late"), None)
            return super().pop()

    late: list[str] = []
    dirty._keys = Keys({"shop/a", "shop/b"})
    drained = dirty.drain()
    assert len(news) == 1
    assert drained | dirty.drain() == {"shop/a", "shop/b", "shop/late"}


def test_an_informer_says_what_for_it_runs_and_when_it_ends() -> None:
    clock = FakeClock()
    pool = InformerPool(FakeCluster(), clock, Journal(), release_after=60.0)
    first, second = (pool.open(Watched(PODS), purpose=each) for each in ("a table", "problems"))
    (informer,) = pool.running()
    assert (informer.purposes, informer.released_in, informer.keeps_history) == (["a table", "problems"], None, True)
    first.release()
    assert (informer.purposes, informer.released_in) == (["problems"], None)
    second.release()
    clock.step(12.0)
    assert (informer.purposes, informer.released_in) == ([], 48.0)
    assert pool.stop_idle() == ()
    clock.step(48.0)
    assert pool.stop_idle() == (Watched(PODS),)
    assert pool.stop() == ()


def test_metadata_is_watched_beside_whole_objects_and_has_no_history() -> None:
    """Else history would tell that everything but the metadata was taken away."""
    journal, cluster = Journal(), FakeCluster()
    pool = InformerPool(cluster, SystemClock(), journal)
    metadata = pool.open(Watched(PODS, metadata_only=True))
    wait_until(metadata.informer.has_synced)
    assert cluster.forms == [Form.METADATA]
    assert [each.keeps_history for each in pool.running()] == [False]
    assert metadata.indexer.list_keys() and journal.versions_kept == 0
    whole = pool.open(Watched(PODS))
    wait_until(whole.informer.has_synced)
    assert cluster.forms == [Form.METADATA, Form.OBJECTS]
    wait_until(lambda: journal.versions_kept == 1)
    assert pool.stop() == ()

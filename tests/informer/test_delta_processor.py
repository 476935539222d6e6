"""Rows C of the conformance table: from deltas to the cache and the callbacks."""

import random
import threading
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.informer import (
    DeletedFinalStateUnknown,
    Delta,
    DeltaFIFO,
    Indexer,
    Object,
    ObjectList,
    SharedInformer,
    deletion_handling_key,
    deletion_handling_name,
)
from kwatch.informer.delta_fifo import next_sequence
from kwatch.informer.delta_processor import DeltaProcessor, QueuedGap
from kwatch.informer.metadata import resource_version_of
from kwatch.informer.registration import Added, Notification, Notifications, Updated
from kwatch.informer.sink import SinkSet
from kwatch.informer.status import StatusRecorder
from tests.informer.fakes import (
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    Recorder,
    added,
    deleted,
    event,
    eventually,
    modified,
    pod,
    show,
)


class Processing:
    """A queue and a processor over one cache."""

    def __init__(self, *objects: Object, resyncs: bool = False) -> None:
        self.indexer = Indexer()
        self.indexer.replace(objects)
        self.fifo = DeltaFIFO(known_objects=self.indexer)
        self.told: list[str] = []
        self.in_store: list[bool] = []
        self.resyncs = resyncs
        self.sinks = SinkSet((), StatusRecorder(FakeClock()))
        self.processor = DeltaProcessor(self.indexer, self._take, self.sinks, lambda obj, error: None)

    def drain(self) -> list[str]:
        self.fifo.drain(self.processor.process)
        return self.told

    def _take(self, told: Notifications) -> None:
        heard: Sequence[Notification] = told.for_all
        if self.resyncs and told.resyncing is not None:
            heard = told.resyncing
        for each in heard:
            if isinstance(each, Added):
                self.told.append(f"add {show(each.object)}")
                self.in_store.append(self.indexer.get(each.object) is each.object)
            elif isinstance(each, Updated):
                self.told.append(f"update {show(each.old)} {show(each.new)}")
                self.in_store.append(self.indexer.get(each.new) is each.new)
            else:
                self.told.append(f"delete {show(each.object)}")
                self.in_store.append(self.indexer.get_by_key(deletion_handling_key(each.object)) is None)


def test_C1_a_replace_is_told_in_the_order_of_the_queue() -> None:
    processing = Processing(pod("pod-1", 1), pod("pod-2", 2), pod("pod-3", 3))
    processing.fifo.replace([pod("pod-1", 4), pod("pod-2", 5), pod("pod-4", 6)], "6")
    assert processing.drain() == [
        "update pod-1@1 pod-1@4",
        "update pod-2@2 pod-2@5",
        "add pod-4@6",
        "delete T(pod-3, pod-3@3)",
    ]
    assert processing.in_store == [True] * 4


def test_C2_a_replace_of_nothing_and_by_nothing() -> None:
    empty = Processing()
    empty.fifo.replace([pod("pod-1", 1)], "1")
    assert empty.drain() == ["add pod-1@1"]
    full = Processing(pod("pod-1", 1), pod("pod-2", 2))
    full.fifo.replace([], "3")
    assert full.drain() == ["delete T(pod-1, pod-1@1)", "delete T(pod-2, pod-2@2)"]
    assert len(full.indexer) == 0


def test_an_addition_of_a_known_key_is_an_update() -> None:
    processing = Processing(pod("a", 1))
    processing.fifo.add(pod("a", 2))
    assert processing.drain() == ["update a@1 a@2"]


def test_X10_the_deletion_of_what_was_never_there_is_not_told() -> None:
    processing = Processing()
    processing.fifo.add(pod("a", 1))
    processing.fifo.delete(pod("a", 2))
    processing.fifo.delete(pod("b", 3))
    assert processing.drain() == ["add a@1", "delete a@2"]


@pytest.mark.parametrize("resyncs", [False, True])
def test_an_unchanged_version_is_told_only_to_those_who_hear_resyncs(resyncs: bool) -> None:
    processing = Processing(pod("a", 1), pod("b", 2), resyncs=resyncs)
    processing.fifo.replace([pod("a", 1), pod("b", 3)], "3")
    expected = ["update a@1 a@1"] if resyncs else []
    assert processing.drain() == [*expected, "update b@2 b@3"]


def test_X11_another_uid_under_the_same_key_is_a_deletion_and_an_addition() -> None:
    processing = Processing(pod("a", 1, uid="u1"))
    processing.fifo.replace([pod("a", 9, uid="u2")], "9")
    assert processing.drain() == ["delete T(a, a@1)", "add a@9"]


class Sink:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self.sequences: list[int] = []

    def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
        self.seen.append(f"{delta.type} {show(delta.object)} was {show(old)}")
        self.sequences.append(delta.sequence)

    def on_gap(self, since: float, until: float, cause: str) -> None:
        self.seen.append(f"gap {cause}")


def test_sinks_see_deltas_in_order_gaps_between_them_and_missed_deletions() -> None:
    processing = Processing(pod("a", 1, uid="u1"))
    sink = Sink()
    processing.sinks.add(sink)
    processing.fifo.update(pod("a", 2, uid="u1"))
    processing.processor.gaps.append(QueuedGap(next_sequence(), 1.0, 2.0, "expired"))
    processing.fifo.update(pod("a", 3, uid="u2"))
    processing.fifo.resync()
    processing.drain()
    assert sink.seen == [
        "Updated a@2 was a@1",
        "gap expired",
        "Deleted T(a, a@2) was a@2",
        "Updated a@3 was None",
    ]
    assert sink.sequences == sorted(set(sink.sequences))


def test_a_batch_is_applied_in_the_order_of_arrival_across_keys() -> None:
    processing = Processing()
    sink = Sink()
    processing.sinks.add(sink)
    processing.fifo.add(pod("a", 1))
    for version, name in ((2, "b"), (3, "a"), (4, "c"), (5, "b"), (6, "a")):
        processing.fifo.update(pod(name, version))
    processing.fifo.delete(pod("b", 7))
    assert processing.drain() == [
        "add a@1",
        "add b@2",
        "update a@1 a@3",
        "add c@4",
        "update b@2 b@5",
        "update a@3 a@6",
        "delete b@7",
    ]
    assert sink.sequences == sorted(sink.sequences) and len(sink.sequences) == 7


Step = tuple[str, list[int]]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["update", "delete"]), st.lists(st.integers(0, 5), min_size=1, max_size=1)),
        st.tuples(st.just("replace"), st.lists(st.integers(0, 5), unique=True)),
        st.tuples(st.just("drain"), st.just([])),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_comes_is_heard_in_order_and_a_list_is_one_step(steps: list[Step]) -> None:
    """Each delta that is told finds the cache as everything up to it made it: of a list, the whole list."""
    processing = Processing()
    model: dict[str, int] = {}
    after: dict[int, dict[str, int]] = {}  # what is cached once this version was told of

    class Reader(Sink):
        def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
            super().on_delta(key, delta, old)
            cached = {key: int(resource_version_of(obj)) for key, obj in processing.indexer.items()}
            if not isinstance(delta.object, DeletedFinalStateUnknown):
                assert cached == after[int(resource_version_of(delta.object))]

    sink = Reader()
    processing.sinks.add(sink)
    for version, (what, numbers) in enumerate([*steps, ("drain", [])], 1):
        names = [f"p{number}" for number in numbers]
        if what == "drain":
            processing.drain()
            assert processing.sinks.errors == 0
            assert {key: int(resource_version_of(obj)) for key, obj in processing.indexer.items()} == model
            continue
        if what == "replace" and processing.fifo.has_synced() and len(processing.fifo) == 0 and len(processing.indexer):
            model = dict.fromkeys(names, version)
            processing.fifo.replace([pod(name, version) for name in names], str(version))
        elif what == "update":
            model[names[0]] = version
            processing.fifo.update(pod(names[0], version))
        elif what == "delete" and names[0] in model:
            del model[names[0]]
            processing.fifo.delete(pod(names[0], version))
        after[version] = dict(model)
    assert sink.sequences == sorted(sink.sequences)


def test_nobody_sees_half_a_list() -> None:
    seen: list[list[str]] = []
    processing = Processing(pod("a", 1), pod("b", 1), pod("c", 1))

    def look(obj: Object) -> Sequence[str]:
        seen.append(sorted(show(each) for each in processing.indexer.list()))
        return ()

    processing.indexer.add_indexers({"look": look})
    seen.clear()
    processing.fifo.update(pod("a", 2))
    processing.fifo.replace([pod("b", 3), pod("c", 1), pod("d", 3)], "3")
    processing.fifo.update(pod("e", 4))
    processing.drain()
    before, between, at_last = ["a@1", "b@1", "c@1"], ["a@2", "b@1", "c@1"], ["b@3", "c@1", "d@3"]
    assert [each for each, _ in groupby(seen)] == [before, between, at_last]


class Broken:
    def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
        raise LookupError("sink")

    def on_gap(self, since: float, until: float, cause: str) -> None:
        raise LookupError("sink")


@pytest.mark.usefixtures("crashes")
def test_a_sink_that_fails_harms_nobody() -> None:
    indexer = Indexer()
    told: list[Notifications] = []
    sink = Sink()
    recorder = StatusRecorder(FakeClock())
    sinks = SinkSet((Broken(), sink), recorder)
    processor = DeltaProcessor(indexer, told.append, sinks, lambda obj, error: None)
    fifo = DeltaFIFO(known_objects=indexer)
    fifo.add(pod("a", 1))
    fifo.drain(processor.process)
    sinks.on_gap(1.0, 2.0, "expired")
    assert sinks.errors == 2
    assert [(error.source, error.message) for error in recorder.snapshot().errors] == [("sink Broken", "sink")] * 2
    assert sink.seen == ["Added a@1 was None", "gap expired"]
    assert len(told) == 1


class Odd(dict[str, Any]):
    """An object that cannot be looked into any more."""

    broken = False

    def get(self, key: str, default: Any = None) -> Any:
        if self.broken:
            raise LookupError("odd")
        return super().get(key, default)


def test_an_object_that_cannot_be_processed_is_refused_and_nothing_stops() -> None:
    indexer = Indexer()
    refused: list[str] = []
    told: list[Notifications] = []
    processor = DeltaProcessor(
        indexer, told.append, SinkSet((), StatusRecorder(FakeClock())), lambda obj, error: refused.append(str(error))
    )
    fifo = DeltaFIFO(known_objects=indexer)
    odd = Odd(pod("odd", 1))
    fifo.add(odd)
    fifo.drain(processor.process)
    fifo.add(odd)
    fifo.add(pod("b", 2))
    odd.broken = True
    fifo.drain(processor.process)
    assert refused == ["odd"]
    assert [*indexer.list_keys()] == ["odd", "b"]


def test_C4_handlers_hear_only_of_what_was_applied() -> None:
    def transform(obj: Object) -> Object:
        if show(obj).startswith("bad"):
            raise ValueError("rejected")
        return obj

    recorder = Recorder()
    listed = [pod("a", 1), pod("bad", 2), pod("c", 3)]
    informer = SharedInformer(FakeListerWatcher([ObjectList(listed, "3")]), transform=transform)
    informer.add_event_handler(recorder.on_add)
    informer.start()
    assert informer.wait_for_sync(5)
    assert recorder.wait_for(2) == ["add a@1", "add c@3"]
    assert informer.status.quarantined == 1
    informer.stop()


def test_C5_the_version_of_the_store_follows_every_event() -> None:
    stream = FakeStream()
    informer = SharedInformer(FakeListerWatcher([ObjectList([pod("a", 1)], "5")], [stream]))
    informer.start()
    assert informer.wait_for_sync(5)
    for change, version in ((modified("a", 6), "6"), (added("b", 7), "7"), (deleted("a", 8), "8")):
        stream.send(change)
        eventually(lambda version=version: informer.indexer.resource_version == version)  # type: ignore[misc]
    informer.stop()


def test_C6_random_changes_arrive_as_legal_histories() -> None:
    """Three writers change a server at random; every handler sees only what can be, and the end is equal."""
    chance = random.Random(7)
    lock = threading.Lock()
    server: dict[str, dict[str, Any]] = {}
    stream = FakeStream()
    version = [10]
    informer = SharedInformer(FakeListerWatcher([ObjectList([], "10")], [stream]), resync_period=1.0)
    held: dict[str, str] = {}
    illegal: list[str] = []

    def on_add(obj: Object, initial: bool) -> None:
        name = obj["metadata"]["name"]
        if name in held:
            illegal.append(f"add {name}")
        held[name] = show(obj)

    def on_update(old: Object, new: Object) -> None:
        name = new["metadata"]["name"]
        if held.get(name) != show(old):
            illegal.append(f"update {show(old)} but held {held.get(name)}")
        held[name] = show(new)

    def on_delete(obj: Object | DeletedFinalStateUnknown) -> None:
        if held.pop(deletion_handling_key(obj), None) is None:
            illegal.append(f"delete {show(obj)}")

    informer.add_event_handler(on_add, on_update, on_delete)
    informer.start()

    def write(numbers: list[int]) -> None:
        for number in numbers:
            with lock:
                version[0] += 1
                name = f"pod-{number % 20}"
                obj = pod(name, version[0])
                if name not in server:
                    server[name] = obj
                    stream.send(event("ADDED", obj))
                elif number % 3:
                    server[name] = obj
                    stream.send(event("MODIFIED", obj))
                else:
                    del server[name]
                    stream.send(event("DELETED", obj))

    threads = [threading.Thread(target=write, args=([chance.randrange(1000) for _ in range(300)],)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {name: show(obj) for name, obj in server.items()}
    eventually(lambda: informer.indexer.resource_version == str(version[0]))
    eventually(lambda: held == expected)
    assert illegal == []
    assert {key: show(informer.indexer.get_by_key(key)) for key in informer.indexer.list_keys()} == expected
    assert informer.stop(60) == ()


def test_C7_what_was_transformed_is_never_transformed_again() -> None:
    def transform(obj: Object) -> Object:
        name = obj["metadata"]["name"]
        return pod(f"{name}!", obj["metadata"]["resourceVersion"])

    heard = Recorder()
    stream = FakeStream()
    informer = SharedInformer(FakeListerWatcher([ObjectList([pod("a", 1)], "1")], [stream]), transform=transform)
    informer.add_event_handler(heard.on_add, heard.on_update, heard.on_delete)
    informer.start()
    assert informer.wait_for_sync(5)
    assert informer._fifo is not None
    informer._fifo.resync()
    stream.send(modified("a", 2))
    assert heard.wait_for(2) == ["add a!@1", "update a!@1 a!@2"]
    assert [*informer.indexer.list_keys()] == ["a!"]
    informer.stop()


def test_C8_keys_and_names_with_and_without_objects() -> None:
    for obj in (
        pod("name", 1, "ns"),
        DeletedFinalStateUnknown("ns/name", pod("other")),
        DeletedFinalStateUnknown("ns/name", None),
    ):
        assert deletion_handling_key(obj) == "ns/name"
        assert deletion_handling_name(obj) == ("ns", "name")
    with pytest.raises(ValueError, match="a/b/c"):
        deletion_handling_name(DeletedFinalStateUnknown("a/b/c", None))


def test_a_cancelled_batch_is_left() -> None:
    processing = Processing()
    processing.fifo.replace([pod("a", 1)], "1")
    processing.processor.cancelled = True
    assert processing.drain() == []

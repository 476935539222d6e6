import threading
from collections.abc import Callable
from typing import Any

import pytest

from kwatch.informer import (
    DeletedFinalStateUnknown,
    DeltaFIFO,
    Deltas,
    DeltaType,
    Indexer,
    Object,
    ObjectKeyError,
    QueueClosed,
)
from tests.informer.fakes import PATIENCE, pod, show


def known(*objects: Object) -> Indexer:
    indexer = Indexer()
    for obj in objects:
        indexer.add(obj)
    return indexer


def pop(fifo: DeltaFIFO) -> list[str]:
    """`Added(foo@1)` for each delta of the next key."""
    return [f"{delta.type}({show(delta.object)})" for delta in fifo.pop(lambda deltas, initial: None)]


def pop_all(fifo: DeltaFIFO) -> list[list[str]]:
    return [pop(fifo) for _ in range(len(fifo))]


def test_D1_each_producer_keeps_its_order() -> None:
    fifo = DeltaFIFO()

    def produce(name: str) -> None:
        for number in range(500):
            fifo.add(pod(f"{name}{number}", number))

    producers = [threading.Thread(target=produce, args=(name,)) for name in ("a", "b")]
    for producer in producers:
        producer.start()
    for producer in producers:
        producer.join()
    names = [deltas[0] for deltas in pop_all(fifo)]
    for name in ("a", "b"):
        assert [each for each in names if each.startswith(f"Added({name}")] == [
            f"Added({name}{number}@{number})" for number in range(500)
        ]


def test_D1_a_key_keeps_its_first_place_and_goes_to_the_back_when_added_again() -> None:
    fifo = DeltaFIFO()
    for name, version in (("foo", 10), ("bar", 1), ("foo", 11), ("foo", 13), ("zab", 30)):
        fifo.add(pod(name, version))
    assert pop(fifo) == ["Added(foo@10)", "Added(foo@11)", "Added(foo@13)"]
    fifo.add(pod("foo", 14))
    assert [deltas[-1] for deltas in pop_all(fifo)] == ["Added(bar@1)", "Added(zab@30)", "Added(foo@14)"]


def test_D2_changes_of_a_key_pile_up() -> None:
    fifo = DeltaFIFO()
    fifo.add(pod("foo", 10))
    fifo.update(pod("foo", 12))
    fifo.delete(pod("foo", 15))
    assert len(fifo) == 1
    assert pop(fifo) == ["Added(foo@10)", "Updated(foo@12)", "Deleted(foo@15)"]
    assert len(fifo) == 0


def test_D3_a_replace_keeps_the_deletion_that_waits() -> None:
    fifo = DeltaFIFO(known_objects=known(pod("foo", 1)))
    fifo.delete(pod("foo", 1))
    fifo.replace([pod("foo", 2)], "0")
    assert pop(fifo) == ["Deleted(foo@1)", "Replaced(foo@2)"]


def test_D3_replace_infers_deletions_from_the_queue_and_from_what_is_known() -> None:
    fifo = DeltaFIFO(known_objects=known(pod("foo", 5), pod("bar", 6), pod("baz", 7)))
    fifo.delete(pod("baz", 10))
    fifo.update(pod("new", 9))
    fifo.replace([pod("foo", 5)], "0")
    assert pop_all(fifo) == [
        ["Deleted(baz@10)"],
        ["Updated(new@9)", "Deleted(T(new, new@9))"],
        ["Replaced(foo@5)"],
        ["Deleted(T(bar, bar@6))"],
    ]


def test_D3_of_two_deletions_the_one_with_an_object_is_kept() -> None:
    fifo = DeltaFIFO()
    fifo.add(pod("foo", 1))
    fifo.delete(DeletedFinalStateUnknown("foo", pod("foo", 1)))
    fifo.delete(pod("foo", 2))
    fifo.delete(DeletedFinalStateUnknown("foo", pod("foo", 1)))
    assert pop(fifo) == ["Added(foo@1)", "Deleted(foo@2)"]


def test_D6_deleting_what_nobody_knows_is_dropped() -> None:
    fifo = DeltaFIFO(known_objects=known())
    fifo.delete(pod("baz", 1))
    assert len(fifo) == 0
    without = DeltaFIFO()
    without.delete(pod("baz", 1))
    assert len(without) == 0


def test_D6_deleting_what_is_known_is_queued() -> None:
    fifo = DeltaFIFO(known_objects=known(pod("baz", 1)))
    fifo.delete(pod("baz", 2))
    assert pop(fifo) == ["Deleted(baz@2)"]


def test_D6_deleting_what_is_only_queued_is_queued() -> None:
    fifo = DeltaFIFO(known_objects=known())
    fifo.add(pod("baz", 1))
    fifo.delete(pod("baz", 2))
    assert pop(fifo) == ["Added(baz@1)", "Deleted(baz@2)"]


def test_deleting_what_is_in_work_is_queued() -> None:
    fifo = DeltaFIFO(known_objects=known())
    fifo.add(pod("baz", 1))
    fifo.pop(lambda deltas, initial: fifo.delete(pod("baz", 2)))
    assert pop(fifo) == ["Deleted(baz@2)"]


def test_replace_infers_the_deletion_of_what_is_in_work() -> None:
    fifo = DeltaFIFO(known_objects=known())
    fifo.add(pod("baz", 1))
    fifo.pop(lambda deltas, initial: fifo.replace([], "9"))
    assert pop(fifo) == ["Deleted(T(baz, baz@1))"]


def test_resync_leaves_alone_what_is_in_work() -> None:
    fifo = DeltaFIFO(known_objects=known(pod("baz", 1)))
    fifo.update(pod("baz", 2))
    fifo.pop(lambda deltas, initial: fifo.resync())
    assert len(fifo) == 0


def test_D7_resync_hands_out_what_is_known() -> None:
    fifo = DeltaFIFO(known_objects=known(pod("foo", 5)))
    fifo.resync()
    assert pop_all(fifo) == [["Sync(foo@5)"]]


@pytest.mark.parametrize("change", [DeltaFIFO.delete, DeltaFIFO.update])
def test_D7_resync_adds_nothing_behind_a_change_that_waits(change: Callable[[DeltaFIFO, Any], None]) -> None:
    fifo = DeltaFIFO(known_objects=known(pod("foo", 5)))
    change(fifo, pod("foo", 6))
    fifo.resync()
    [deltas] = pop_all(fifo)
    assert len(deltas) == 1
    assert "foo@6" in deltas[0]


@pytest.mark.parametrize(("emit_replaced", "type_"), [(True, "Replaced"), (False, "Sync")])
def test_D8_what_a_replace_is_called(emit_replaced: bool, type_: str) -> None:
    fifo = DeltaFIFO(emit_replaced=emit_replaced)
    fifo.replace([pod("foo", 5)], "0")
    assert pop(fifo) == [f"{type_}(foo@5)"]


def test_D9_each_incoming_object_is_transformed_once_and_tombstones_never() -> None:
    seen: list[str] = []

    def transform(obj: Object) -> Object:
        seen.append(show(obj))
        return obj

    fifo = DeltaFIFO(known_objects=known(pod("old", 1)), transform=transform)
    fifo.add(pod("foo", 1))
    fifo.update(pod("foo", 2))
    fifo.delete(pod("foo", 3))
    fifo.replace([pod("bar", 4)], "4")
    fifo.delete(DeletedFinalStateUnknown("bar", pod("bar", 4)))
    fifo.resync()
    assert seen == ["foo@1", "foo@2", "foo@3", "bar@4"]
    assert [deltas[-1] for deltas in pop_all(fifo)] == [
        "Deleted(foo@3)",
        "Deleted(T(bar, bar@4))",
        "Deleted(T(old, old@1))",
    ]


def test_D10_synced_only_after_something_came_and_the_first_list_was_popped() -> None:
    assert not DeltaFIFO().has_synced()
    added = DeltaFIFO()
    added.add(pod("a", 1))
    assert added.has_synced()
    empty = DeltaFIFO()
    empty.replace([], "0")
    assert empty.has_synced()
    fifo = DeltaFIFO()
    fifo.replace([pod("a", 1), pod("b", 2)], "0")
    states = [fifo.has_synced()]
    for _ in range(2):
        pop(fifo)
        states.append(fifo.has_synced())
    assert states == [False, False, True]


def test_D10_tombstones_of_the_first_list_count() -> None:
    fifo = DeltaFIFO(known_objects=known(pod("foo", 1), pod("bar", 1), pod("baz", 1)))
    fifo.replace([pod("foo", 2)], "0")
    initial: list[bool] = []
    for _ in range(3):
        assert not fifo.has_synced()
        fifo.pop(lambda deltas, is_in_initial_list: initial.append(is_in_initial_list))
    assert fifo.has_synced()
    assert initial == [True, True, True]
    fifo.add(pod("later", 3))
    fifo.pop(lambda deltas, is_in_initial_list: initial.append(is_in_initial_list))
    assert initial[-1] is False


def test_not_synced_while_the_last_key_is_in_work() -> None:
    fifo = DeltaFIFO()
    fifo.replace([pod("a", 1)], "0")
    states: list[bool] = []
    fifo.pop(lambda deltas, initial: states.append(fifo.has_synced()))
    assert [*states, fifo.has_synced()] == [False, True]


def test_D11_close_wakes_everybody_who_pops() -> None:
    fifo = DeltaFIFO()
    closed = threading.Barrier(11)

    def consume() -> None:
        with pytest.raises(QueueClosed):
            fifo.pop(lambda deltas, initial: None)
        closed.wait(PATIENCE)

    for _ in range(10):
        threading.Thread(target=consume, daemon=True).start()
    fifo.close()
    closed.wait(PATIENCE)


def test_D11_a_closed_queue_is_emptied_first() -> None:
    fifo = DeltaFIFO()
    fifo.add(pod("a", 1))
    fifo.close()
    assert pop(fifo) == ["Added(a@1)"]
    with pytest.raises(QueueClosed):
        pop(fifo)


def test_D11_keys_of_everything_that_is_queued() -> None:
    fifo = DeltaFIFO()
    fifo.add(pod("a", 1, "ns"))
    deltas = fifo.pop(lambda deltas, initial: None)
    tombstone = DeletedFinalStateUnknown("ns/a", None)
    assert fifo.key_of(pod("a", 1, "ns")) == fifo.key_of(tombstone) == fifo.key_of(deltas) == "ns/a"
    ended = Deltas([*deltas, type(deltas.newest)(DeltaType.DELETED, tombstone, 9, 0.0)])
    assert fifo.key_of(ended) == "ns/a"
    with pytest.raises(KeyError):
        fifo.key_of(Deltas())


def test_drain_takes_everything_in_the_order_of_pop() -> None:
    fifo = DeltaFIFO()
    fifo.replace([pod("a", 1), pod("b", 2)], "2")
    fifo.update(pod("a", 3))
    fifo.update(pod("c", 4))
    taken: list[tuple[list[str], int]] = []
    assert fifo.drain(lambda batch: taken.append(([*batch.deltas], batch.initial)))
    assert taken == [(["a", "b", "c"], 2)]
    assert fifo.has_synced()
    assert not fifo.drain(lambda batch: None)


def test_what_process_raises_comes_out_and_the_item_is_gone() -> None:
    fifo = DeltaFIFO()
    fifo.add(pod("a", 1))

    def fail(deltas: Deltas, initial: bool) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        fifo.pop(fail)
    assert len(fifo) == 0


def test_deltas_are_stamped_in_order_of_arrival() -> None:
    fifo = DeltaFIFO()
    fifo.add(pod("a", 1))
    fifo.add(pod("b", 2))
    fifo.update(pod("a", 3))
    first, second = (fifo.pop(lambda deltas, initial: None) for _ in range(2))
    assert first.oldest.sequence < second.oldest.sequence < first.newest.sequence
    assert first.oldest.received_at > 1_600_000_000


def test_without_a_key_there_is_an_error_and_nothing_is_queued() -> None:
    fifo = DeltaFIFO()
    with pytest.raises(ObjectKeyError):
        fifo.add({"spec": {}})
    assert len(fifo) == 0


def test_X3_a_refused_object_is_reported_and_its_predecessor_is_not_taken_for_deleted() -> None:
    def transform(obj: Object) -> Object:
        if show(obj) == "bad@2":
            raise ValueError("cannot")
        return obj

    refused: list[str] = []
    fifo = DeltaFIFO(
        known_objects=known(pod("bad", 1)),
        transform=transform,
        on_refused=lambda obj, error: refused.append(f"{show(obj)} {error}"),
    )
    fifo.replace([pod("good", 1), pod("bad", 2)], "2")
    assert refused == ["bad@2 cannot"]
    assert pop_all(fifo) == [["Replaced(good@1)"]]
    fifo.delete(pod("bad", 2))
    assert pop_all(fifo) == [["Deleted(T(bad, bad@1))"]]


def test_a_full_queue_asks_the_producer_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kwatch.informer.delta_fifo.ROOM", 10_000)
    fifo = DeltaFIFO()
    for number in range(4):
        fifo.add(pod(f"a{number}", 1))
    going_on = threading.Event()

    def produce() -> None:
        fifo.wait_for_room()
        going_on.set()

    threading.Thread(target=produce, daemon=True).start()
    assert not going_on.wait(0.05)
    pop_all(fifo)
    assert going_on.wait(PATIENCE)
    assert fifo.size == 0


def test_who_waits_for_room_may_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kwatch.informer.delta_fifo.ROOM", 1000)
    fifo = DeltaFIFO()
    fifo.add(pod("a", 1))
    stop = threading.Event()
    waiting = threading.Thread(target=fifo.wait_for_room, args=(stop,), daemon=True)
    waiting.start()
    stop.set()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()


@pytest.mark.parametrize("result", [None, "text", 7, ["list"]])
def test_a_transform_that_returns_no_object_loses_nothing(result: Any) -> None:
    refused: list[str] = []
    fifo = DeltaFIFO(
        transform=lambda obj: result if obj["metadata"]["name"] == "bad" else obj,
        on_refused=lambda obj, error: refused.append(f"{show(obj)} {error}"),
    )
    fifo.replace([pod("bad", 1), pod("good", 1)], "1")
    fifo.update(pod("bad", 2))
    fifo.append([(DeltaType.ADDED, pod("other", 3)), (DeltaType.UPDATED, pod("bad", 4))])
    assert pop_all(fifo) == [["Replaced(good@1)"], ["Added(other@3)"]]
    expected = f"the transform returned {type(result).__name__} where an object (a Mapping) is expected"
    assert refused == [f"bad@{version} {expected}" for version in (1, 2, 4)]


def test_nothing_is_gone_that_a_list_lacks_which_is_not_whole() -> None:
    indexer = Indexer()
    indexer.replace([pod("a", 1), pod("b", 1), pod("c", 1)])
    refused: list[Any] = []
    fifo = DeltaFIFO(known_objects=indexer, on_refused=lambda obj, error: refused.append(obj))
    told: list[str] = []
    fifo.replace([pod("a", 2), {"metadata": {"uid": "b"}}], "2")
    assert fifo.drain(lambda batch: told.extend(batch.deltas))
    assert (told, len(refused)) == (["a"], 1)
    fifo.replace([pod("a", 2)], "3", whole=False)
    fifo.drain(lambda batch: told.extend(batch.deltas))
    assert told == ["a", "a"]
    fifo.replace([pod("a", 3)], "4")
    fifo.drain(lambda batch: told.extend(batch.deltas))
    assert told == ["a", "a", "a", "b", "c"]


def test_of_two_objects_with_one_key_in_a_list_the_last_counts() -> None:
    fifo = DeltaFIFO()
    fifo.replace([pod("a", 2), pod("b", 3), pod("a", 4)], "5")
    [first, second] = [fifo.pop(lambda deltas, initial: None) for _ in range(2)]
    assert [show(delta.object) for delta in first] == ["a@4"]
    assert [show(delta.object) for delta in second] == ["b@3"]

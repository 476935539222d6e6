import gc
import queue as queues
import threading
import weakref

import pytest

from kwatch.informer import DelayingQueue, QueueClosed, QueueEmpty, QueueMetrics, WorkQueue
from tests.informer.fakes import PATIENCE, FakeClock, eventually


class Touched:
    """A first-in-first-out order that counts touches."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.touched: list[str] = []

    def push(self, item: str) -> None:
        self.items.append(item)

    def touch(self, item: str) -> None:
        self.touched.append(item)

    def pop(self) -> str:
        return self.items.pop(0)

    def __len__(self) -> int:
        return len(self.items)


def test_Q1_what_is_added_twice_is_worked_on_once() -> None:
    order = Touched()
    queue: WorkQueue[str] = WorkQueue(order=order)
    for item in ("foo", "bar", "foo"):
        queue.add(item)
    assert len(queue) == 2
    assert [queue.get(), queue.get()] == ["foo", "bar"]
    assert len(queue) == 0
    assert order.touched == ["foo"]


def test_Q2_no_item_is_with_two_workers() -> None:
    order = Touched()
    queue: WorkQueue[str] = WorkQueue(order=order)
    queue.add("foo")
    assert queue.get() == "foo"
    queue.add("foo")
    queue.add("foo")
    assert len(queue) == 0
    taken: list[str] = []
    second = threading.Thread(target=lambda: taken.append(queue.get()), daemon=True)
    second.start()
    second.join(0.02)
    assert taken == []
    queue.done("foo")
    second.join(PATIENCE)
    assert taken == ["foo"]
    queue.done("foo")
    assert len(queue) == 0
    assert order.touched == []


@pytest.mark.parametrize("drain", [False, True])
def test_Q3_many_producers_and_workers(drain: bool) -> None:
    queue: WorkQueue[int] = WorkQueue()
    again: set[int] = set()
    worked: list[int] = []
    lock = threading.Lock()

    def produce(number: int) -> None:
        for step in range(20):
            queue.add(number * 20 + step)

    def work() -> None:
        while True:
            try:
                item = queue.get()
            except QueueClosed:
                return
            with lock:
                worked.append(item)
                first = item not in again
                again.add(item)
            if first:
                queue.add(item)
            queue.done(item)

    workers = [threading.Thread(target=work, daemon=True) for _ in range(10)]
    producers = [threading.Thread(target=produce, args=(number,)) for number in range(50)]
    for thread in (*workers, *producers):
        thread.start()
    for thread in producers:
        thread.join(PATIENCE)
    eventually(lambda: len(worked) == 2000)
    if drain:
        queue.shut_down_with_drain()
    else:
        queue.shut_down()
    queue.add(9999)
    for thread in workers:
        thread.join(PATIENCE)
    assert len(queue) == 0
    assert 9999 not in worked
    assert sorted(worked) == sorted([*range(1000), *range(1000)])


def test_Q5_a_shut_down_waits_for_nobody_and_ends_a_drain() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("foo")
    queue.get()
    drained = threading.Event()

    def drain() -> None:
        queue.shut_down_with_drain()
        drained.set()

    threading.Thread(target=drain, daemon=True).start()
    assert not drained.wait(0.02)
    queue.shut_down()
    assert drained.wait(PATIENCE)


def test_Q5_a_drain_ends_when_the_last_item_is_done() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("foo")
    queue.add("bar")
    queue.get()
    drained = threading.Event()

    def drain() -> None:
        queue.shut_down_with_drain()
        drained.set()

    threading.Thread(target=drain, daemon=True).start()
    queue.done("foo")
    assert queue.get() == "bar"
    assert not drained.wait(0.02)
    queue.done("bar")
    assert drained.wait(PATIENCE)
    with pytest.raises(QueueClosed):
        queue.get()


def test_what_is_queued_is_handed_out_after_the_shut_down() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("foo")
    queue.shut_down()
    queue.add("bar")
    assert queue.get() == "foo"
    with pytest.raises(QueueClosed):
        queue.get()


class Item:
    pass


def test_Q6_nothing_is_kept_of_what_is_done() -> None:
    queue: WorkQueue[Item] = WorkQueue()
    item = Item()
    alive = weakref.ref(item)
    queue.add(item)
    del item
    taken = queue.get()
    queue.done(taken)
    del taken
    gc.collect()
    assert alive() is None


def test_Q11_metrics() -> None:
    clock = FakeClock()
    metrics = QueueMetrics(clock)
    queue: WorkQueue[str] = WorkQueue(metrics=metrics)
    before = threading.enumerate()
    queue.add("foo")
    clock.now += 50e-6
    assert metrics.snapshot()["depth"] == 1
    assert queue.get() == "foo"
    assert metrics.snapshot()["latency"] == pytest.approx(5e-5)
    for _ in range(5):
        queue.add("foo")
    clock.now += 25e-6
    running = metrics.snapshot()
    assert running["unfinished_work"] == running["longest_running"] == pytest.approx(2.5e-5)
    queue.done("foo")
    numbers = metrics.snapshot()
    assert (numbers["adds"], numbers["depth"], numbers["unfinished_work"]) == (2, 1, 0)
    assert numbers["work_duration"] == pytest.approx(2.5e-5)
    queue.shut_down()
    assert not {*threading.enumerate()} - {*before}, "nobody counts in a thread of its own"


def test_done_counts_only_for_who_has_the_item() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    assert queue.get() == "a"
    queue.add("a")
    queue.done("a")
    queue.done("a")
    assert len(queue) == 1


def test_who_waits_for_an_item_may_say_how_long() -> None:
    queue: WorkQueue[str] = WorkQueue()
    with pytest.raises(QueueEmpty, match="nothing was queued within 0 s"):
        queue.get(0)
    with pytest.raises(TimeoutError):
        queue.get(timeout=0.001)
    with pytest.raises(queues.Empty):
        queue.get(timeout=-1)
    queue.add("foo")
    assert queue.get(0) == "foo"
    queue.shut_down()
    with pytest.raises(QueueClosed):
        queue.get(0)


def test_an_item_that_comes_in_time_ends_the_waiting() -> None:
    queue: WorkQueue[str] = WorkQueue()
    taken: list[str] = []
    worker = threading.Thread(target=lambda: taken.append(queue.get(PATIENCE)), daemon=True)
    worker.start()
    queue.add("foo")
    worker.join(PATIENCE)
    assert taken == ["foo"]


@pytest.mark.parametrize("kind", [WorkQueue, DelayingQueue])
def test_a_drain_may_say_how_long(kind: type[WorkQueue[str]]) -> None:
    queue = kind()
    queue.add("foo")
    assert queue.get() == "foo"
    assert not queue.shut_down_with_drain(timeout=0.001)
    queue.add("bar")
    assert len(queue) == 0, "it takes nothing more, although the drain was given up"
    queue.done("foo")
    assert queue.shut_down_with_drain(timeout=0)


def test_a_drain_that_is_given_up_does_not_end_another() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("foo")
    queue.get()
    drained: list[bool] = []
    other = threading.Thread(target=lambda: drained.append(queue.shut_down_with_drain(PATIENCE)), daemon=True)
    other.start()
    eventually(lambda: queue.shutting_down)
    assert not queue.shut_down_with_drain(timeout=0)
    queue.done("foo")
    other.join(PATIENCE)
    assert drained == [True]

import threading

from kwatch.informer import DelayingQueue
from tests.informer.fakes import SteppedClock, eventually


def take(queue: DelayingQueue[str]) -> str:
    item = queue.get()
    queue.done(item)
    return item


def test_Q7_nothing_is_early() -> None:
    clock = SteppedClock()
    queue: DelayingQueue[str] = DelayingQueue(clock=clock)
    queue.add_after("foo", 0.05)
    clock.wait_for_waiters()
    assert len(queue) == 0
    clock.step(0.04)
    clock.wait_for_waiters()
    assert (len(queue), queue.waiting) == (0, 1)
    clock.step(0.02)
    assert take(queue) == "foo"
    queue.shut_down()


def test_Q7_items_come_in_the_order_of_their_times() -> None:
    clock = SteppedClock()
    queue: DelayingQueue[str] = DelayingQueue(clock=clock)
    for name, seconds in (("slow", 1.0), ("middle", 0.5), ("fast", 0.25)):
        queue.add_after(name, seconds)
    taken = []
    for _ in range(3):
        clock.wait_for_waiters()
        clock.step(0.25)
        eventually(lambda: len(queue) == 1 or clock.now == 1000.75)
        if len(queue):
            taken.append(take(queue))
    clock.wait_for_waiters()
    clock.step(0.25)
    taken.append(take(queue))
    assert taken == ["fast", "middle", "slow"]
    queue.shut_down()


def test_Q7_a_later_short_delay_overtakes_an_earlier_long_one() -> None:
    clock = SteppedClock()
    queue: DelayingQueue[str] = DelayingQueue(clock=clock)
    queue.add_after("long", 60.0)
    clock.wait_for_waiters()
    queue.add_after("short", 1.0)
    eventually(lambda: queue.waiting == 2)
    clock.step(1.0)
    assert take(queue) == "short"
    assert queue.waiting == 1
    queue.shut_down()


def test_of_several_times_the_earliest_holds() -> None:
    clock = SteppedClock()
    queue: DelayingQueue[str] = DelayingQueue(clock=clock)
    queue.add_after("foo", 10.0)
    queue.add_after("foo", 1.0)
    queue.add_after("foo", 5.0)
    assert queue.waiting == 1
    clock.step(1.0)
    assert take(queue) == "foo"
    clock.wait_for_waiters()
    clock.step(20.0)
    eventually(lambda: queue.waiting == 0)
    assert len(queue) == 0
    queue.shut_down()


def test_no_delay_is_at_once_and_a_shut_down_ends_the_thread() -> None:
    queue: DelayingQueue[str] = DelayingQueue()
    queue.add_after("now", 0)
    assert take(queue) == "now"
    queue.add_after("later", 1000.0)
    [thread] = [each for each in threading.enumerate() if each is queue._thread]
    queue.shut_down()
    thread.join(60)
    assert not thread.is_alive()
    assert queue.waiting == 0
    queue.add_after("never", 0.001)
    assert queue.waiting == 0

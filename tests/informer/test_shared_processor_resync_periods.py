"""Rows S of the conformance table: resyncs."""

from tests.informer.fakes import (
    SteppedClock,
    eventually,
    pod,
)
from tests.informer.informed import Informed, listen


def test_S1_every_handler_has_its_own_resync_period() -> None:
    clock = SteppedClock()
    informed = Informed(pod("pod-1", 1), pod("pod-2", 2), clock=clock, resync_period=1.0)
    never, two, three = (listen(informed.informer, resync_period=period) for period in (0, 2.0, 3.0))
    ticks: list[bool] = []
    should_resync = informed.informer._handlers.should_resync

    def noted() -> bool:
        ticks.append(should_resync())
        return ticks[-1]

    informed.informer._handlers.should_resync = noted  # type: ignore[method-assign]

    def tick() -> None:
        count = len(ticks)
        clock.wait_for_waiters()
        clock.step(1.0)
        eventually(lambda: len(ticks) == count + 1)

    with informed:
        for recorder in (never, two, three):
            assert sorted(recorder.wait_for(2)) == ["add pod-1@1", "add pod-2@2"]
        tick()
        tick()
        assert sorted(two.wait_for(4)[2:]) == ["update pod-1@1 pod-1@1", "update pod-2@2 pod-2@2"]
        assert len(three.told) == 2
        tick()
        assert sorted(three.wait_for(4)[2:]) == ["update pod-1@1 pod-1@1", "update pod-2@2 pod-2@2"]
        assert (len(two.told), len(never.told)) == (4, 2)
    assert ticks == [False, True, True]


def test_a_resync_is_heard_although_the_next_look_comes_before_its_deltas() -> None:
    clock = SteppedClock()
    informed = Informed(clock=clock, resync_period=1.0)
    registration = informed.informer.add_event_handler(resync_period=2.0)
    clock.step(2.0)
    assert registration.look_at_clock(clock.monotonic(), 10)
    assert not registration.look_at_clock(clock.monotonic(), 20)
    assert [registration.hears_resync(sequence) for sequence in (8, 10, 18, 20)] == [False, True, True, False]


def test_S2_a_shorter_period_lowers_the_check_before_the_start() -> None:
    hours = 12 * 3600.0
    informer = Informed(resync_period=hours).informer
    checks = []
    for period in (0.0, 60.0, 55.0, 5.0, 0.2):
        informer.add_event_handler(resync_period=period)
        checks.append(informer._handlers.periods.check)
    assert checks == [hours, 60.0, 55.0, 5.0, 1.0]
    assert [each.resync_period for each in informer._handlers.stop()] == [0.0, 60.0, 55.0, 5.0, 1.0]


def test_S2_after_the_start_a_shorter_period_is_raised() -> None:
    with Informed(resync_period=30.0) as informed:
        registration = informed.informer.add_event_handler(resync_period=5.0)
        assert registration.resync_period == 30.0
        assert informed.informer.add_event_handler(resync_period=60.0).resync_period == 60.0

import pytest

from kwatch.informer import (
    BucketRateLimiter,
    ExponentialFailureRateLimiter,
    FastSlowRateLimiter,
    MaxOfRateLimiter,
    RateLimitingQueue,
    WithMaxWaitRateLimiter,
    default_rate_limiter,
)
from tests.informer.fakes import FakeClock, SteppedClock, eventually


def test_Q9_delays_double_with_every_failure() -> None:
    limiter = ExponentialFailureRateLimiter(base=0.001, cap=1.0)
    assert [limiter.when("one") for _ in range(5)] == [0.001, 0.002, 0.004, 0.008, 0.016]
    assert (limiter.num_requeues("one"), limiter.num_requeues("two")) == (5, 0)
    assert limiter.when("two") == 0.001
    limiter.forget("one")
    assert limiter.num_requeues("one") == 0
    assert limiter.when("one") == 0.001


def test_Q9_a_thousand_failures_stay_at_the_cap() -> None:
    limiter = ExponentialFailureRateLimiter(base=0.001, cap=1.0)
    delays = [limiter.when("one") for _ in range(2000)]
    assert delays[-1000:] == [1.0] * 1000


def test_Q9_the_queue_adds_after_exactly_those_delays() -> None:
    clock = SteppedClock()
    queue: RateLimitingQueue[str] = RateLimitingQueue(ExponentialFailureRateLimiter(0.001, 1.0), clock=clock)
    for delay in (0.001, 0.002, 0.004):
        queue.add_rate_limited("one")
        clock.wait_for_waiters()
        clock.step(delay * 0.9)
        clock.wait_for_waiters()
        assert len(queue) == 0
        clock.step(delay * 0.2)
        assert queue.get() == "one"
        queue.done("one")
    assert queue.num_requeues("one") == 3
    queue.forget("one")
    assert queue.num_requeues("one") == 0
    queue.shut_down()


def test_Q10_fast_then_slow() -> None:
    limiter = FastSlowRateLimiter(fast=0.005, slow=10.0, attempts=3)
    assert [limiter.when("one") for _ in range(5)] == [0.005] * 3 + [10.0] * 2
    limiter.forget("one")
    assert limiter.when("one") == 0.005


def test_Q10_the_worst_of_several_and_never_above_a_cap() -> None:
    worst = MaxOfRateLimiter(FastSlowRateLimiter(0.005, 3.0, 3), ExponentialFailureRateLimiter(0.001, 1.0))
    assert [worst.when("one") for _ in range(4)] == [0.005, 0.005, 0.005, 3.0]
    assert worst.num_requeues("one") == 4
    capped = WithMaxWaitRateLimiter(worst, 0.5)
    assert capped.when("one") == 0.5
    capped.forget("one")
    assert capped.num_requeues("one") == 0
    assert capped.when("one") == 0.005


def test_a_bucket_lets_a_burst_through_and_then_so_many_a_second() -> None:
    clock = FakeClock()
    bucket = BucketRateLimiter(rate=10.0, burst=3, clock=clock)
    assert [bucket.when("x") for _ in range(5)] == pytest.approx([0, 0, 0, 0.1, 0.2])
    clock.now += 0.3
    assert bucket.when("x") == pytest.approx(0.0)
    clock.now += 100.0
    assert [bucket.when("x") for _ in range(4)] == pytest.approx([0, 0, 0, 0.1])
    assert bucket.num_requeues("x") == 0


def test_the_default_is_the_worse_of_failures_and_a_bucket() -> None:
    limiter = default_rate_limiter(FakeClock())
    assert limiter.when("one") == 0.005
    assert [limiter.when("one") for _ in range(40)][-1] == 1000.0
    for number in range(59):
        limiter.when(number)
    assert limiter.when("fresh") == pytest.approx(0.1)
    eventually(lambda: limiter.num_requeues("one") == 41)

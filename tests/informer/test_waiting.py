import threading

from kwatch.informer import Signal, wait_for
from tests.informer.fakes import FakeClock


def test_S16_names_exactly_what_did_not_happen() -> None:
    signals = {"soon": Signal(), "never": Signal(), "at once": Signal()}
    signals["at once"].set()
    threading.Timer(0.01, signals["soon"].set).start()
    stop = Signal()
    result: list[object] = []
    waiter = threading.Thread(target=lambda: result.append(wait_for(signals, stop=stop)), daemon=True)
    waiter.start()
    assert signals["soon"].wait(60)
    waiter.join(0.02)
    assert result == []
    stop.set()
    waiter.join(60)
    [outcome] = result
    assert not outcome
    assert (outcome.unfinished, outcome.reason) == (("never",), "stopped")  # type: ignore[attr-defined]


def test_S16_reacts_to_the_last_signal_and_leaves_no_thread() -> None:
    signals = {"one": Signal(), "two": Signal()}
    before = threading.active_count()
    timers = [threading.Timer(delay, signals[name].set) for delay, name in ((0.01, "one"), (0.02, "two"))]
    for each in timers:
        each.start()
    assert wait_for(signals, timeout=60)
    for each in timers:
        each.join(60)
    assert threading.active_count() <= before
    assert all(signal._callbacks == [] for signal in signals.values())


def test_S16_a_timeout_has_a_reason() -> None:
    clock = FakeClock()
    outcome = wait_for({"never": Signal()}, timeout=60.0, clock=clock)
    assert (bool(outcome), outcome.unfinished, outcome.reason) == (False, ("never",), "timed out")
    assert clock.waits == [60.0]


def test_a_signal_calls_once_and_at_once_if_it_is_set() -> None:
    signal = Signal()
    called: list[str] = []
    forgotten = lambda: called.append("forgotten")  # noqa: E731
    signal.on_set(lambda: called.append("before"))
    signal.on_set(forgotten)
    signal.forget(forgotten)
    signal.set()
    signal.set()
    signal.on_set(lambda: called.append("after"))
    assert called == ["before", "after"]

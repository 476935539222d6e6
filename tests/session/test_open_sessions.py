"""Which contexts are meant, how many are connected to at once, and which sessions stay warm."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from kwatch.informer.clock import SystemClock
from kwatch.session.open_sessions import MOST_CONTEXTS, WARM, OpenSessions, Turns, chosen_contexts
from kwatch.session.state import ConnectionPhase, SessionState
from tests.waiting import wait_until

THERE = ("prod-eu", "prod-us", "dev", "odd,name")


class Clock(SystemClock):
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Opened:
    """A session as far as this goes."""

    background = None

    def __init__(self, context: str) -> None:
        self.context = context
        self.state = SessionState(ConnectionPhase.CONNECTING, context=context)
        self.started = self.retried = 0
        self.closed = False

    def on_news(self, callback: object) -> None: ...

    def start(self) -> None:
        self.started += 1

    def retry_now(self) -> None:
        self.retried += 1

    def close(self) -> tuple[str, ...]:
        self.closed = True
        return ()

    def connect(self) -> None:
        self.state = SessionState(ConnectionPhase.CONNECTED, context=self.context)


def sessions(clock: Clock) -> tuple[Any, list[Any]]:
    made: list[Any] = []

    def opened(context: str | None) -> Any:
        made.append(Opened(context or "prod-eu"))
        return made[-1]

    return OpenSessions(opened, clock, lambda: None), made


def test_names_patterns_and_commas_mean_each_context_once_in_the_order_given() -> None:
    assert chosen_contexts("dev", THERE) == ("dev",)
    assert chosen_contexts("prod-us, prod-eu,prod-us", THERE) == ("prod-us", "prod-eu")
    assert chosen_contexts("dev,prod-*", THERE) == ("dev", "prod-eu", "prod-us")
    assert chosen_contexts("odd,name", THERE) == ("odd,name",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prod-eu,dve", "There is no context 'dve'; did you mean 'dev'?"),
        ("nix", "There is no context 'nix'; there are"),
        ("x*", "No context matches 'x*'; there are"),
        ("dev,", "lacks beside a comma"),
    ],
)
def test_what_is_not_there_is_said(text: str, says: str) -> None:
    with pytest.raises(ValueError) as caught:
        chosen_contexts(text, THERE)
    assert says in str(caught.value)


def test_of_two_hundred_only_so_many_stand_in_one_table() -> None:
    there = [f"cluster-{number}" for number in range(200)]
    assert chosen_contexts("cluster-199", there) == ("cluster-199",)
    assert len(chosen_contexts("cluster-1?", there)) == 10
    with pytest.raises(ValueError, match=f"means 200 contexts; {MOST_CONTEXTS} at most"):
        chosen_contexts("*", there)


def test_the_leading_one_is_the_first_that_was_connected_and_stays_it() -> None:
    opened, made = sessions(Clock())
    opened.show(("b", "a"))
    assert opened.contexts == ("a", "b") and [each.context for each in made] == ["a", "b"]
    assert opened.leading is made[0]
    made[1].connect()
    assert opened.leading is made[1]
    made[0].connect()
    assert opened.leading is made[1]


def test_what_was_left_is_there_at_once_for_a_while_and_then_closed() -> None:
    clock = Clock()
    opened, made = sessions(clock)
    opened.show((None,))
    made[0].connect()
    opened.show(("dev",))
    clock.now += WARM - 1
    opened.close_cold()
    opened.show(("prod-eu",))  # that which the user's files name
    assert len(made) == 2 and opened.leading is made[0] and made[0].started == 1
    clock.now += WARM
    opened.close_cold()
    wait_until(lambda: made[1].closed)
    assert not made[0].closed and opened.all == (made[0],)
    opened.show(("dev", "prod-eu"))
    assert len(made) == 3 and opened.contexts == ("dev", "prod-eu")


def test_one_that_fails_is_tried_again_at_once_when_it_is_asked_for() -> None:
    opened, made = sessions(Clock())
    opened.show(("a", "b"))
    made[0].state = SessionState(ConnectionPhase.FAILED, context="a")
    opened.show(("a",))
    assert made[0].retried == 1 and made[0].started == 1


def test_so_many_have_their_turn_at_once_and_who_takes_long_is_not_waited_for() -> None:
    clock, stop, entered, leave = Clock(), threading.Event(), list[int](), threading.Event()
    turns = Turns(clock, at_once=2, patience=5.0)

    def work(number: int) -> None:
        with turns.turn(stop):
            entered.append(number)
            leave.wait(60)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(entered) == 2)
    assert len(entered) == 2
    clock.now += 6.0  # both take very long
    wait_until(lambda: len(entered) == 4)
    leave.set()
    for thread in threads:
        thread.join(60)


def test_who_is_to_stop_waits_for_no_turn() -> None:
    clock, stop = Clock(), threading.Event()
    turns = Turns(clock, at_once=1)
    with turns.turn(stop):
        stop.set()
        with turns.turn(stop):
            assert True

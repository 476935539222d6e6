"""Several contexts at once: none waits for another, and each says what becomes of it."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import cast

import pytest

from kwatch.base.threads import Crashes
from kwatch.cli.running import Labelled, in_each
from kwatch.informer.clock import SystemClock
from kwatch.output.opening import Run, StreamError
from kwatch.output.waiting import Agreement
from kwatch.session.session import Session
from tests.output.changes import FixedClock


def runs(*contexts: str, said: list[str] | None = None) -> list[Run]:
    stop, told = threading.Event(), said if said is not None else []
    return [
        Run(cast(Session, None), lambda text, name=name: told.append(f"{name}: {text}"), SystemClock(), stop, name)  # type: ignore[misc]
        for name in contexts
    ]


def test_none_waits_for_another() -> None:
    meet = threading.Barrier(3)

    def ask(run: Run) -> str:
        meet.wait(60)  # only if all are asked at once
        return run.context.upper()

    assert in_each(runs("c", "a", "b"), ask) == {"c": "C", "a": "A", "b": "B"}


def test_one_that_cannot_is_said_and_left_out() -> None:
    said: list[str] = []

    def ask(run: Run) -> int:
        if run.context == "b":
            raise StreamError("nobody is there")
        return 1

    assert in_each(runs("a", "b", said=said), ask) == {"a": 1}
    assert said == ["b: nobody is there"]
    with pytest.raises(StreamError, match="nobody is there"):
        in_each(runs("b"), ask)  # one alone says it its own way


class Leaping(SystemClock):
    """A second for each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 1.0
        return self.now


def test_it_is_said_once_whom_all_wait_for() -> None:
    said: list[str] = []
    told, asked = threading.Event(), [replace(each, clock=Leaping()) for each in runs("a", "b")]

    def complain(text: str) -> None:
        said.append(text)
        told.set()

    asked[1] = replace(asked[1], complain=complain)

    def ask(run: Run) -> bool:
        return run.context == "a" or told.wait(60)  # b answers when it was said that it is late

    assert in_each(asked, ask) == {"a": True, "b": True}
    assert said == ["no answer yet; it is waited for"]


@pytest.mark.parametrize("error", [ValueError("wrong words"), OSError(28, "no space left"), KeyError("a mistake")])
def test_what_nobody_foresaw_ends_all(error: Exception, crashes: Crashes) -> None:
    asked = runs("a", "b")

    def ask(run: Run) -> None:
        if run.context == "b":
            raise error
        run.stop.wait(60)

    with pytest.raises(type(error)):
        in_each(asked, ask)
    assert asked[0].stop.is_set()


def test_lines_say_where_they_are_from_if_there_are_several() -> None:
    several, alone = Labelled(["eu", "prod-us"]), Labelled([""])
    assert several.line("eu", "~ changed") == "eu       ~ changed" and several.line("prod-us", "x") == "prod-us  x"
    assert alone.line("", "  as it is ") == "  as it is "
    assert Labelled(["a\x1b", "b"]).line("a\x1b", "x").isprintable()
    assert json.loads(Labelled(["eu", "us"], as_json=True).line("us", '{"a": 1}')) == {"context": "us", "a": 1}
    assert Labelled([""], as_json=True).line("", '{"a": 1}') == '{"a": 1}'


class Hand(FixedClock):
    def monotonic(self) -> float:
        return self.now


def test_it_must_hold_in_all_at_once_and_without_a_pause() -> None:
    clock = Hand()
    clock.now = 0.0
    agreement = Agreement(["a", "b"], 10.0, 60.0, clock)
    assert not agreement.holds("a", True)
    clock.now = 20.0
    assert not agreement.holds("b", True)  # only now in both
    clock.now = 29.0
    assert not agreement.holds("a", False) and not agreement.holds("a", True)  # a pause: from the beginning
    clock.now = 38.0
    assert not agreement.holds("b", True)
    clock.now = 39.0
    assert agreement.holds("b", True)
    assert agreement.holds("a", False)  # the others are told that it was reached
    assert not agreement.is_late
    clock.now = 60.0
    assert agreement.is_late

"""The way one came."""

from __future__ import annotations

from typing import Any, cast

from kwatch.tui.location import Location
from kwatch.tui.navigation import NavigationHistory, Opened, Visit
from tests.tui.fakes import NODES, PODS


def table() -> Visit:
    return Visit(Location(PODS, "shop"))


def an_object() -> Visit:
    return Visit(Location(NODES), Opened(cast("Any", None), "node-1", "yaml"))


def test_back_and_forward() -> None:
    trail = NavigationHistory()
    assert trail.here is None and trail.step(-1) is None and trail.last() is None
    here, there = table(), table()
    trail.visit(here)
    trail.visit(there)
    assert trail.step(-1) is here
    assert trail.step(-1) is None and not trail.can_step(-1)
    assert trail.step(1) is there
    assert trail.step(1) is None


def test_a_new_stay_forgets_what_lay_ahead() -> None:
    trail = NavigationHistory()
    here, there, elsewhere = table(), table(), table()
    for visit in (here, there):
        trail.visit(visit)
    trail.step(-1)
    trail.visit(elsewhere)
    assert trail.step(1) is None
    assert trail.step(-1) is here


def test_the_last_stay_is_there_and_back() -> None:
    trail = NavigationHistory()
    here, there, elsewhere = table(), table(), table()
    for visit in (here, there, elsewhere):
        trail.visit(visit)
    trail.step(-1)
    trail.step(-1)
    assert trail.last() is there
    assert trail.last() is here
    assert trail.step(1) is there, "what lay ahead is still there"


def test_a_last_stay_that_was_cut_off_is_gone_to_anew() -> None:
    trail = NavigationHistory()
    here, there, elsewhere = table(), table(), table()
    trail.visit(here)
    trail.visit(there)
    trail.step(-1)
    trail.visit(elsewhere)
    trail.step(-1)
    trail.visit(table())
    assert trail.last() is here


def test_objects_are_stays_above_their_table() -> None:
    trail = NavigationHistory()
    below, first, second = table(), an_object(), an_object()
    for visit in (below, first, second):
        trail.visit(visit)
    assert trail.below(second) is below and trail.below(below) is below
    trail.leave(first)
    assert trail.here is second, "only the one on top can be closed"
    trail.leave(second)
    assert trail.here is first
    assert trail.step(1) is second


def test_the_trail_is_bounded() -> None:
    trail = NavigationHistory()
    first = table()
    trail.visit(first)
    for _ in range(NavigationHistory.LIMIT + 50):
        trail.visit(an_object())
    steps = 0
    while trail.step(-1) is not None:
        steps += 1
    assert steps == NavigationHistory.LIMIT - 1
    assert trail.here is not None and trail.below(trail.here) is None

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kwatch.simulator.engine.world import Agenda, Process


def test_nothing_runs_before_it_is_due() -> None:
    agenda = Agenda()
    done: list[str] = []
    agenda.at(10.0, lambda: done.append("later"))
    assert not agenda.run_due(9.9)
    assert agenda.run_due(10.0)
    assert done == ["later"]
    assert not agenda.run_due(99.0)


@given(st.lists(st.floats(0, 100)))
def test_what_is_due_runs_in_order_of_time_and_then_of_planning(dues: list[float]) -> None:
    agenda = Agenda()
    done: list[tuple[float, int]] = []
    for index, due in enumerate(dues):
        agenda.at(due, lambda entry=(due, index): done.append(entry))  # type: ignore[misc]
    while agenda.run_due(100.0):
        pass
    assert done == sorted((due, index) for index, due in enumerate(dues))


def test_a_process_waits_as_long_as_it_asks() -> None:
    agenda = Agenda()
    now = [0.0]
    seen: list[float] = []

    def life() -> Process:
        seen.append(now[0])
        yield 2.0
        seen.append(now[0])
        yield 3.0
        seen.append(now[0])

    agenda.spawn(life(), 1.0, lambda: now[0])
    for moment in (0.5, 1.0, 2.9, 3.0, 5.9, 6.0):
        now[0] = moment
        agenda.run_due(moment)
    assert seen == [1.0, 3.0, 6.0]
    assert len(agenda) == 0


def test_lateness_is_that_of_the_earliest_action() -> None:
    agenda = Agenda()
    assert agenda.lateness(5.0) == 0.0
    agenda.at(3.0, lambda: None)
    agenda.at(1.0, lambda: None)
    assert agenda.lateness(5.0) == 4.0
    assert agenda.lateness(0.0) == 0.0

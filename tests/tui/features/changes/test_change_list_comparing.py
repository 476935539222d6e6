"""The thread that compares."""

from __future__ import annotations

import threading

import pytest

from kwatch.history.journal import Journal
from kwatch.history.version import Moment
from kwatch.tui.features.changes.change_list import Comparing, ViewOptions
from tests.history.objects import Feeder, pod
from tests.waiting import wait_until


def compared(count: int) -> tuple[Journal, Feeder, Comparing]:
    journal = Journal()
    pods = Feeder(journal.sink("ctx", "pods"))
    for number in range(count):
        pods.add(pod(f"p{number}", number + 1, uid=str(number)))
    return journal, pods, Comparing(journal.baseline_diff({"ctx"}, Moment(0, 0.0)), ViewOptions())


def test_it_shows_what_there_is_then_what_arrives_and_ends() -> None:
    journal, pods, comparing = compared(50)
    wait_until(lambda: comparing.changes.total == 50 and comparing.progress is None)
    assert comparing.through == journal.last_sequence
    pods.delete(pod("p7", 99, uid="7"))
    comparing.look()
    wait_until(lambda: comparing.changes.total == 49)
    comparing.ask(ViewOptions(words="p42"))
    wait_until(lambda: [line.title.strip() for line in comparing.changes.lines] == ["shop/p42"])
    comparing.close()
    wait_until(lambda: not comparing._thread.is_alive())
    journal.close()


@pytest.mark.parametrize("count", [0, 300])
def test_it_can_be_closed_at_any_time(count: int) -> None:
    journal, _, comparing = compared(count)
    comparing.close()
    wait_until(lambda: comparing._thread not in threading.enumerate())
    journal.close()

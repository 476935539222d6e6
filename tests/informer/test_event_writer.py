"""Events become changes in the order in which they came, with the version that was reached."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kwatch.informer.event_writer import EventWriter, ObjectIntake
from kwatch.informer.metadata import name_of, resource_version_of
from kwatch.informer.protocol import WatchEvent
from kwatch.informer.reflector_store import Change
from kwatch.informer.status import Quarantine, StatusRecorder
from tests.informer.fakes import FakeClock, added, bookmark, deleted, modified


class Target:
    def __init__(self) -> None:
        self.heard: list[tuple[list[str], str]] = []

    def append(self, changes: Sequence[Change], version: str) -> None:
        self.heard.append(([f"{type_} {name_of(obj)}@{resource_version_of(obj)}" for type_, obj in changes], version))


def writer(target: Target, start: str) -> EventWriter:
    clock = FakeClock()
    recorder = StatusRecorder(clock)
    return EventWriter(target, ObjectIntake(recorder, Quarantine(clock, recorder), None, None), recorder, start)


def test_a_batch_is_written_in_the_order_in_which_it_came() -> None:
    target = Target()
    writing = writer(target, "9")
    assert writing.write([added("b", 10), added("a", 11), modified("b", 12), deleted("a", 13), added("a", 14)]) == 5
    assert target.heard == [
        (["Added b@10", "Added a@11", "Updated b@12", "Deleted a@13", "Added a@14"], "14"),
    ]
    assert writing.version == "14"


def test_the_last_version_wins_whatever_its_number() -> None:
    target = Target()
    writing = writer(target, "100")
    writing.write([modified("a", 120), modified("b", 7)])
    assert (target.heard[0][1], writing.version) == ("7", "7")


@pytest.mark.parametrize("start", ["", "0"])
@pytest.mark.parametrize("turn", [modified("a", 30), deleted("a", 30)])
def test_from_no_version_additions_come_in_no_order_until_something_else_happens(start: str, turn: WatchEvent) -> None:
    target = Target()
    writing = writer(target, start)
    writing.write([added("a", 20), added("b", 3)])
    assert (target.heard[-1][1], writing.version) == ("", start)
    writing.write([turn])
    assert (target.heard[-1][1], writing.version) == ("30", "30")
    writing.write([added("c", 31)])
    assert (target.heard[-1][1], writing.version) == ("31", "31")


def test_a_bookmark_ends_that_too() -> None:
    target = Target()
    writing = writer(target, "")
    writing.write([added("a", 20), bookmark(25)])
    writing.write([added("b", 26)])
    assert [version for _, version in target.heard] == ["25", "26"]

"""The states of a reflector: a table that is whole, and steps that are not in it are mistakes."""

from __future__ import annotations

import threading

import pytest

from kwatch.informer import Indexer, ObjectList, Phase, Reflector
from kwatch.informer.reflector_state import PHASES, TRANSITIONS, WAITS, State, check_transition
from kwatch.informer.status import StatusRecorder
from tests.informer.fakes import (
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    modified,
    pod,
    quick_backoff,
    refusal,
    show,
    status_event,
)


def test_every_state_has_what_follows_it_and_what_it_looks_like() -> None:
    assert set(TRANSITIONS) == set(PHASES) == set(State)
    assert set(PHASES.values()) == set(Phase)


def test_every_state_but_the_first_can_be_reached() -> None:
    reached = {after for follow in TRANSITIONS.values() for after in follow} | WAITS | {State.STOPPED}
    assert set(State) - reached == {State.EMPTY}


@pytest.mark.parametrize("before", State)
def test_a_wait_and_the_end_may_follow_anything(before: State) -> None:
    for after in (*WAITS, State.STOPPED, before):
        check_transition(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [(State.EMPTY, State.WATCHING), (State.LISTING, State.WATCHING), (State.STOPPED, State.WATCHING)],
)
def test_nothing_is_watched_that_was_not_listed(before: State, after: State) -> None:
    with pytest.raises(RuntimeError, match=f"from {before.name} to {after.name}"):
        check_transition(before, after)


@pytest.mark.parametrize("code", [403, 404, 405])
def test_an_error_that_names_two_reasons_is_no_mistake_of_ours(code: int) -> None:
    stop = threading.Event()
    watches = [refusal(code, "TooManyRequests"), FakeStream([modified("a", 2), status_event(410, "Expired")])]
    lister_watcher = FakeListerWatcher([ObjectList([pod("a", 1)], "1")], watches)
    store = Indexer()
    Reflector(lister_watcher, store, clock=FakeClock(), backoff=quick_backoff(), streaming=False).list_and_watch(stop)
    assert [show(obj) for obj in store.list()] == ["a@2"]


def test_a_wait_in_turn_is_seen_and_leaves_the_state() -> None:
    recorder = StatusRecorder(FakeClock())
    recorder.enter(State.LISTING)
    recorder.waits_in_turn = True
    assert (recorder.snapshot().phase, recorder.state) == (Phase.BACKING_OFF, State.LISTING)
    recorder.waits_in_turn = False
    assert recorder.snapshot().phase is Phase.LISTING


def test_the_way_of_a_reflector(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    way: list[State] = []
    enter = StatusRecorder.enter

    def noted(recorder: StatusRecorder, state: State) -> None:
        enter(recorder, state)
        way.append(state)
        if way.count(State.WATCHING) == 2:
            stop.set()

    monkeypatch.setattr(StatusRecorder, "enter", noted)
    lists = [refusal(403, "Forbidden"), ObjectList([], "1"), ObjectList([], "2")]
    watches = [FakeStream([status_event(410, "Expired")]), FakeStream()]
    lister_watcher = FakeListerWatcher(lists, watches)
    clock = FakeClock()
    Reflector(lister_watcher, Indexer(), clock=clock, backoff=quick_backoff(), streaming=False).run(stop)
    assert way == [
        *(State.LISTING, State.FORBIDDEN),
        *(State.LISTING, State.LISTED, State.WATCHING, State.BACKING_OFF),
        *(State.LISTING, State.LISTED, State.WATCHING, State.STOPPED),
    ]

"""As fresh as the worst of what is watched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from kwatch.informer.status import Phase
from kwatch.session.state import RECORDING
from kwatch.tui.kit.widgets.header import Mood, worst_freshness
from tests.tui.fakes import NODES, PODS, FakeSession

if TYPE_CHECKING:
    from kwatch.session.session import Session


def told(session: FakeSession) -> tuple[str, Mood]:
    words, mood, _ = worst_freshness([cast("Session", session)], 100.0)
    return words, mood


def test_live_while_everything_is() -> None:
    session = FakeSession()
    assert told(session) == ("nothing is watched", Mood.STALE)
    for feed in (session.feed(PODS), session.feed(NODES, None)):
        feed.set_status(last_event_at=99.0)
    assert told(session) == ("live", Mood.LIVE)
    session.close()


def test_what_is_worst_is_named() -> None:
    session = FakeSession()
    session.feed(PODS).set_status(last_event_at=99.0)
    session.feed(NODES, None).set_status(phase=Phase.FORBIDDEN, synced_at=None)
    words, mood = told(session)
    assert words.startswith("nodes: ") and mood is Mood.FAILED
    session.close()


def test_a_recording_is_never_live() -> None:
    session = FakeSession()
    session.feed(PODS)
    session.state = replace(session.state, version=RECORDING)
    assert told(session) == ("recorded", Mood.PAST)
    session.close()

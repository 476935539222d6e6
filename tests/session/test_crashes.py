"""Whatever escapes from a session's threads is counted and said, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.base.threads import Crashes
from kwatch.informer.clock import SystemClock
from kwatch.session import session as session_module
from kwatch.session.informer_pool import InformerPool
from kwatch.session.metrics import UsageFeed
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase
from tests.informer.fakes import FakeClock
from tests.session.fake_cluster import PODS, FakeCluster
from tests.waiting import wait_until


class Impatient(SystemClock):
    """Nothing is waited for longer than a hundredth of a second."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(min(seconds, 0.01))


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


@pytest.fixture
def closing() -> Iterator[list[Session]]:
    opened: list[Session] = []
    yield opened
    for each in opened:
        assert each.close(60) == ()


def test_a_mistake_while_connecting_is_a_state_and_tried_again(
    crashes: Crashes, cluster: FakeCluster, closing: list[Session]
) -> None:
    errors = [RuntimeError("Could not determine home directory."), KeyError("clusters"), RecursionError()]
    states: list[str] = []

    def connect() -> FakeCluster:
        if errors:
            raise errors.pop(0)
        return cluster

    session = Session(connect, clock=Impatient())
    session.on_change(lambda: states.append(f"{session.state.phase}: {session.state.message}"))
    closing.append(session)
    session.start()
    wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
    assert states[0] == "failed: internal error in session: RuntimeError: Could not determine home directory."
    assert states[1] == "failed: internal error in session: KeyError: 'clusters'"
    assert crashes.counts == {"session": 3}


def test_a_thread_that_crashes_while_connecting_is_a_state_too(
    crashes: Crashes, cluster: FakeCluster, closing: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even what is done about an error may leave everybody waiting."""

    class Backoff:
        broken = True

        def next(self) -> float:
            broken, Backoff.broken = self.broken, False
            return 1 / 0 if broken else 0.0

    monkeypatch.setattr(session_module, "Backoff", Backoff)
    cluster.refusal = OSError("no route")
    failed = threading.Event()
    session = Session(lambda: cluster, clock=Impatient())
    session.on_change(lambda: failed.set() if session.state.phase is ConnectionPhase.FAILED else None)
    closing.append(session)
    session.start()
    assert failed.wait(60)
    cluster.refusal = None
    wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
    assert crashes.counts == {"session": 1}


def test_housekeeping_goes_on(
    crashes: Crashes, cluster: FakeCluster, closing: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = threading.Semaphore(0)

    def drop(self: Any) -> None:
        looks.release()
        raise KeyError("an index")

    monkeypatch.setattr(InformerPool, "drop_unused_indices", drop)
    session = Session(lambda: cluster, clock=Impatient())
    closing.append(session)
    session.start()
    for _ in range(3):
        assert looks.acquire(timeout=60)
    assert session.state.phase is ConnectionPhase.CONNECTED
    assert not cluster.closed.is_set()
    assert session.open(PODS).indexer is not None


def test_who_listens_may_fail(crashes: Crashes, cluster: FakeCluster, closing: list[Session]) -> None:
    def fail() -> None:
        raise LookupError("no screen any more")

    session = Session(lambda: cluster, on_change=fail)
    closing.append(session)
    session.start()
    wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
    assert crashes.total >= 1
    assert not cluster.closed.is_set()


def test_who_fetches_hears_of_a_mistake_and_it_is_reported(
    crashes: Crashes, cluster: FakeCluster, closing: list[Session]
) -> None:
    session = Session(lambda: cluster)
    closing.append(session)
    session.start()
    wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
    told: list[object] = []
    session.fetch(lambda cluster: dict[str, str]()["status"], told.append)
    wait_until(lambda: told)
    assert str(told[0]) == "internal error in session: KeyError: 'status'"
    assert crashes.total == 1


def test_measurements_go_on_and_say_why_there_were_none(crashes: Crashes) -> None:
    answers = iter([TypeError("nobody foresaw this")])
    errors: list[str] = []

    def ask(path: str) -> bytes:
        for error in answers:
            raise error
        errors.append(feed.error)
        return b'{"items": []}'

    feed = UsageFeed(ask, "/metrics", FakeClock())
    feed.start()
    wait_until(lambda: feed.version > 0)
    feed.release()
    assert errors[0] == "internal error: TypeError: nobody foresaw this"
    assert feed.error == ""
    assert crashes.counts == {"metrics": 1}

"""Start, open and close in any order, from several threads at once: nothing hangs, nothing outlives the close."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history.journal import Journal
from kwatch.informer.clock import SystemClock
from kwatch.informer.errors import ApiError, Closed
from kwatch.session.informer_pool import Feed, InformerPool
from kwatch.session.metrics import UsagePool
from kwatch.session.ports import Watched
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase
from tests.session.fake_cluster import NODES, PODS, FakeCluster
from tests.waiting import wait_until

OPERATIONS = ("start", "open", "release", "retry", "fetch", "usage", "idle", "close")


class World:
    """A session over a fake cluster, and what was opened of it."""

    def __init__(self, failures: int) -> None:
        self.clusters: list[FakeCluster] = []
        self.journal = Journal()
        self.session = Session(self._connect, journal=self.journal)
        self._failures = failures
        self._feeds: list[Feed] = []
        self.opened: list[Any] = []

    def _connect(self) -> FakeCluster:
        cluster = FakeCluster()
        self.clusters.append(cluster)
        if len(self.clusters) <= self._failures:
            cluster.refusal = ApiError(0, "ConnectionRefused", "connection refused")
        return cluster

    def do(self, operation: str) -> None:
        session = self.session
        with suppress(Closed):
            match operation:
                case "start":
                    session.start()
                case "open":
                    feed = session.open(PODS if len(self._feeds) % 2 else NODES)
                    self.opened.append(feed.informer)
                    self._feeds.append(feed)
                case "release":
                    with suppress(IndexError):
                        self._feeds.pop().release()
                case "retry":
                    session.retry_now()
                case "fetch":
                    session.fetch(lambda cluster: cluster.version(), lambda answer: None)
                case "usage":
                    session.usages.open("/apis/metrics.k8s.io/v1beta1/pods")
                case "idle":
                    session.informers()
                case _:
                    session.close()


def threads_since(before: list[threading.Thread]) -> list[str]:
    """Kwatch's own that were not there before: other tests may leave some behind."""
    return [each.name for each in threading.enumerate() if each not in before and each.name.startswith("kwatch-")]


def at_once(scripts: list[list[str]], do: Callable[[str], None]) -> None:
    """Each script in a thread of its own, all begun together."""
    barrier = threading.Barrier(len(scripts))
    escaped: list[BaseException] = []

    def run(script: list[str]) -> None:
        barrier.wait()
        try:
            for each in script:
                do(each)
        except BaseException as error:  # noqa: BLE001 - whatever it is fails the test
            escaped.append(error)

    workers = [threading.Thread(target=run, args=(script,), daemon=True) for script in scripts]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)
        assert not each.is_alive(), "it hangs"
    assert escaped == []


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.sampled_from(OPERATIONS), max_size=8), min_size=1, max_size=4),
    st.integers(0, 1),
    st.booleans(),
)
def test_whatever_the_order_a_close_is_the_end(scripts: list[list[str]], failures: int, connected: bool) -> None:
    before = threading.enumerate()
    world = World(failures)
    session = world.session
    if connected and not failures:
        session.start()
        wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
    at_once(scripts, world.do)
    assert session.close(60) == ()
    assert session.close(60) == ()
    session.start()
    assert session.state.phase is ConnectionPhase.CLOSED
    with pytest.raises(Closed):
        session.open(PODS)
    assert session.informers() == ()
    world.journal.close()
    wait_until(lambda: not threads_since(before))
    assert all(informer.stopped for informer in world.opened)
    assert all(cluster.closed.is_set() for cluster in world.clusters)
    assert session.state.phase is ConnectionPhase.CLOSED


def test_a_cluster_that_was_still_being_asked_does_not_reopen_a_closed_session() -> None:
    """CONNECTED used to be written over CLOSED."""
    asked, go_on = threading.Event(), threading.Event()

    class Slow(FakeCluster):
        def version(self) -> str:
            asked.set()
            go_on.wait(60)
            return "v1.36.2"

    session = Session(Slow)
    session.start()
    assert asked.wait(60)
    closing = threading.Thread(target=session.close, args=(10,), daemon=True)
    closing.start()
    wait_until(lambda: session.state.phase is ConnectionPhase.CLOSED)
    go_on.set()
    closing.join(60)
    assert not closing.is_alive()
    assert session.state.phase is ConnectionPhase.CLOSED
    with pytest.raises(Closed):
        session.open(PODS)


def test_a_failure_that_comes_late_is_none() -> None:
    before = threading.enumerate()
    connecting, go_on = threading.Event(), threading.Event()

    def connect() -> FakeCluster:
        connecting.set()
        go_on.wait(60)
        raise ValueError("no kubeconfig")

    session = Session(connect)
    session.start()
    assert connecting.wait(60)
    assert session.close(0.01) == ("kwatch-session",)
    go_on.set()
    wait_until(lambda: not threads_since(before))
    assert (session.state.phase, session.state.message) == (ConnectionPhase.CLOSED, "")


def test_a_session_may_be_closed_by_who_listens_to_it() -> None:
    before = threading.enumerate()
    session = Session(FakeCluster)
    closed: list[object] = []
    session.on_change(lambda: closed.append(session.close()))
    session.start()
    wait_until(lambda: not threads_since(before))
    assert closed == [()]


def test_nothing_is_started_in_a_pool_that_has_ended() -> None:
    pool = InformerPool(FakeCluster(), SystemClock())
    assert pool.stop(60) == ()
    with pytest.raises(Closed):
        pool.open(Watched(PODS))
    usages = UsagePool(lambda path: b"{}", SystemClock())
    usages.stop()
    with pytest.raises(Closed):
        usages.open("/metrics")


def test_a_feed_that_is_released_twice_is_released_once() -> None:
    session = Session(FakeCluster)
    session.start()
    wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
    first, second = session.open(PODS), session.open(PODS)
    first.release()
    first.release()
    assert [each.users for each in session.informers()] == [1]
    second.release()
    assert session.close(60) == ()


def closed_while(cluster: FakeCluster, step: str) -> Session:
    """One that is closed by somebody else while its thread does a step of connecting."""
    session: Session

    def connect() -> FakeCluster:
        if step == "connect":
            session.close()
        return cluster

    def version() -> str:
        if step == "version":
            session.close()
        return "v1.36.2"

    cluster.version = version  # type: ignore[method-assign]
    session = Session(connect)
    session.start()
    wait_until(lambda: session.state.phase is ConnectionPhase.CLOSED)
    assert session.close(60) == ()
    return session


def test_a_cluster_that_comes_after_the_close_is_closed_and_asked_nothing() -> None:
    cluster = FakeCluster()
    session = closed_while(cluster, "connect")
    assert cluster.closed.is_set()
    assert (cluster.discoveries, session.context) == (0, "")


def test_what_is_found_out_after_the_close_opens_nothing() -> None:
    cluster = FakeCluster()
    session = closed_while(cluster, "version")
    assert cluster.closed.is_set() and cluster.discoveries == 1
    assert session._pool is None
    assert session.state.phase is ConnectionPhase.CLOSED

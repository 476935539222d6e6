"""A session connects by itself, keeps trying, and shares what it watches."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from kwatch.history.journal import Journal
from kwatch.informer.clock import FakeClock
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.packing import FRESH
from kwatch.informer.protocol import WatchEvent
from kwatch.session.informer_pool import Feed, InformerPool
from kwatch.session.memory import HOUSEKEEPING, Rest
from kwatch.session.ports import Watched
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase
from tests.informer.fakes import SteppedClock
from tests.session.fake_cluster import NODES, PODS, FakeCluster, thing
from tests.waiting import wait_until


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


@pytest.fixture
def session(cluster: FakeCluster) -> Iterator[Session]:
    made = Session(lambda: cluster)
    made.start()
    wait_until(lambda: made.state.phase is ConnectionPhase.CONNECTED)
    yield made
    assert made.close(60) == ()


def test_a_connected_session_knows_where_it_is_and_what_there_is(session: Session) -> None:
    state = session.state
    assert (state.context, state.namespace, state.server, state.version) == (
        "blue",
        "shop",
        "https://blue.example",
        "v1.36.2",
    )
    assert state.failed_groups == (("metrics.k8s.io/v1beta1", "the server is down"),)
    assert session.names is not None
    assert session.names.resolve("po") == (PODS,)


def test_what_the_user_can_mend_is_told_and_tried_again(cluster: FakeCluster) -> None:
    broken = threading.Event()
    broken.set()

    def connect() -> FakeCluster:
        if broken.is_set():
            raise ValueError("no kubeconfig: set KUBECONFIG")
        return cluster

    changes = threading.Semaphore(0)
    session = Session(connect, on_change=changes.release)
    session.start()
    try:
        assert changes.acquire(timeout=60)
        assert session.state.phase is ConnectionPhase.FAILED
        assert session.state.message == "no kubeconfig: set KUBECONFIG"
        assert session.state.configuration_error
        assert session.state.retry_at is not None
        broken.clear()
        session.retry_now()
        wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
        assert session.state.message == ""
    finally:
        assert session.close(60) == ()


def test_a_refusing_server_is_a_state_and_its_connection_is_closed(cluster: FakeCluster) -> None:
    cluster.refusal = ApiError(0, "ConnectionRefused", "connection refused by blue.example")
    session = Session(lambda: cluster)
    session.start()
    try:
        wait_until(lambda: session.state.phase is ConnectionPhase.FAILED)
        assert session.state.message == "connection refused by blue.example"
        assert not session.state.configuration_error
        assert cluster.closed.is_set()
    finally:
        assert session.close(60) == ()


def test_nothing_can_be_opened_before_it_is_connected() -> None:
    with pytest.raises(Closed):
        Session(FakeCluster).open(PODS, "shop")


def test_two_views_of_the_same_share_an_informer_and_both_see_everything(
    session: Session, cluster: FakeCluster
) -> None:
    first = session.open(PODS, "shop")
    wait_until(first.informer.has_synced)
    assert first.drain() == {"shop/web"}
    second = session.open(PODS, "shop")
    assert second.informer is first.informer
    assert second.drain() == {"shop/web"}
    assert len(cluster.plain) == 1
    other = session.open(PODS, "shop", label_selector="app=web")
    assert other.informer is not first.informer


def test_a_namespace_means_nothing_to_what_has_none(session: Session) -> None:
    assert session.open(NODES, "shop").watched.namespace is None


def test_fetch_hands_over_the_result_or_the_error(session: Session) -> None:
    results: list[object] = []
    arrived = threading.Semaphore(0)

    def done(result: object) -> None:
        results.append(result)
        arrived.release()

    def fail(cluster: object) -> None:
        raise ApiError(404, "NotFound", "gone")

    session.fetch(lambda cluster: cluster.get(PODS, "web", "shop").name, done)
    assert arrived.acquire(timeout=60)
    session.fetch(fail, done)
    assert arrived.acquire(timeout=60)
    assert results[0] == "web"
    assert isinstance(results[1], ApiError)


def test_logs_come_from_the_cluster(session: Session) -> None:
    with pytest.raises(ApiError, match="no logs here"):
        session.logs("shop", "web", follow=True)


def test_rediscovery_on_request(session: Session, cluster: FakeCluster) -> None:
    session.retry_now()
    wait_until(lambda: cluster.discoveries == 2)


def test_what_the_process_keeps_is_let_go_of_once_however_many_sessions_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rested, clock = list[float](), FakeClock()
    monkeypatch.setattr("kwatch.session.session.REST", Rest())
    monkeypatch.setattr(FRESH, "let_rest", lambda: rested.append(clock.now))
    sessions = [Session(FakeCluster, clock=clock) for _ in range(3)]
    try:
        for turn in range(3):  # each of which ends once all have looked
            for each in sessions:
                each.start()
            looks = 3 * (turn + 1)
            wait_until(partial(lambda looks: clock.waits.count(HOUSEKEEPING) == looks, looks))
            assert len(rested) == turn
            clock.step(HOUSEKEEPING)
    finally:
        for each in sessions:
            each.close(60)


def test_closing_while_connecting_ends_at_once() -> None:
    waiting, cancelled = threading.Event(), threading.Event()

    def connect() -> FakeCluster:
        waiting.set()
        cancelled.wait(60)
        raise ValueError("cancelled")

    session = Session(connect, cancel=cancelled.set)
    session.start()
    assert waiting.wait(60)
    assert session.close(60) == ()
    assert session.state.phase is ConnectionPhase.CLOSED


def test_a_released_feed_gets_nothing_more(session: Session, cluster: FakeCluster) -> None:
    feed = session.open(PODS, "shop")
    wait_until(feed.informer.has_synced)
    feed.drain()
    feed.release()
    feed.release()
    assert [each.users for each in session.informers()] == [0]


def test_history_is_kept_once_for_all_views_and_says_when_nobody_watched(cluster: FakeCluster) -> None:
    journal = Journal()
    session = Session(lambda: cluster, journal=journal)
    session.start()
    wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
    first, second = session.open(PODS, "shop"), session.open(PODS, "shop")
    wait_until(first.informer.synced.is_set)
    wait_until(second.informer.synced.is_set)
    assert [version.resource_version for version in journal.versions("blue", "pods", "shop/web")] == ["1"]
    assert session.close(60) == ()

    cluster = FakeCluster()
    cluster.objects[PODS] = [thing("other")]
    again = Session(lambda: cluster, journal=journal)
    again.start()
    wait_until(lambda: again.state.phase is ConnectionPhase.CONNECTED)
    feed = again.open(PODS, "shop")
    wait_until(feed.informer.synced.is_set)
    wait_until(lambda: journal.versions("blue", "pods", "shop/web")[-1].deleted)
    assert len(journal.gaps("blue", "pods")) == 1
    assert again.close(60) == ()
    journal.close()


def test_a_resource_that_is_opened_again_while_it_is_empty_is_watched(cluster: FakeCluster) -> None:
    """600 s of watching nothing used to become a time in which no view of it was open."""
    clock = SteppedClock()
    journal = Journal(clock=clock)
    pool = InformerPool(cluster, clock, journal)
    cluster.objects[PODS] = []

    def opened(namespace: str = "shop") -> Feed:
        feed = pool.open(Watched(PODS, namespace))
        wait_until(feed.informer.synced.is_set)
        wait_until(lambda: journal.unwatched("blue") == {})
        return feed

    def gaps() -> list[tuple[float, str | None]]:
        return [(gap.until - gap.since, gap.namespace) for gap in journal.gaps("blue", "pods")]

    feed = opened()
    clock.step(600)
    feed.release()
    clock.step(30)
    feed = opened()  # within the time that an unused informer goes on
    assert gaps() == []
    feed.release()
    clock.step(90)
    assert pool.stop_idle() == (Watched(PODS, "shop"),)
    assert [*journal.unwatched("blue")] == ["pods"]
    clock.step(40)
    feed = opened()
    clock.step(600)
    cluster.plain[-1].streams[-1].send(WatchEvent("ADDED", thing("late")))
    wait_until(lambda: journal.versions("blue", "pods", "shop/late"))
    assert gaps() == [(40.0, "shop")]
    other = opened("back")
    feed.release()
    clock.step(90)
    pool.stop_idle()
    clock.step(20)
    opened()
    assert gaps() == [(40.0, "shop"), (20.0, "shop")]
    assert journal.gaps_of("blue", "pods", "shop/late")[-1].until - clock.time() == 0
    other.release()
    assert pool.stop(60) == ()
    journal.close()

"""A server that was away: one looks whether it is back, and all are live as soon as one was answered."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import Any

import pytest

from kwatch.cluster.lister_watcher import HttpListerWatcher
from kwatch.informer import ApiError, ListOptions, ObjectList, SharedInformer, Signal
from kwatch.informer.protocol import Form
from kwatch.informer.retries import Outage
from tests.cluster.samples import PODS, cluster_at
from tests.informer.fakes import FakeListerWatcher, FakeStream, SteppedClock, added, eventually, pod, status_event

AWAY = ApiError(0, "ConnectionRefused", "nobody listens")


class Clock(SteppedClock):
    """Knows whether everybody who waits still has a reason to."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[tuple[float, threading.Event]] = []

    def wait(self, event: threading.Event, seconds: float) -> bool:
        mine = (self.now + seconds, event)
        self.waits.append(mine)
        try:
            return super().wait(event, seconds)
        finally:
            self.waits.remove(mine)

    def patient(self) -> int:
        """How many wait and have a reason to."""
        return sum(due > self.now and not event.is_set() for due, event in [*self.waits])


class Cluster:
    """Several resources of one server, which can be away."""

    def __init__(self, count: int, **options: Any) -> None:
        self.clock = Clock()
        self.outage = Outage()
        self.says: Exception | None = None
        self.asked: list[tuple[float, int, bool]] = []
        self.sources = [Source(self, number) for number in range(count)]
        self.informers = [SharedInformer(source, clock=self.clock, **options) for source in self.sources]

    def __enter__(self) -> Cluster:
        for informer in self.informers:
            informer.start()
        self.settle()
        assert all(informer.status.phase == "watching" for informer in self.informers)
        self.step(100.0)
        self.change(101)
        return self

    def __exit__(self, *_: object) -> None:
        for informer in self.informers:
            assert informer.stop(60) == ()

    @property
    def live(self) -> int:
        return sum(informer.status.phase == "watching" for informer in self.informers)

    def change(self, version: int) -> None:
        for source in self.sources:
            source.streams[-1].send(added("b", version))
        eventually(lambda: {each.last_sync_resource_version for each in self.informers} == {str(version)})

    def go_away(self, error: Exception = AWAY) -> None:
        self.says = error
        for source in self.sources:
            source.streams[-1].send(ApiError(0, "ConnectionLost", "it broke"))
        eventually(lambda: self.live == 0)
        self.settle()

    def step(self, seconds: float) -> None:
        """Let time pass, in steps in which everybody does what is due."""
        for _ in range(round(seconds * 2)):
            self.clock.step(0.5)
            self.settle()

    def settle(self) -> None:
        eventually(lambda: self.clock.patient() + self.live == len(self.informers))

    def until_live(self) -> float:
        """Seconds from the first answer until all are live."""
        while not self.live:
            self.step(0.5)
        first = self.clock.now
        while self.live < len(self.informers):
            self.step(0.5)
        return self.clock.now - first


class Source(FakeListerWatcher):
    def __init__(self, cluster: Cluster, number: int) -> None:
        super().__init__([ObjectList([pod("a", 100)], "100")])
        self._cluster = cluster
        self._number = number
        self.outage = cluster.outage

    def list(self, options: ListOptions) -> ObjectList:
        self._ask()
        return super().list(options)

    def watch(self, options: ListOptions) -> FakeStream:
        self._ask()
        return super().watch(options)

    def _ask(self) -> None:
        self._cluster.asked.append((self._cluster.clock.now, self._number, self._cluster.says is None))
        if self._cluster.says is not None:
            raise ApiError(*self._cluster.says.__reduce__()[1])


@pytest.mark.parametrize("reason", ["ConnectionRefused", "Unreachable", "NameResolution", "ConnectionFailed"])
def test_all_are_live_as_soon_as_one_was_answered(reason: str) -> None:
    with Cluster(5) as cluster:
        cluster.go_away(ApiError(0, reason, "no"))
        cluster.step(12.0)
        assert len({round(informer.status.next_retry_at or 0.0, 3) for informer in cluster.informers}) == 1
        back = cluster.clock.now
        cluster.says = None
        assert cluster.until_live() <= 2.0
        assert cluster.clock.now - back <= 11.0
        assert [informer.status.lists for informer in cluster.informers] == [1] * 5, "nobody needed a list"


def test_one_after_the_other_looks_whether_it_is_back() -> None:
    with Cluster(5) as cluster:
        cluster.go_away()
        began = cluster.clock.now
        cluster.step(150.0)
        looks = [at for at, *_ in cluster.asked if at > began]
        waits = [after - before for before, after in pairwise(looks)]
        assert all(7.5 <= wait <= 10.5 for wait in waits[9:])
        assert len({number for at, number, _ in cluster.asked if at > began}) > 1


def test_one_alone_is_back_soon_too_and_asks_ten_times_a_minute_at_most() -> None:
    with Cluster(1) as cluster:
        cluster.go_away()
        cluster.step(180.0)
        cluster.says = None
        assert cluster.until_live() <= 2.0
        asked = [at for at, *_ in cluster.asked]
        assert all(asked[number + 10] - at >= 60.0 for number, at in enumerate(asked[:-10]))


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("seconds", [1.0, 3.0, 12.0])
def test_every_outage_of_several_within_a_minute_is_over_at_once(count: int, seconds: float) -> None:
    with Cluster(count) as cluster:
        for version in range(102, 106):
            cluster.go_away()
            cluster.step(seconds)
            cluster.says = None
            gone = cluster.clock.now
            assert cluster.until_live() <= 2.0
            assert cluster.clock.now - gone <= 11.0
            cluster.step(2.0)
            cluster.change(version)
        answered = [at for at, _, was_answered in cluster.asked if was_answered]
        assert len(answered) <= 10 * count


def test_a_history_that_is_gone_with_the_server_costs_no_wait() -> None:
    with Cluster(3) as cluster:
        cluster.go_away()
        cluster.step(12.0)
        for source in cluster.sources:
            source._watches = [FakeStream([status_event(410, "Expired")])]
        cluster.says = None
        assert cluster.until_live() <= 2.0
        eventually(lambda: [informer.status.lists for informer in cluster.informers] == [2] * 3)


def test_who_was_told_that_the_server_is_unwell_is_woken_by_another_recovery() -> None:
    with Cluster(4) as cluster:
        cluster.go_away(ApiError(503, "ServiceUnavailable", "no"))
        cluster.step(40.0)
        cluster.says = None
        assert cluster.until_live() <= 2.0


def test_what_the_server_wishes_is_granted_first() -> None:
    outage, clock, stop = Outage(), SteppedClock(), Signal()
    with Cluster(2) as cluster:
        cluster.go_away(ApiError(503, "ServiceUnavailable", "no", 100.0))
        cluster.says = None
        cluster.outage.answered(again=True)
        cluster.step(95.0)
        assert cluster.live == 0
        cluster.step(10.0)
        assert cluster.live == 2
    outage.wait(clock, stop, 0.0, 0, unreachable=True)


def test_a_stop_ends_the_wait() -> None:
    outage, clock, stop = Outage(), SteppedClock(), Signal()
    thread = threading.Thread(
        target=outage.wait, args=(clock, stop, 100.0, 0), kwargs={"unreachable": True}, daemon=True
    )
    thread.start()
    clock.wait_for_waiters()
    stop.set()
    thread.join(60)
    assert not thread.is_alive()
    assert not outage._waiting


def test_the_lister_watchers_of_a_cluster_share_one() -> None:
    cluster = cluster_at("http://127.0.0.1:1")
    first: HttpListerWatcher = cluster.lister_watcher(PODS)
    assert first.outage is cluster.lister_watcher(PODS, form=Form.TABLE).outage
    assert first.outage is not cluster_at("http://127.0.0.1:1").lister_watcher(PODS).outage

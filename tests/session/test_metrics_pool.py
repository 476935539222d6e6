from __future__ import annotations

import json
import threading

from kwatch.session.metrics import UsagePool
from tests.informer.fakes import FakeClock

PATH = "/apis/metrics.k8s.io/v1beta1/pods"


class Server:
    """Measures one node, more each time, and says when it was asked."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.rounds = 0

    def ask(self, path: str) -> bytes:
        self.rounds += 1
        answer = {"items": [{"metadata": {"name": path}, "usage": {"cpu": str(self.rounds), "memory": "1Mi"}}]}
        self.asked.release()
        return json.dumps(answer).encode()


class Paused(FakeClock):
    """A wait lasts until it is ended."""

    def wait(self, event: threading.Event, timeout: float | None = None) -> bool:
        return event.wait(60)


def test_views_of_the_same_share_one_poll() -> None:
    server = Server()
    pool = UsagePool(server.ask, Paused())
    first, second, other = pool.open(PATH), pool.open(PATH), pool.open("/nodes")
    assert server.asked.acquire(timeout=60) and server.asked.acquire(timeout=60)
    assert not server.asked.acquire(timeout=0.05), "two paths, two polls"
    for share in (first, second, other):
        share.release()
    pool.stop()


def test_who_comes_back_soon_finds_what_was_seen() -> None:
    server, clock = Server(), Paused()
    pool = UsagePool(server.ask, clock, release_after=60)
    share = pool.open(PATH)
    assert server.asked.acquire(timeout=60)
    share.release()
    share.release()
    clock.now += 59
    assert pool.stop_idle() == ()
    again = pool.open(PATH)
    clock.now += 1000
    assert pool.stop_idle() == (), "it is in use again"
    assert server.rounds == 1, "and was never ended"
    again.release()
    clock.now += 60
    assert pool.stop_idle() == (PATH,)
    pool.open(PATH)
    assert server.asked.acquire(timeout=60), "that is a new one"
    pool.stop()


def test_stopping_ends_every_thread() -> None:
    server = Server()
    pool = UsagePool(server.ask, Paused())
    before = set(threading.enumerate())
    pool.open(PATH)
    pool.open("/nodes")
    ours = set(threading.enumerate()) - before
    pool.stop()
    for thread in ours:
        thread.join(60)
    assert not any(thread.is_alive() for thread in ours)

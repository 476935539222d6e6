from __future__ import annotations

import asyncio
import threading

import pytest

from kwatch.simulator.store import Store, UnknownType
from tests.simulator.client import get
from tests.simulator.objects import pod
from tests.simulator.simulator_server import SimulatorServer


def test_start_call_stop() -> None:
    server = SimulatorServer()
    url = server.start()
    assert get(url, "/api/v1/pods")[1]["items"] == []
    server.call(lambda store: store.create(pod("a"), manager="test"))
    assert len(get(url, "/api/v1/pods")[1]["items"]) == 1
    server.stop()
    with pytest.raises(OSError):
        get(url, "/api/v1/pods")


def test_call_raises_what_the_function_raises_and_runs_in_the_servers_thread() -> None:
    with SimulatorServer() as server:
        assert server.call(lambda store: threading.current_thread().name) == "simulator"
        with pytest.raises(UnknownType):
            server.call(lambda store: store.list("nosuch"))


def test_a_taken_port_is_said_at_once() -> None:
    with SimulatorServer() as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(OSError):
            SimulatorServer(port=port).start()


def test_the_background_lives_as_long_as_the_server() -> None:
    store, ended = Store(), threading.Event()

    async def live() -> None:
        try:
            store.create(pod("born"), manager="test")
            await asyncio.Event().wait()
        finally:
            ended.set()

    with SimulatorServer(store, background=live) as server:
        assert get(server.url, "/api/v1/namespaces/shop/pods/born")[0] == 200
        assert not ended.is_set()
    assert ended.is_set()

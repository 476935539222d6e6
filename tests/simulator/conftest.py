"""A simulator for each test, with seconds that pass quickly."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from kwatch.simulator.store import Store
from tests.simulator.simulator_server import SimulatorServer


@pytest.fixture(autouse=True)
def nothing_unforeseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The server never fails in a way it does not tell its client of."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


Serve = Callable[..., SimulatorServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server over some objects; it ends with the test."""
    with ExitStack() as stack:

        def start(*objects: dict[str, Any], window: int = 10_000, minor: int = 36, **options: Any) -> SimulatorServer:
            store = Store(window=window, revision=100, minor=minor)
            for obj in objects:
                store.create(obj, manager="test")
            server = SimulatorServer(store, **{"second": 0.05, **options})
            stack.enter_context(server)
            return server

        yield start

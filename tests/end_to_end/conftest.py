"""A program with a home of its own, and a server for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kwatch.simulator.store import Store
from tests.end_to_end.program import Program
from tests.simulator.objects import namespace, pod, widget, widget_definition
from tests.simulator.simulator_server import SimulatorServer


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def server(program: Program) -> Iterator[SimulatorServer]:
    """A few pods and widgets in the namespace shop; the program is configured for it."""
    # All is an hour and half a minute old: ages that stay the same while a test runs.
    past = 3630.0
    store = Store(revision=100, clock=lambda: time.time() - past)
    store.create(namespace("shop"), manager="test")
    for name in ("cart-1", "cart-2", "web-1"):
        store.create(pod(name, app=name.partition("-")[0]), manager="test")
    store.create(widget_definition(), manager="test")
    store.create(widget("gear", size=3), manager="test")
    past = 0.0
    with SimulatorServer(store) as serving:
        program.configure(serving.url)
        yield serving

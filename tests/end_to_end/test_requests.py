"""What a start asks of the server: a budget of requests and connections."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.program import Program
from tests.end_to_end.wiretap import Wiretap
from tests.simulator.simulator_server import SimulatorServer
from tests.waiting import wait_until

REQUESTS = 6
"""What the server is and offers (3), the columns it prints, the watch, the usage of the pods."""
CONNECTIONS = 3
"""The watch keeps one; columns and usage are asked for beside it."""


@pytest.fixture
def wiretap(program: Program, server: SimulatorServer) -> Iterator[Wiretap]:
    with Wiretap(server.url) as tap:
        program.configure(tap.url)
        yield tap


def test_the_screen(program: Program, wiretap: Wiretap) -> None:
    with program.start("pods", columns=120, rows=30) as terminal:
        terminal.wait_for("cart-2")
        wait_until(lambda: any("metrics.k8s.io" in each for each in wiretap.requests))
        wait_until(lambda: any("includeObject" in each for each in wiretap.requests))
        asked = wiretap.take()
        assert len(asked) <= REQUESTS, asked
        assert wiretap.connections <= CONNECTIONS
        terminal.press("q")
        terminal.wait_for_exit()


def test_rows_that_are_printed(program: Program, wiretap: Wiretap) -> None:
    """One request after the other, over one connection; those that print no columns ask for none."""
    for words, most in ((("pods",), REQUESTS - 1), (("pods", "-o", "json"), REQUESTS - 2)):
        connections = wiretap.connections
        assert "cart-2" in program.run(*words, "--until-synced").stdout
        asked = wiretap.take()
        assert len(asked) <= most, asked
        assert wiretap.connections == connections + 1

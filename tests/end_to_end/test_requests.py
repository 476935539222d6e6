"""What a start asks of the server: a budget of requests and connections."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from kwatch.session.background import KINDS
from tests.end_to_end.program import Program
from tests.end_to_end.wiretap import Wiretap
from tests.simulator.simulator_server import SimulatorServer
from tests.waiting import wait_until

REQUESTS = 6
"""What the server is and offers (3), the columns it prints, the watch, the usage of the pods."""
CONNECTIONS = 5
"""All but the usage go side by side: a start takes one round trip, and not five. Usage finds one that is free."""


@pytest.fixture
def wiretap(program: Program, server: SimulatorServer) -> Iterator[Wiretap]:
    with Wiretap(server.url) as tap:
        program.configure(tap.url)
        yield tap


def test_the_screen(program: Program, wiretap: Wiretap) -> None:
    with program.start("pods", "--no-background", columns=120, rows=30) as terminal:
        terminal.wait_for("cart-2")
        wait_until(lambda: any("metrics.k8s.io" in each for each in wiretap.requests))
        wait_until(lambda: any("includeObject" in each for each in wiretap.requests))
        asked = wiretap.take()
        assert len(asked) <= REQUESTS, asked
        assert wiretap.connections <= CONNECTIONS
        terminal.press("q")
        terminal.wait_for_exit()


def test_what_is_watched_in_the_background_comes_after_the_rows(program: Program, wiretap: Wiretap) -> None:
    """Each kind is counted, then watched, once; of what the server does not offer nothing is asked."""
    with program.start("pods", columns=120, rows=30) as terminal:
        terminal.wait_for("cart-2")
        last = KINDS[-1].partition(".")[0]
        wait_until(lambda: any(f"/{last}?watch=true" in each for each in wiretap.requests))
        asked = wiretap.take()
        paths = [each.partition("?")[0].removeprefix("GET ") for each in asked if "watch=true" in each]
        assert paths[0] == "/api/v1/namespaces/shop/pods"
        assert len(paths) == len(set(paths)) == 1 + len(KINDS)
        begun = next(number for number, each in enumerate(asked) if "deployments" in each)
        assert all("watch=true" not in each or "/pods?" in each for each in asked[:begun])
        counted = [each for each in asked if "limit=1" in each and "includeObject" not in each and "/pods" not in each]
        assert len(counted) == len(KINDS)
        terminal.press(":informers\r")
        terminal.wait_for("secrets in shop (without data)")
        terminal.press("q")
        terminal.wait_for_exit()


def test_rows_that_are_printed(program: Program, wiretap: Wiretap) -> None:
    """No request more than it takes, each asked once; those that print no columns ask for none."""
    for words, most in ((("pods",), REQUESTS - 1), (("pods", "-o", "json"), REQUESTS - 2)):
        connections = wiretap.connections
        assert "cart-2" in program.run(*words, "--until-synced").stdout
        asked = wiretap.take()
        assert len(asked) <= most, asked
        assert wiretap.connections <= connections + most


def test_what_narrows_the_watch_goes_to_the_server_and_a_filter_on_screen_does_not(
    program: Program, wiretap: Wiretap
) -> None:
    words = ("pods", "--no-background", "-n", "shop", "-l", "app=cart", "--field-selector", "status.phase!=Failed")
    with program.start(*words, columns=120, rows=30) as terminal:
        terminal.wait_for("cart-2")
        (watch,) = [each for each in wiretap.take() if "watch=true" in each]
        path, _, query = watch.partition("?")
        assert path == "GET /api/v1/namespaces/shop/pods"
        asked = parse_qs(query)
        assert (asked["labelSelector"], asked["fieldSelector"]) == (["app=cart"], ["status.phase!=Failed"])
        terminal.press("/", *"cart-1")
        terminal.wait_for("1 of 2 pods")
        assert not [each for each in wiretap.take() if "watch=true" in each]
        terminal.press("\x1b", "q")

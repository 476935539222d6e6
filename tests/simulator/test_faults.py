"""Every fault by its name, as a client meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from itertools import islice

import pytest

from kwatch.simulator.faults import FAULTS, Faults, FaultSyntaxError, parse_faults
from tests.simulator.client import asked, events, get
from tests.simulator.conftest import Serve
from tests.simulator.objects import config_map, pod
from tests.simulator.simulator_server import SimulatorServer

PODS = "/api/v1/pods"


@contextmanager
def watching(server: SimulatorServer, query: str = "") -> Iterator[HTTPResponse]:
    with asked(server.url, f"{PODS}?watch=true&{query}") as response:
        yield response


def faulty(serve: Serve, name: str) -> SimulatorServer:
    faults = Faults()
    faults.plan(name)
    return serve(pod("a"), pod("b"), faults=faults)


def test_parse() -> None:
    assert parse_faults("reset=0.01, 410=0.5,slow") == {"reset": 0.01, "410": 0.5, "slow": 0.01}
    assert parse_faults("") == {}


@pytest.mark.parametrize("text", ["nosuch=0.1", "reset=often", "reset=2", "reset=-1"])
def test_parse_refuses(text: str) -> None:
    with pytest.raises(FaultSyntaxError):
        parse_faults(text)


def test_rates_are_probabilities_and_seeded() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults({"reset": 0.25}, seed)
        return [faults.strikes("reset") for _ in range(400)]

    assert struck(1) == struck(1) != struck(2)
    assert 60 < sum(struck(1)) < 140
    assert not any(Faults().strikes(name) for name in FAULTS)
    assert all(Faults({name: 1.0}).strikes(name) for name in FAULTS)


def test_a_gateway_answers_as_if_all_were_well(serve: Serve) -> None:
    server = faulty(serve, "gateway")
    with asked(server.url, PODS) as response:
        assert b'"kind":"PodList","apiVersion":"v1"' not in response.read()
    with asked(server.url, PODS) as response:
        assert b'"kind":"PodList","apiVersion":"v1"' in response.read()


def test_a_flood_has_no_end(serve: Serve) -> None:
    server = faulty(serve, "flood")
    with asked(server.url, PODS) as response:
        assert len(response.read(10**6)) == 10**6
    assert get(server.url, PODS)[0] == 200


def test_a_watch_brings_what_is_no_event_and_ends(serve: Serve) -> None:
    server = faulty(serve, "odd-event")
    with watching(server) as response:
        text = response.read()
    assert text.count(b"\n") == 1
    assert b'"name":"a"' not in text


def test_a_planned_fault_happens_as_often_as_planned() -> None:
    faults = Faults()
    faults.plan("503", times=2)
    assert [faults.strikes("503") for _ in range(3)] == [True, True, False]


def test_429(serve: Serve) -> None:
    server = faulty(serve, "429")
    with asked(server.url, PODS) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "1")
        assert response.headers["Content-Type"].startswith("text/plain")
    assert get(server.url, PODS)[0] == 200


def test_503(serve: Serve) -> None:
    status, body = get(faulty(serve, "503").url, PODS)
    assert (status, body["reason"]) == (503, "ServiceUnavailable")


def test_slow(serve: Serve) -> None:
    assert get(faulty(serve, "slow").url, PODS)[0] == 200


def test_410_ends_a_watch_as_it_begins(serve: Serve) -> None:
    with watching(faulty(serve, "410"), "resourceVersion=102") as response:
        [event] = list(events(response))
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)


def test_410_ends_a_watch_later(serve: Serve) -> None:
    with watching(faulty(serve, "410")) as response:
        assert [event["type"] for event in events(response)] == ["ERROR"]


def test_half_json(serve: Serve) -> None:
    with watching(faulty(serve, "half-json")) as response:
        first, second = response.read().splitlines()
    assert json.loads(first)["object"]["metadata"]["name"] == "a"
    with pytest.raises(json.JSONDecodeError):
        json.loads(second)


def test_reset(serve: Serve) -> None:
    with watching(faulty(serve, "reset")) as response, pytest.raises((HTTPException, OSError)):
        response.read()


def test_reset_in_the_middle_of_a_list(serve: Serve) -> None:
    faults = Faults()
    faults.plan("reset")
    server = serve(*(config_map(f"c{number}", text="x" * 10_000) for number in range(60)), faults=faults)
    with (
        asked(server.url, "/api/v1/configmaps") as response,
        pytest.raises((HTTPException, OSError)),
    ):
        assert response.status == 200
        response.read()


def test_silence(serve: Serve) -> None:
    with watching(faulty(serve, "silence"), "timeoutSeconds=2") as response:
        assert response.status == 200
        assert response.read() == b""


def test_no_bookmark(serve: Serve) -> None:
    server = faulty(serve, "no-bookmark")
    initial = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=5"
    with watching(server, initial) as response:
        assert [event["type"] for event in events(response)] == ["ADDED", "ADDED"]
    with watching(server, initial) as response:
        assert [event["type"] for event in islice(events(response), 3)] == ["ADDED", "ADDED", "BOOKMARK"]


def test_restart(serve: Serve) -> None:
    server = serve(pod("a"))
    with watching(server) as response:
        assert next(events(response))["type"] == "ADDED"
        server.restart()
        with pytest.raises((HTTPException, OSError)):
            response.read()
    assert get(server.url, PODS)[0] == 200
    with watching(server, "resourceVersion=100") as response:
        assert [event["type"] for event in events(response)] == ["ERROR"]

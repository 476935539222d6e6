"""Which lines of a log are shown, and how the server refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from kwatch.simulator.store import Store
from tests.simulator.client import asked, get
from tests.simulator.objects import pod
from tests.simulator.simulator_server import SimulatorServer

NOW = 1_800_000_000.0
STAMPS = ["2027-01-15T07:00:00.5Z", "2027-01-15T07:59:00.25Z", "2027-01-15T07:59:59.000000001Z"]
LOG = "/api/v1/namespaces/shop/pods/web/log"


class Logs:
    def logs(self, namespace: str, pod: str, container: str, previous: bool) -> list[str]:
        if previous:
            raise LookupError(container)
        return [f"{stamp} {container} {number}" for number, stamp in enumerate(STAMPS)]

    async def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        yield f"{STAMPS[-1]} live"


def running(**status: Any) -> dict[str, Any]:
    seed = pod("web")
    seed["status"]["containerStatuses"] = [{"name": "web", "state": {"running": {}}, **status}]
    return seed


def serving(*pods: dict[str, Any]) -> SimulatorServer:
    store = Store(clock=lambda: NOW)
    for each in pods:
        store.create(each, manager="test")
    return SimulatorServer(store, logs=Logs())


def lines(server: SimulatorServer, query: str) -> list[str]:
    with asked(server.url, f"{LOG}?{query}") as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain")
        return response.read().decode().splitlines()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["web 0", "web 1", "web 2"]),
        ("container=web&tailLines=1", ["web 2"]),
        ("tailLines=0", []),
        ("sinceSeconds=120", ["web 1", "web 2"]),
        ("sinceTime=2027-01-15T07:59:30Z", ["web 2"]),
        ("timestamps=true&tailLines=1", [f"{STAMPS[2]} web 2"]),
        ("follow=true&tailLines=1", ["web 2", "live"]),
    ],
)
def test_which_lines(query: str, shown: list[str]) -> None:
    with serving(running()) as server:
        assert lines(server, query) == shown


def refusal(query: str, *pods: dict[str, Any]) -> tuple[int, str]:
    with serving(*pods) as server:
        status, body = get(server.url, f"{LOG}?{query}")
        return status, body["message"]


def test_refusals() -> None:
    assert refusal("") == (404, 'pods "web" not found')
    assert refusal("container=x", running()) == (400, "container x is not valid for pod web")
    assert refusal("previous=true", running())[1] == 'previous terminated container "web" in pod "web" not found'
    crashed = running(lastState={"terminated": {"exitCode": 1}})
    assert refusal("previous=true", crashed)[1] == 'previous terminated container "web" in pod "web" not found'
    waiting = running(state={"waiting": {"reason": "ContainerCreating"}})
    assert refusal("", waiting) == (400, 'container "web" in pod "web" is waiting to start: ContainerCreating')
    pulling = running(state={"waiting": {"reason": "ImagePullBackOff"}})
    assert refusal("", pulling)[1].endswith("is waiting to start: trying and failing to pull image")
    assert refusal("tailLines=x", running())[0] == 400
    assert refusal("sinceTime=yesterday", running())[0] == 400


def test_a_container_must_be_named_where_there_are_several() -> None:
    several = running()
    several["spec"]["containers"].append({"name": "proxy", "image": "proxy:1"})
    several["spec"]["initContainers"] = [{"name": "setup", "image": "setup:1"}]
    assert refusal("", several) == (
        400,
        "a container name must be specified for pod web, choose one of: [web proxy] "
        "or one of the init containers: [setup]",
    )

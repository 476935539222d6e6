"""Every exchange of tests/wire, asked of the simulator, is answered as the real server answered it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.simulator.api.call import ADMIN, Rule, User, Users
from tests.simulator.client import asked, events, get
from tests.simulator.recordings import Tree, assert_alike, exchanges, recorded_store
from tests.simulator.simulator_server import SimulatorServer

SECOND = 0.3
USERS = Users({"admin": ADMIN, "viewer": User("viewer", (Rule(("get", "list"), ("pods",), ("demo",)),))})
FRAMING = {"Transfer-Encoding", "Content-Length", "Date", "Audit-Id", "Etag"}


@pytest.fixture
def url() -> Iterator[str]:
    with SimulatorServer(recorded_store(), users=USERS, metrics=False, second=SECOND) as server:
        yield server.url


def whole(*names: str) -> Iterator[Any]:
    for name in names:
        for number, exchange in enumerate(exchanges(name)):
            yield pytest.param(exchange, id=f"{name}-{number}")


def token_for(exchange: Tree) -> dict[str, str]:
    """Whoever the recorded answer was for."""
    said = json.dumps(exchange.get("body") or exchange.get("events") or "")
    if exchange["status"] == 401:
        return {"Authorization": "Bearer nobody"}
    if "system:anonymous" in said:
        return {}
    return {"Authorization": "Bearer viewer" if r"User \"viewer\"" in said else "Bearer admin"}


BODIES: dict[tuple[str, str], Tree] = {
    ("POST", "/api/v1/namespaces"): {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "demo"}},
    ("PUT", "/api/v1/namespaces/demo/configmaps/web-config"): {
        "kind": "ConfigMap",
        "apiVersion": "v1",
        "metadata": {"name": "web-config", "namespace": "demo", "resourceVersion": "1"},
        "data": {"a": "b"},
    },
}


@pytest.mark.parametrize(
    "exchange", whole("list-paged", "list-errors", "discovery-legacy", "discovery-aggregated", "version")
)
def test_answers_are_alike(url: str, exchange: Tree) -> None:
    asks = exchange["request"]
    body = BODIES.get((asks["method"], asks["path"]))
    headers = {"Accept": asks["accept"], "Content-Type": "application/json", **token_for(exchange)}
    with asked(url, asks["path"], method=asks["method"], body=body, headers=headers) as response:
        text = response.read()
        assert response.status == exchange["status"]
        assert_headers(exchange["headers"], dict(response.headers))
    if "text" in exchange:
        assert text.decode() == exchange["text"]
    else:
        assert_alike(exchange["body"], json.loads(text))


@pytest.mark.parametrize("exchange", whole("discovery-legacy", "discovery-aggregated"))
def test_discovery_is_the_same(url: str, exchange: Tree) -> None:
    assert_same_discovery(url, exchange)


def assert_same_discovery(url: str, exchange: Tree) -> None:
    asks = exchange["request"]
    status, answered = get(url, asks["path"], Accept=asks["accept"], Authorization="Bearer admin")
    assert status == 200
    answered.pop("serverAddressByClientCIDRs", None)
    assert answered == {key: each for key, each in exchange["body"].items() if key != "serverAddressByClientCIDRs"}


def test_a_server_of_the_next_version() -> None:
    with SimulatorServer(recorded_store(37), users=USERS, metrics=False) as server:
        for exchange in exchanges("1.37/discovery-aggregated"):
            assert_same_discovery(server.url, exchange)
        [exchange] = exchanges("1.37/version")
        status, answered = get(server.url, "/version", Authorization="Bearer admin")
        assert status == 200
        assert_alike(exchange["body"], answered)
        assert answered["gitVersion"] == exchange["body"]["gitVersion"]


def test_pages_follow_one_another_as_recorded(url: str) -> None:
    names, path = [], "/api/v1/namespaces/demo/pods?limit=3"
    for exchange in exchanges("list-paged"):
        _, page = get(url, path, Authorization="Bearer admin")
        assert_alike(exchange["body"], page)
        assert page["metadata"].get("continue") == exchange["body"]["metadata"].get("continue")
        names += [item["metadata"]["name"] for item in page["items"]]
        path = f"/api/v1/namespaces/demo/pods?limit=3&continue={page['metadata'].get('continue')}"
    assert len(names) == 8 and names == sorted(names)


@pytest.mark.parametrize("exchange", whole("watch-errors", "watch-legacy-initial", "watch-list"))
def test_watches_of_what_stands_still_are_alike(url: str, exchange: Tree) -> None:
    asks = exchange["request"]
    with asked(url, asks["path"], headers={"Accept": asks["accept"], **token_for(exchange)}) as response:
        assert response.status == exchange["status"]
        assert_headers(exchange["headers"], dict(response.headers))
        assert_alike(exchange["events"], list(events(response)))


@pytest.mark.parametrize("exchange", whole("watch-changes", "watch-selector-transition", "watch-table"))
def test_a_life_is_told_as_recorded(url: str, exchange: Tree) -> None:
    asks = exchange["request"]
    path = asks["path"].replace("resourceVersion=21049", "resourceVersion=21044")
    path = path.replace("resourceVersion=21055", "resourceVersion=21044")
    with asked(url, path, headers={"Accept": asks["accept"], "Authorization": "Bearer admin"}) as response:
        assert response.status == 200
        assert_headers(exchange["headers"], dict(response.headers))
        live(f"{url}")
        told = list(events(response))
    assert_alike(without_bookmarks(exchange["events"]), without_bookmarks(told))
    if "allowWatchBookmarks" in path:
        assert_alike(exchange["events"][-1], told[-1])


def live(url: str) -> None:
    """The recorded life of a widget: created, resized, ready, moved to production, deleted."""
    place = "/apis/example.com/v1/namespaces/demo/widgets"
    two = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "two", "labels": {"stage": "dev"}}}
    for method, path, body in (
        ("POST", place, {**two, "spec": {"size": 1, "owner": "ops"}}),
        ("PATCH", f"{place}/two", {"spec": {"size": 5}}),
        ("PATCH", f"{place}/two/status", {"status": {"phase": "Ready"}}),
        ("PATCH", f"{place}/two", {"metadata": {"labels": {"stage": "prod"}}}),
        ("DELETE", f"{place}/two", None),
    ):
        status, answer = send_as_admin(url, method, path, body)
        assert status in (200, 201), answer


def send_as_admin(url: str, method: str, path: str, body: Any) -> tuple[int, Any]:
    content_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
    headers = {"Content-Type": content_type, "Authorization": "Bearer admin"}
    with asked(url, path, method=method, body=body, headers=headers) as response:
        return response.status, json.loads(response.read())


def without_bookmarks(told: list[Tree]) -> list[Tree]:
    return [event for event in told if event["type"] != "BOOKMARK"]


def assert_headers(recorded: dict[str, str], answered: dict[str, str]) -> None:
    """Every header the server sends, and none it does not."""
    answered = {name.title(): value for name, value in answered.items()}
    recorded = {name.title(): value for name, value in recorded.items()}
    assert {n: v for n, v in recorded.items() if n not in FRAMING} == {
        n: v for n, v in answered.items() if n not in FRAMING
    }
    assert ("Etag" in recorded) is ("Etag" in answered)
    assert recorded.get("Transfer-Encoding") == answered.get("Transfer-Encoding")

"""Every recorded exchange, replayed byte by byte over a socket, comes out of the transport as it went in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kwatch.cluster.discovery import ACCEPT as DISCOVERY_ACCEPT
from kwatch.cluster.lister_watcher import HttpListerWatcher
from kwatch.cluster.transport.request import Request
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Form, ListOptions
from kwatch.informer.resource import GroupVersionResource, Resource
from tests.cluster.conftest import Serve
from tests.cluster.samples import cluster_at
from tests.cluster.scripted_server import LAST_CHUNK, Received, chunk, head

WIRE = Path(__file__).parents[1] / "wire"
Exchange = dict[str, Any]


def _recorded() -> Iterator[Any]:
    for path in sorted(WIRE.glob("*.json")):
        for number, each in enumerate(json.loads(path.read_text("utf-8")).get("exchanges", ())):
            if each.get("request", {}).get("method") == "GET":
                yield pytest.param(each, id=f"{path.stem}-{number}")


EXCHANGES = list(_recorded())


def _is_watch(exchange: Exchange) -> bool:
    return "events" in exchange and exchange["status"] == 200


def _content(exchange: Exchange) -> list[bytes]:
    """The body as the server cut it: an event a line."""
    if "events" in exchange:
        return [json.dumps(each, separators=(",", ":")).encode() + b"\n" for each in exchange["events"]]
    return [exchange["text"].encode() if "text" in exchange else json.dumps(exchange["body"]).encode()]


def replay(exchange: Exchange) -> Callable[[Received], Iterator[bytes]]:
    def respond(_: Received) -> Iterator[bytes]:
        content, headers = _content(exchange), dict(exchange["headers"])
        if headers.get("Transfer-Encoding") != "chunked":
            headers["Content-Length"] = str(sum(map(len, content)))
            yield head(exchange["status"], headers) + b"".join(content)
            return
        yield head(exchange["status"], headers)
        yield from map(chunk, content)
        yield LAST_CHUNK

    return respond


def door(exchange: Exchange, url: str) -> tuple[HttpListerWatcher, ListOptions]:
    """A lister-watcher and options that ask for just what was recorded."""
    parts = urlsplit(exchange["request"]["path"])
    asked = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()}
    words = parts.path.strip("/").split("/")
    group, version, *rest = ("", *words[1:]) if words[0] == "api" else words[1:]
    namespace = rest[1] if rest[0] == "namespaces" and len(rest) > 2 else None
    body = exchange.get("body", {})
    kind = body.get("kind", "").removesuffix("List") if isinstance(body, dict) else ""
    resource = Resource(GroupVersionResource(group, version, rest[-1]), kind, namespace is not None)
    options = ListOptions(
        resource_version=asked.get("resourceVersion", ""),
        resource_version_match=asked.get("resourceVersionMatch"),
        limit=int(asked["limit"]) if "limit" in asked else None,
        continue_token=asked.get("continue"),
        label_selector=asked.get("labelSelector"),
        field_selector=asked.get("fieldSelector"),
        timeout_seconds=int(asked["timeoutSeconds"]) if "timeoutSeconds" in asked else None,
        allow_watch_bookmarks="allowWatchBookmarks" in asked,
        send_initial_events=True if "sendInitialEvents" in asked else None,
    )
    cluster = cluster_at(url)
    form = Form.TABLE if "as=Table" in exchange["request"]["accept"] else Form.OBJECTS
    return cluster.lister_watcher(resource, namespace, form=form), options


def test_the_recordings_are_there() -> None:
    assert len(EXCHANGES) > 40
    assert sum(_is_watch(each.values[0]) for each in EXCHANGES) > 5


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_the_bytes_come_through(exchange: Exchange, serve: Serve) -> None:
    server = serve(replay(exchange))
    transport = cluster_at(server.url)._transport
    path, _, query = exchange["request"]["path"].partition("?")
    pairs = tuple((name, values[0]) for name, values in parse_qs(query).items())
    request = Request(path, pairs, exchange["request"]["accept"], timeout=60)
    content = b"".join(_content(exchange))
    if exchange["status"] == 200:
        assert transport.fetch(request, transport.scope) == content
    else:
        with pytest.raises(ApiError) as caught:
            transport.fetch(request, transport.scope)
        assert_same_refusal(caught.value, exchange, content)
    received = server.requests[0]
    assert received.header("accept") == exchange["request"]["accept"]
    assert urlsplit(received.target).path == path
    assert parse_qs(urlsplit(received.target).query) == parse_qs(query)


def assert_same_refusal(error: ApiError, exchange: Exchange, content: bytes) -> None:
    assert error.status == exchange["status"]
    if "text" in exchange:
        assert error.message == content.decode().strip()
        return
    status = exchange["events"][0] if "events" in exchange else exchange["body"]
    assert error.reason == status.get("reason", "InternalError")
    if error.status != 401:
        assert error.message == status["message"]
    causes = [(each.reason, each.message, each.field) for each in error.causes]
    recorded = status.get("details", {}).get("causes", [])
    assert causes == [(each.get("reason", ""), each.get("message", ""), each.get("field", "")) for each in recorded]
    assert error.continue_token == status["metadata"].get("continue")
    waits = exchange["headers"].get("Retry-After") or status.get("details", {}).get("retryAfterSeconds")
    assert error.retry_after == (float(waits) if waits else None)


@pytest.mark.parametrize("exchange", [each for each in EXCHANGES if _is_watch(each.values[0])])
def test_a_watch_brings_the_recorded_events(exchange: Exchange, serve: Serve) -> None:
    server = serve(replay(exchange))
    door_, options = door(exchange, server.url)
    events = list(door_.watch(options))
    assert [each.type for each in events] == [each["type"] for each in exchange["events"]]
    for got, recorded in zip(events, exchange["events"], strict=True):
        if recorded["object"].get("kind") == "Table":
            (row,) = recorded["object"]["rows"]
            assert isinstance(got.object, KubeObject)
            assert got.object.cells == tuple(row["cells"])
            assert got.object.tree() == row["object"]
        else:
            assert dict(got.object) == recorded["object"]
    assert asked_like(server.requests[0], exchange)


def asked_like(received: Received, exchange: Exchange) -> bool:
    """The same question, but for what only we say: that Tables shall hold whole objects."""
    asked, recorded = urlsplit(received.target), urlsplit(exchange["request"]["path"])
    query = {name: value for name, value in parse_qs(asked.query).items() if name != "includeObject"}
    return asked.path == recorded.path and query == parse_qs(recorded.query)


LISTS = [each for each in EXCHANGES if "items" in (each.values[0].get("body") or ()) and "list-" in str(each.id)]


@pytest.mark.parametrize("exchange", LISTS)
def test_a_list_brings_the_recorded_page(exchange: Exchange, serve: Serve) -> None:
    server = serve(replay(exchange))
    door_, options = door(exchange, server.url)
    page = door_.list(options)
    body = exchange["body"]
    assert page.resource_version == body["metadata"]["resourceVersion"]
    assert page.continue_token == body["metadata"].get("continue")
    assert page.remaining_item_count == body["metadata"].get("remainingItemCount")
    assert [dict(each) for each in page.items] == [{"kind": "Pod", "apiVersion": "v1"} | each for each in body["items"]]
    assert asked_like(server.requests[0], exchange)


def test_aggregated_discovery_is_asked_for_in_every_version_it_has() -> None:
    recorded = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    assert f"{recorded},{recorded.replace('v=v2', 'v=v2beta1')},application/json" == DISCOVERY_ACCEPT

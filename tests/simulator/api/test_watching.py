"""Watches, row by row of the wire protocol."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from itertools import islice
from typing import Any

import pytest

from kwatch.simulator.store import Store
from tests.simulator.client import asked, events
from tests.simulator.conftest import Serve
from tests.simulator.objects import pod, widget, widget_definition
from tests.simulator.simulator_server import SimulatorServer

PODS = "/api/v1/pods?watch=true"
INITIAL = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"


@contextmanager
def watching(server: SimulatorServer, query: str = "", path: str = PODS) -> Iterator[HTTPResponse]:
    with asked(server.url, f"{path}&{query}") as response:
        assert response.status == 200
        yield response


def told(event: Any) -> tuple[str, str]:
    return event["type"], event["object"]["metadata"].get("name", "")


def take(response: HTTPResponse, count: int) -> list[tuple[str, str]]:
    return [told(event) for event in islice(events(response), count)]


def test_streaming_lists_are_compressed_from_1_37_on(serve: Serve) -> None:
    """Each flush is a member of its own; other watches are never compressed."""
    accepts = {"Accept-Encoding": "gzip"}
    for minor, query, encoding in ((36, INITIAL, None), (37, INITIAL, "gzip"), (37, "resourceVersion=", None)):
        server = serve(pod("a"), minor=minor)
        with asked(server.url, f"{PODS}&{query}&timeoutSeconds=1", headers=accepts) as response:
            assert response.headers["Content-Encoding"] == encoding
            body = response.read()
        lines = gzip.decompress(body) if encoding else body
        assert body.count(b"\x1f\x8b\x08") >= 2 * bool(encoding)
        assert [told(json.loads(line))[0] for line in lines.splitlines()][:2] == (
            ["ADDED", "BOOKMARK"] if query == INITIAL else ["ADDED"]
        )


def revision(server: SimulatorServer) -> int:
    return server.call(lambda store: store.revision)


def relabel(store: Store, name: str, **labels: str) -> None:
    changed = copy.deepcopy(store.get("pods", name, "shop"))
    assert changed is not None
    changed["metadata"]["labels"] = labels
    store.update(changed, manager="test")


@pytest.mark.parametrize("query", ["", "resourceVersion=0", "resourceVersion="])
def test_without_a_version_the_present_comes_first(serve: Serve, query: str) -> None:
    server = serve(pod("b"), pod("a"))
    with watching(server, query) as response:
        server.call(lambda store: relabel(store, "a", x="y"))
        assert take(response, 3) == [("ADDED", "a"), ("ADDED", "b"), ("MODIFIED", "a")]


def test_after_a_version_only_what_happened_since(serve: Serve) -> None:
    server = serve(pod("a"))
    then = revision(server)
    server.call(lambda store: relabel(store, "a", x="y"))
    with watching(server, f"resourceVersion={then}") as response:
        server.call(lambda store: store.delete("pods", "a", "shop"))
        assert take(response, 2) == [("MODIFIED", "a"), ("DELETED", "a")]


def test_a_version_to_come_is_waited_for(serve: Serve) -> None:
    server = serve(pod("a"))
    with watching(server, f"resourceVersion={revision(server) + 2}") as response:
        for value in "123":
            server.call(lambda store, value=value: relabel(store, "a", x=value))  # type: ignore[misc]
        [event] = islice(events(response), 1)
        assert event["object"]["metadata"]["labels"] == {"x": "3"}


def test_a_forgotten_version_is_an_event_and_the_end(serve: Serve) -> None:
    server = serve(pod("a"))
    server.call(lambda store: store.compact())
    with watching(server, "resourceVersion=5") as response:
        [event] = list(events(response))
    assert event["type"] == "ERROR"
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")


def test_the_window_of_changes_is_limited(serve: Serve) -> None:
    server = serve(pod("a"), window=2)
    then = revision(server)
    for value in "123":
        server.call(lambda store, value=value: relabel(store, "a", x=value))  # type: ignore[misc]
    with watching(server, f"resourceVersion={then}") as response:
        assert take(response, 1) == [("ERROR", "")]
    with watching(server, f"resourceVersion={then + 1}") as response:
        assert take(response, 2) == [("MODIFIED", "a"), ("MODIFIED", "a")]


def test_initial_events_end_with_a_bookmark_and_go_on_live(serve: Serve) -> None:
    server = serve(pod("a"), pod("b"))
    with watching(server, INITIAL) as response:
        stream = events(response)
        assert [told(event) for event in islice(stream, 2)] == [("ADDED", "a"), ("ADDED", "b")]
        bookmark = next(stream)
        assert bookmark["type"] == "BOOKMARK"
        assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
        assert bookmark["object"]["metadata"]["resourceVersion"] == str(revision(server))
        server.call(lambda store: store.create(pod("c"), manager="test"))
        assert told(next(stream)) == ("ADDED", "c")


def test_initial_events_may_be_declined(serve: Serve) -> None:
    server = serve(pod("a"))
    with watching(server, "sendInitialEvents=false&resourceVersionMatch=NotOlderThan") as response:
        server.call(lambda store: store.create(pod("b"), manager="test"))
        assert take(response, 1) == [("ADDED", "b")]


def test_a_server_without_streaming_lists_says_so(serve: Serve) -> None:
    server = serve(streaming_lists=False)
    with asked(server.url, f"{PODS}&{INITIAL}") as response:
        assert response.status == 422
        assert b"sendInitialEvents is forbidden for watch unless the WatchList feature gate" in response.read()


def test_bookmarks_come_before_the_end_to_those_who_want_them(serve: Serve) -> None:
    server = serve(pod("a"))
    now = revision(server)
    with watching(server, f"resourceVersion={now}&allowWatchBookmarks=true&timeoutSeconds=5") as response:
        [bookmark] = list(events(response))
    assert bookmark == {
        "type": "BOOKMARK",
        "object": {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {"resourceVersion": str(now)},
            "spec": {"containers": None},
            "status": {},
        },
    }
    with watching(server, f"resourceVersion={now}&timeoutSeconds=5") as response:
        assert list(events(response)) == []


def test_bookmarks_come_about_every_minute(serve: Serve) -> None:
    server = serve(pod("a"), second=0.002)
    with watching(
        server, f"resourceVersion={revision(server)}&allowWatchBookmarks=true&timeoutSeconds=200"
    ) as response:
        assert {event["type"] for event in events(response)} == {"BOOKMARK"}


def test_selectors_turn_changes_into_arrivals_and_departures(serve: Serve) -> None:
    server = serve(pod("a", stage="dev"), pod("b", stage="prod"))
    with watching(server, f"resourceVersion={revision(server)}&labelSelector=stage%3Ddev") as response:

        def change(store: Store) -> None:
            relabel(store, "b", stage="dev")
            relabel(store, "a", stage="prod", more="x")
            relabel(store, "a", stage="prod", more="y")
            store.delete("pods", "a", "shop")
            store.delete("pods", "b", "shop")

        server.call(change)
        stream = events(response)
        assert told(next(stream)) == ("ADDED", "b")
        departed = next(stream)
        assert told(departed) == ("DELETED", "a")
        assert departed["object"]["metadata"]["labels"] == {"stage": "dev"}
        assert departed["object"]["metadata"]["resourceVersion"] == str(revision(server) - 3)
        assert told(next(stream)) == ("DELETED", "b")


def test_fields_select_too(serve: Serve) -> None:
    server = serve(pod("a"), pod("b"))
    with watching(server, "fieldSelector=metadata.name%3Db") as response:
        for name in "ab":
            server.call(lambda store, name=name: relabel(store, name, x="y"))  # type: ignore[misc]
        assert take(response, 2) == [("ADDED", "b"), ("MODIFIED", "b")]


def test_one_object_by_its_path_and_a_namespace(serve: Serve) -> None:
    server = serve(pod("a"), pod("b"), pod("a", "other"))
    with watching(server, path="/api/v1/namespaces/shop/pods/b?watch=1") as response:
        assert take(response, 1) == [("ADDED", "b")]
    with watching(server, "timeoutSeconds=1", path="/api/v1/watch/namespaces/other/pods?x=") as response:
        assert [told(event) for event in events(response)] == [("ADDED", "a")]


def test_a_definition_that_goes_ends_the_watches_of_its_objects(serve: Serve) -> None:
    server = serve(widget_definition(), widget("one"))
    definitions = "customresourcedefinitions.apiextensions.k8s.io"
    with watching(server, path="/apis/example.com/v1/widgets?watch=true") as response:
        stream = events(response)
        assert told(next(stream)) == ("ADDED", "one")
        server.call(lambda store: store.delete(definitions, "widgets.example.com"))
        assert list(stream) == []
    with asked(server.url, "/apis/example.com/v1/widgets") as response:
        assert response.status == 404


def test_only_the_first_table_names_the_columns(serve: Serve) -> None:
    server = serve(pod("a"), pod("b"))
    headers = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    with asked(server.url, f"{PODS}&timeoutSeconds=1&{INITIAL}&includeObject=None", headers=headers) as response:
        tables = [event["object"] for event in events(response)]
    assert [bool(table["columnDefinitions"]) for table in tables] == [True, False, False]
    assert [row["cells"][0] for table in tables for row in table["rows"]] == ["a", "b", ""]
    assert all(row["object"] is None for table in tables[:2] for row in table["rows"])
    end = tables[2]["rows"][0]["object"]["metadata"]["annotations"]
    assert end == {"k8s.io/initial-events-end": "true"}


def test_metadata_only(serve: Serve) -> None:
    server = serve(pod("a"))
    headers = {"Accept": "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"}
    with asked(server.url, f"{PODS}&timeoutSeconds=1", headers=headers) as response:
        [event] = list(events(response))
    assert event["object"]["kind"] == "PartialObjectMetadata" and "spec" not in event["object"]

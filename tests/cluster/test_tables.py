"""The server's Tables: columns, and objects with the server's own cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kwatch.cluster.table import ACCEPT
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject, ServerColumn, Unreadable
from kwatch.informer.protocol import Form, ListOptions
from tests.cluster.conftest import Serve
from tests.cluster.samples import NODES, WIDGETS, cluster_at
from tests.cluster.scripted_server import answer, watch

WIRE = Path(__file__).parents[1] / "wire"


def table(*rows: Any, version: str = "7", **fields: Any) -> dict[str, Any]:
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version},
        "columnDefinitions": [{"name": "Name", "type": "string", "format": "name", "description": "d", "priority": 0}],
        "rows": list(rows),
    } | fields


def row(name: str, *cells: Any, **metadata: Any) -> dict[str, Any]:
    return {"cells": list(cells), "object": {"metadata": {"name": name, "namespace": "demo"} | metadata}}


def line(type_: str, obj: Any) -> bytes:
    return json.dumps({"type": type_, "object": obj}).encode() + b"\n"


def test_columns_of_every_recorded_resource(serve: Serve) -> None:
    (exchange,) = json.loads((WIRE / "table-columns.json").read_text("utf-8"))["exchanges"]
    assert len(exchange["resources"]) > 30
    for each in exchange["resources"].values():
        server = serve(lambda _, each=each: [answer(table(columnDefinitions=each["columns"]))])  # type: ignore[misc]
        columns = cluster_at(server.url).table_columns(WIDGETS)
        assert [(it.name, it.type, it.format, it.priority) for it in columns] == [
            (it["name"], it["type"], it["format"], it["priority"]) for it in each["columns"]
        ]


def test_how_columns_are_asked_for(serve: Serve) -> None:
    server = serve(lambda _: [answer(table())])
    cluster = cluster_at(server.url)
    assert cluster.table_columns(NODES) == (ServerColumn("Name", "string", "name", 0, "d"),)
    cluster.table_columns(WIDGETS, "demo")
    assert [each.target for each in server.requests] == [
        "/api/v1/nodes?limit=1&includeObject=None",
        "/apis/example.com/v1/namespaces/demo/widgets?limit=1&includeObject=None",
    ]
    assert server.requests[0].header("accept") == ACCEPT


@pytest.mark.parametrize(
    ("body", "total"),
    [
        (table(), 0),
        (table(row("a", "a")), 1),
        (table(row("a", "a"), metadata={"continue": "more", "remainingItemCount": 41}), 42),
        (table(row("a", "a"), metadata={"continue": "more"}), None),
        ({"kind": "WidgetList", "items": [{"metadata": {"name": "a"}}]}, None),
    ],
)
def test_how_many_objects_there_are(body: Any, total: int | None, serve: Serve) -> None:
    assert cluster_at(serve(lambda _: [answer(body)]).url).table_sample(WIDGETS).total == total


def test_a_server_that_prints_no_tables(serve: Serve) -> None:
    body = {"kind": "WidgetList", "metadata": {"resourceVersion": "7"}, "items": [{"metadata": {"name": "a"}}]}
    cluster = cluster_at(serve(lambda _: [answer(body)]).url)
    assert cluster.table_columns(WIDGETS) == ()
    page = cluster.lister_watcher(WIDGETS, form=Form.TABLE).list(ListOptions())
    (found,) = page.items
    assert isinstance(found, KubeObject)
    assert (found.name, found.kind, found.cells) == ("a", "Widget", None)


def test_a_list(serve: Serve) -> None:
    metadata = {"resourceVersion": "9", "continue": "abc", "remainingItemCount": 5}
    body = table(row("a", "a", 3, None, True, 1.5), row("b", "b", ["x"], {"y": 1}), metadata=metadata)
    server = serve(lambda _: [answer(body)])
    page = cluster_at(server.url).lister_watcher(WIDGETS, "demo", form=Form.TABLE).list(ListOptions(limit=2))
    assert (page.resource_version, page.continue_token, page.remaining_item_count) == ("9", "abc", 5)
    first, second = page.items
    assert isinstance(first, KubeObject)
    assert isinstance(second, KubeObject)
    assert (first.key, first.kind, first.api_version) == ("demo/a", "Widget", "example.com/v1")
    assert first.cells == ("a", 3, None, True, 1.5)
    assert second.cells == ("b", '["x"]', '{"y":1}'), "cells are values that can be compared and kept"
    assert server.requests[0].target.endswith("/widgets?limit=2&includeObject=Object")
    assert server.requests[0].header("accept") == ACCEPT


def test_a_watch(serve: Serve) -> None:
    ended = {"k8s.io/initial-events-end": "true"}
    lines = [
        line("ADDED", table(row("a", "a", 1))),
        line("MODIFIED", table(row("a", "a", 2), columnDefinitions=None)),
        line("BOOKMARK", table(row("", "", resourceVersion="12", annotations=ended), version="12")),
        line("BOOKMARK", table(version="13")),
        line("BOOKMARK", {"kind": "Widget", "metadata": {"resourceVersion": "14"}}),
        line("DELETED", table(row("a", "a", 3))),
        line("ERROR", {"kind": "Status", "code": 410, "reason": "Expired"}),
    ]
    server = serve(lambda _: watch(*lines))
    events = list(cluster_at(server.url).lister_watcher(WIDGETS, form=Form.TABLE).watch(ListOptions()))
    assert [each.type for each in events] == [
        "ADDED",
        "MODIFIED",
        "BOOKMARK",
        "BOOKMARK",
        "BOOKMARK",
        "DELETED",
        "ERROR",
    ]
    cells = [each.object.cells for each in events if isinstance(each.object, KubeObject)]
    assert cells == [("a", 1), ("a", 2), ("a", 3)]
    assert events[2].object["metadata"]["annotations"] == ended
    assert [each.object["metadata"]["resourceVersion"] for each in events[2:5]] == ["12", "13", "14"]
    assert events[6].object["reason"] == "Expired"


@pytest.mark.parametrize("broken", [table(), table({"cells": ["a"]}), table({"cells": ["a"], "object": {}})])
def test_a_row_without_an_object_is_kept_as_unreadable(broken: Any, serve: Serve) -> None:
    server = serve(lambda _: watch(line("ADDED", broken)))
    (event,) = cluster_at(server.url).lister_watcher(WIDGETS, form=Form.TABLE).watch(ListOptions())
    assert event.type == "ADDED"
    assert isinstance(event.object, Unreadable)


def test_a_bookmark_that_is_too_deep_says_what_the_table_says(serve: Serve) -> None:
    deep = '{"a":' * 3000 + "1" + "}" * 3000
    sent = json.dumps({"type": "BOOKMARK", "object": table(row("a"), version="12")})
    sent = sent.replace(json.dumps(row("a")["object"]), deep)
    server = serve(lambda _: watch(sent.encode() + b"\n"))
    (event,) = cluster_at(server.url).lister_watcher(WIDGETS, form=Form.TABLE).watch(ListOptions())
    assert event.object == {"metadata": {"resourceVersion": "12"}}


def test_no_table_and_no_list(serve: Serve) -> None:
    cluster = cluster_at(serve(lambda _: [answer(b"nonsense")]).url)
    with pytest.raises(ApiError, match="cannot be read"):
        cluster.table_columns(WIDGETS)
    with pytest.raises(ApiError, match="cannot be read"):
        cluster.lister_watcher(WIDGETS, form=Form.TABLE).list(ListOptions())

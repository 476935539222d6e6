"""What the first table will ask for goes beside discovery; what discovery does not confirm is let go of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from kwatch.cluster import ApiServer
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Form, ListOptions
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.informer.streaming_list import streaming_options
from tests.cluster.conftest import Serve
from tests.cluster.samples import PODS, cluster_at
from tests.cluster.scripted_server import (
    Received,
    ScriptedServer,
    answer,
    chunk,
    event,
    stream_head,
)
from tests.cluster.test_discovery import AGGREGATED, group, group_list, version

FIRST = replace(streaming_options(ListOptions()), timeout_seconds=400)
TABLE = {"kind": "Table", "columnDefinitions": [{"name": "Name", "type": "string"}], "rows": []}
UNKNOWN = Resource(GroupVersionResource("apps", "v9", "gadgets"), "Gadget", True)


def api(received: Received) -> Iterable[bytes]:
    path, _, query = received.target.partition("?")
    if path in AGGREGATED:
        yield answer(AGGREGATED[path])
    elif path == "/version":
        yield answer({"gitVersion": "v1.36.2"})
    elif "watch=true" in query:
        yield stream_head()
        yield chunk(event("ADDED", "web-1"))
    elif path.endswith("/pods"):
        yield answer(TABLE)
    else:
        yield answer(b"404 page not found\n", 404)


def asking(server: ScriptedServer, *resources: Resource, columns: bool = True) -> ApiServer:
    cluster = cluster_at(server.url)
    cluster.ask_ahead(resources or (PODS,), "demo", "a=b", None, columns=columns)
    return cluster


def targets(server: ScriptedServer) -> list[str]:
    return sorted(each.target.partition("?")[0] for each in server.requests)


def test_everything_goes_at_once_and_each_question_once(serve: Serve) -> None:
    server = serve(api)
    cluster = asking(server)
    server.wait_for_requests(3)  # before discovery is
    assert targets(server) == ["/api/v1/namespaces/demo/pods", "/api/v1/namespaces/demo/pods", "/version"]
    cluster.discover()
    assert cluster.version() == "v1.36.2"
    assert [each.name for each in cluster.table_sample(PODS, "demo").columns] == ["Name"]
    with_more_verbs = replace(PODS, verbs=frozenset({"create"}), short_names=("po",))
    stream = cluster.lister_watcher(with_more_verbs, "demo", "a=b").watch(FIRST)
    first = next(iter(stream)).object
    assert isinstance(first, KubeObject) and first.key == "demo/web-1"
    assert len(server.requests) == 5
    assert "labelSelector=a%3Db" in next(each.target for each in server.requests if "watch=true" in each.target)
    cluster.close()
    server.wait_until_open(0)


def test_the_second_time_it_is_asked_as_ever(serve: Serve) -> None:
    server = serve(api)
    cluster = asking(server)
    cluster.discover()
    first = cluster.lister_watcher(PODS, "demo", "a=b")
    second = cluster.lister_watcher(PODS, "demo", "a=b")
    for count, lister_watcher in ((5, first), (6, second), (7, first)):
        lister_watcher.watch(FIRST)
        assert len(server.wait_for_requests(count)) == count
    cluster.version()
    cluster.table_sample(PODS, "demo")
    cluster.table_sample(PODS, "demo")
    assert cluster.version() == "v1.36.2"
    assert len(server.requests) == 9


@pytest.mark.parametrize(
    "options", [replace(FIRST, resource_version="7"), ListOptions(resource_version="7", allow_watch_bookmarks=True)]
)
def test_another_watch_is_another_question(options: ListOptions, serve: Serve) -> None:
    server = serve(api)
    cluster = asking(server, columns=False)
    cluster.discover()
    lister_watcher = cluster.lister_watcher(PODS, "demo", "a=b")
    lister_watcher.watch(options)
    assert "resourceVersion=7" in server.wait_for_requests(5)[-1].target
    lister_watcher.close()
    cluster.close()
    server.wait_until_open(0)


@pytest.mark.parametrize("where", [(None, "a=b"), ("other", "a=b"), ("demo", "a=c"), ("demo", None)])
def test_so_is_another_place(where: tuple[str | None, str | None], serve: Serve) -> None:
    server = serve(api)
    cluster = asking(server, columns=False)
    cluster.discover()
    cluster.lister_watcher(PODS, *where).watch(FIRST)
    assert len(server.wait_for_requests(5)) == 5
    cluster.close()
    server.wait_until_open(0)


def test_what_is_not_served_is_let_go_of(serve: Serve) -> None:
    server = serve(api)
    cluster = asking(server, UNKNOWN, columns=False)
    server.wait_for_requests(2)
    cluster.discover()
    cluster.version()
    cluster.close()
    server.wait_until_open(0)


def other_kind(received: Received) -> Iterable[bytes]:
    """Pods there are, but they are no Pods."""
    if received.target == "/api":
        return [answer(group_list(group("", version("v1", "pods"))))]
    return api(received)


def not_preferred(received: Received) -> Iterable[bytes]:
    old = {"resource": "pods", "responseKind": {"kind": "Pod"}, "scope": "Namespaced"}
    if received.target == "/api":
        return [answer(group_list(group("", version("v2", "pods"), {"version": "v1", "resources": [old]})))]
    return api(received)


@pytest.mark.parametrize("respond", [other_kind, not_preferred])
def test_the_stream_of_what_discovery_knows_otherwise_ends(
    respond: Callable[[Received], Iterable[bytes]], serve: Serve
) -> None:
    server = serve(respond)
    cluster = asking(server, columns=False)
    server.wait_for_requests(2)
    cluster.discover()
    cluster.version()
    # The three connections that are kept for what comes next; the stream's is gone.
    server.wait_until_open(3)


@pytest.mark.parametrize("status", [403, 422, 503])
def test_a_refusal_is_told_to_who_asks(status: int, serve: Serve) -> None:
    def respond(received: Received) -> Iterable[bytes]:
        refused = "/pods" in received.target
        return [answer({"kind": "Status", "message": "no"}, status)] if refused else api(received)

    server = serve(respond)
    cluster = asking(server)
    cluster.discover()
    with pytest.raises(ApiError) as caught:
        cluster.lister_watcher(PODS, "demo", "a=b").watch(FIRST)
    assert caught.value.status == status
    with pytest.raises(ApiError):
        cluster.table_sample(PODS, "demo")
    assert len(server.requests) == 5


def test_where_tables_are_asked_for_the_other_stream_ends(serve: Serve) -> None:
    server = serve(api)
    cluster = asking(server, columns=False)
    cluster.discover()
    cluster.version()
    cluster.lister_watcher(PODS, "demo", "a=b")
    cluster.lister_watcher(PODS, "demo", "a=b", form=Form.TABLE)
    server.wait_until_open(3)


def test_closing_ends_what_is_under_way(serve: Serve) -> None:
    def silent(received: Received) -> Iterable[bytes]:
        yield stream_head() if "watch=true" in received.target else b""

    server = serve(silent)
    cluster = asking(server)
    lister_watcher = cluster.lister_watcher(PODS, "demo", "a=b")
    server.wait_for_requests(3)
    cluster.close()
    server.wait_until_open(0)
    with pytest.raises(Closed):
        cluster.version()
    with pytest.raises(Closed):
        for _ in lister_watcher.watch(FIRST):
            pass

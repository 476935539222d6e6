"""Answers that are not what was asked for: a gateway's page must never delete a cluster."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from kwatch.cluster.lister_watcher import HttpListerWatcher
from kwatch.informer import ApiError, DeltaFIFO, Indexer, KubeObject, ObjectList, Reflector
from kwatch.informer.protocol import Form, ListOptions
from kwatch.informer.resource import GroupVersionResource, Resource
from tests.cluster.conftest import Serve
from tests.cluster.samples import PODS, WIDGETS, cluster_at
from tests.cluster.scripted_server import Received, answer, event, head, watch
from tests.informer.fakes import show
from tests.informer.reflecting import StoppingClock

NODE_METRICS = Resource(GroupVersionResource("metrics.k8s.io", "v1beta1", "nodes"), "NodeMetrics", False)
STATUS = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
POD: dict[str, Any] = {
    "kind": "Pod",
    "apiVersion": "v1",
    "metadata": {"name": "a", "namespace": "demo", "resourceVersion": "9"},
}
INITIAL_END = event("BOOKMARK", "", 12).replace(b'"12"', b'"12","annotations":{"k8s.io/initial-events-end":"true"}')
ITEM = {"metadata": {"name": "a", "namespace": "demo", "resourceVersion": "9"}}
SERVICE = {"kind": "Service", "apiVersion": "v1"} | ITEM


def pod_list(*items: Any, **fields: Any) -> dict[str, Any]:
    return {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": [*items], **fields}


def table(*rows: Any, **fields: Any) -> dict[str, Any]:
    return {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "9"}, "rows": [*rows]} | (
        fields
    )


def without(tree: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in tree.items() if name not in names}


WRONG: list[tuple[Any, int, str]] = [
    ({}, 0, "The answer is no list: {}."),
    ({"message": "please log in"}, 0, "The answer is no list: please log in."),
    ({"error": "login_required"}, 0, "The answer is no list: login_required."),
    (STATUS | {"code": 403, "reason": "Forbidden", "message": "pods is forbidden"}, 403, "pods is forbidden"),
    (STATUS | {"reason": "Expired", "message": "too old"}, 410, "too old"),
    (STATUS | {"status": "Success"}, 0, "The answer is a Status, no PodList."),
    (POD, 0, "The answer is a Pod, no PodList."),
    (without(POD, "kind") | {"items": []}, 0, "The answer is no list"),
    (without(pod_list(), "items", "metadata"), 0, "The answer is no PodList"),
    (without(pod_list(), "kind", "metadata"), 0, "The answer is no list"),
    ({"kind": "ServiceList", "apiVersion": "v1"} | without(pod_list(), "kind"), 0, "a ServiceList, no PodList"),
    (pod_list(apiVersion="metrics.k8s.io/v1beta1"), 0, "The answer is no PodList"),
    (
        {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
        | without(pod_list(), "kind", "apiVersion"),
        0,
        "a PartialObjectMetadataList, no PodList",
    ),
    (pod_list(SERVICE, SERVICE), 0, "nothing that was asked for; its first item is of v1/Service"),
    (pod_list({"message": "please log in"}), 0, "nothing that was asked for"),
    (pod_list(None, None), 0, "nothing that was asked for"),
    (pod_list(1), 0, "nothing that was asked for"),
    (pod_list(items={}), 0, "The list cannot be read"),
    (pod_list(items="none"), 0, "The list cannot be read"),
    (pod_list(metadata=[]), 0, "The list cannot be read"),
    (pod_list(metadata={"resourceVersion": "9", "continue": 5}), 0, "The list cannot be read"),
    (pod_list(kind=5), 0, "The list cannot be read"),
    (None, 0, "The list cannot be read: null"),
    ([], 0, "The list cannot be read: []"),
    ([ITEM], 0, "The list cannot be read: ["),
    ("please log in", 0, 'The list cannot be read: "please log in"'),
    (5, 0, "The list cannot be read: 5"),
    (b"", 0, "The list cannot be read: it is empty"),
    (b"please\r\n  log in", 0, "The list cannot be read: please log in"),
    (b"<!doctype html><title>Sign in</title>", 0, "The list cannot be read: <!doctype html>"),
    (json.dumps(pod_list(ITEM)).encode()[:-9], 0, "The list cannot be read"),
    (table(), 0, "Table where objects were asked for"),
]
SENT = [answer(body) for body, _, _ in WRONG]
TOLD = [(status, words) for _, status, words in WRONG]
TRUNCATED = gzip.compress(json.dumps(pod_list(*[ITEM] * 50)).encode())[:-40]
OTHERS = [
    (answer(b"", 204), 204, "answered 204"),
    (answer(pod_list(), 206), 206, "answered 206"),
    (answer(pod_list(), 201), 201, "answered 201"),
    (answer(b"", 304), 304, "answered 304"),
    (answer(b"<html>log in</html>", Content_Type="text/html"), 0, "web page"),
    (answer(b"<html>log in</html>", Content_Type="TEXT/HTML; charset=utf-8"), 0, "web page"),
    (answer(TRUNCATED, Content_Encoding="gzip"), 0, "The list cannot be read"),
    (answer(b"no gzip at all", Content_Encoding="gzip"), 0, "cannot be decompressed"),
]


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [*((sent, *told) for sent, told in zip(SENT, TOLD, strict=True)), *OTHERS],
    ids=lambda value: "" if isinstance(value, bytes) else str(value),
)
def test_is_no_list_and_leaves_the_cache_as_it_is(sent: bytes, status: int, words: str, serve: Serve) -> None:
    stop = threading.Event()
    clock = StoppingClock(stop, 60.0)
    server = serve(good_once(sent))
    store = Indexer()
    lister_watcher = cluster_at(server.url).lister_watcher(PODS)
    reflector = Reflector(lister_watcher, store, clock=clock, streaming=False, expected_type=("v1", "Pod"))
    reflector.run(stop)
    assert {show(obj) for obj in store.list()} == {"a@2"}
    errors = [error for error in reflector.status.errors if error.source == "list and watch"]
    assert errors
    for error in errors:
        assert words in error.message
        assert error.status == status
    assert len(server.requests) <= 12, "ten a minute, and those at the beginning of the next"


def good_once(sent: bytes) -> Any:
    """A list, a watch that ends, and then this for ever."""
    lists = 0

    def respond(received: Received) -> Iterable[bytes]:
        nonlocal lists
        if "watch=true" in received.target:
            return watch(event("MODIFIED", version=2), error(410, "Expired"))
        lists += 1
        return [sent if lists > 1 else answer(pod_list(ITEM))]

    return respond


STRANGE: list[Any] = [
    {"metadata": {"namespace": "demo", "uid": "b", "resourceVersion": "7"}},
    {"metadata": {"name": "", "namespace": "demo"}},
    {"metadata": {"name": 5, "namespace": "demo"}},
    {"metadata": {"name": "b", "namespace": "other"}},
    {"metadata": []},
    SERVICE,
    {},
    None,
    5,
]


@pytest.mark.parametrize("strange", STRANGE, ids=str)
@pytest.mark.parametrize("streams", [False, True])
def test_what_a_list_with_something_strange_in_it_lacks_is_not_gone(strange: Any, streams: bool, serve: Serve) -> None:
    """Who knows which of them that was."""
    lists = 0
    newer = POD | {"metadata": POD["metadata"] | {"resourceVersion": "11"}}
    other = POD | {"metadata": POD["metadata"] | {"name": "b"}}

    def respond(received: Received) -> Iterable[bytes]:
        nonlocal lists
        if "watch=true" in received.target and "sendInitialEvents" not in received.target:
            return watch(error(410, "Expired"))
        lists += 1
        items = [POD, other] if lists == 1 else [newer, strange]
        if streams:
            added = (json.dumps({"type": "ADDED", "object": each}).encode() + b"\n" for each in items)
            return watch(*added, INITIAL_END, error(410, "Expired"))
        return [answer(pod_list(*items))]

    stop = threading.Event()
    store = Indexer()
    fifo = DeltaFIFO(known_objects=store, on_refused=lambda obj, error: None)
    lister_watcher = cluster_at(serve(respond).url).lister_watcher(PODS, "demo")
    reflector = Reflector(lister_watcher, fifo, streaming=streams, expected_type=("v1", "Pod"))
    reflector.list_and_watch(stop)
    store.replace([KubeObject.of(POD), KubeObject.of(other)])
    reflector.list_and_watch(stop)
    queued: list[str] = []
    fifo.drain(lambda batch: queued.extend(f"{key} {deltas[-1].type}" for key, deltas in batch.deltas.items()))
    assert sorted(queued) == ["demo/a Replaced", "demo/b Replaced"]
    assert "nothing that it lacks is taken for gone" in str(reflector.status.errors)


def error(code: int, reason: str) -> bytes:
    return json.dumps({"type": "ERROR", "object": STATUS | {"code": code, "reason": reason}}).encode() + b"\n"


@pytest.mark.parametrize("number", [0, 1, 3])
def test_is_no_first_list_either(number: int, serve: Serve) -> None:
    sent, (status, words) = SENT[number], TOLD[number]
    with pytest.raises(ApiError, match=words) as caught:
        cluster_at(serve(lambda _: [sent]).url).lister_watcher(PODS).list(ListOptions())
    assert caught.value.status == status
    with pytest.raises(ApiError):
        cluster_at(serve(lambda _: [sent]).url).lister_watcher(PODS).latest_version()


def test_objects_of_another_namespace_are_none_that_were_asked_for(serve: Serve) -> None:
    elsewhere = {"metadata": {"name": "a", "namespace": "other", "resourceVersion": "9"}}
    server = serve(lambda _: [answer(pod_list(elsewhere))])
    lister_watcher = cluster_at(server.url).lister_watcher(PODS, "demo")
    with pytest.raises(ApiError, match="first item is of v1/Pod, other/a"):
        Reflector(lister_watcher, Indexer(), streaming=False).list_and_watch(threading.Event())


def test_events_of_another_namespace_are_dropped(serve: Serve) -> None:
    def respond(received: Received) -> Iterable[bytes]:
        if "watch=true" in received.target:
            other = event("DELETED", "a", 3).replace(b"demo", b"other")
            return watch(event("MODIFIED", "a", 2), other, error(410, "Expired"))
        return [answer(pod_list(ITEM))]

    store = Indexer()
    lister_watcher = cluster_at(serve(respond).url).lister_watcher(PODS, "demo")
    reflector = Reflector(lister_watcher, store, streaming=False)
    reflector.list_and_watch(threading.Event())
    assert {show(obj) for obj in store.list()} == {"a@2"}
    assert reflector.status.dropped == 1
    assert reflector.last_sync_resource_version == "2"


def test_a_redirect_to_a_login_page_is_no_list(serve: Serve) -> None:
    login = serve(lambda _: [answer({"message": "please log in"})])
    server = serve(lambda _: [head(302, {"Location": f"{login.url}/login", "Content-Length": "0"})])
    with pytest.raises(ApiError, match="please log in"):
        cluster_at(server.url).lister_watcher(PODS).list(ListOptions())


@pytest.mark.parametrize(
    ("location", "words", "each"),
    [
        ("http://127.0.0.1:1/there", "redirects. The server http://127.0.0.1:1 refuses connections", 2),
        ("http://[::bad/", "redirects to what is no web address", 2),
        ("{target}", "redirects in a circle", 10),
    ],
)
def test_a_redirect_that_leads_nowhere_is_no_outage(location: str, words: str, each: int, serve: Serve) -> None:
    """The server is there. What follows a redirect is a request like any other."""

    def respond(received: Received) -> Iterable[bytes]:
        where = location.format(target=received.target)
        return [head(302, {"Location": where, "Content-Length": "0"})]

    server = serve(respond)
    stop = threading.Event()
    clock = StoppingClock(stop, 300.0)
    reflector = Reflector(cluster_at(server.url).lister_watcher(PODS), Indexer(), clock=clock, streaming=False)
    reflector.run(stop)
    error = reflector.status.last_error
    assert error is not None
    assert words in error.message
    assert len(reflector.status.errors) * each <= 5 * 10 + each
    assert len(server.requests) <= 5 * 10 + each


@pytest.mark.parametrize(
    "body",
    [
        pod_list(),
        pod_list(items=None),
        without(pod_list(), "items"),
        without(pod_list(), "kind", "apiVersion"),
        without(pod_list(), "metadata"),
        {"kind": "List", "apiVersion": "v1"} | without(pod_list(), "kind"),
    ],
)
def test_an_empty_list_may_say_so_in_any_of_these_ways(body: Any, serve: Serve) -> None:
    page = cluster_at(serve(lambda _: [answer(body)]).url).lister_watcher(PODS).list(ListOptions())
    assert page.items == []


@pytest.mark.parametrize("kind", ["WidgetList", "WidgetCollection", "Widgets", "List"])
def test_a_custom_resource_may_call_its_list_as_it_likes(kind: str, serve: Serve) -> None:
    body = pod_list(ITEM, kind=kind, apiVersion="example.com/v1")
    page = cluster_at(serve(lambda _: [answer(body)]).url).lister_watcher(WIDGETS).list(ListOptions())
    assert len(page.items) == 1


def test_a_list_without_a_version_is_one_if_its_kind_says_so(serve: Serve) -> None:
    body = {"kind": "NodeMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {}, "items": [ITEM]}
    page = cluster_at(serve(lambda _: [answer(body)]).url).lister_watcher(NODE_METRICS).list(ListOptions())
    assert (len(page.items), page.resource_version) == (1, "")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (without(table(), "rows"), "The answer is no Table"),
        (table(rows={}), "Table where objects were asked for"),
        (table({"cells": ["a"]}), "nothing that was asked for"),
        (table({"cells": ["a"], "object": None}), "nothing that was asked for"),
        (table({"cells": ["a"], "object": SERVICE}), "nothing that was asked for; its first item is of v1/Service"),
        ({"message": "please log in"}, "please log in"),
        (STATUS | {"code": 403, "message": "widgets is forbidden"}, "forbidden"),
    ],
)
def test_is_no_table_either(body: Any, words: str, serve: Serve) -> None:
    lister_watcher: HttpListerWatcher = cluster_at(serve(lambda _: [answer(body)]).url).lister_watcher(
        WIDGETS, form=Form.TABLE
    )
    store = Indexer()
    with pytest.raises(ApiError, match=words):
        reflector = Reflector(lister_watcher, store, streaming=False, expected_type=("example.com/v1", "Widget"))
        reflector.list_and_watch(threading.Event())


@pytest.mark.parametrize("rows", [[], None])
def test_a_table_may_be_empty(rows: Any, serve: Serve) -> None:
    page = (
        cluster_at(serve(lambda _: [answer(table(rows=rows))]).url)
        .lister_watcher(WIDGETS, form=Form.TABLE)
        .list(ListOptions())
    )
    assert page == ObjectList([], "9")


@pytest.mark.parametrize("body", [{}, {"message": "please log in"}, STATUS | {"code": 403, "message": "no"}, None])
def test_says_nothing_of_what_the_server_offers(body: Any, serve: Serve) -> None:
    with pytest.raises(ApiError):
        cluster_at(serve(lambda _: [answer(body)]).url).discover()

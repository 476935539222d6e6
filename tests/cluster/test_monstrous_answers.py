"""Answers nested without end, numbers beyond reason, sizes that no memory has: sentences, never tracebacks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kwatch.cluster import ApiServer
from kwatch.informer.errors import ApiError
from kwatch.informer.protocol import Form, ListOptions
from tests.cluster.conftest import Serve
from tests.cluster.samples import PODS, WIDGETS, cluster_at
from tests.cluster.scripted_server import CLOSE, LAST_CHUNK, answer, chunk, head, stream_head

DEPTH = 500_000
"""More than any Python reads: how deep that is follows from the size of the stack."""
DEEP = b"[" * DEPTH + b"]" * DEPTH
MANY = b"9" * 5000
JSON = {"Content-Type": "application/json"}
BODIES = {
    "nested": DEEP,
    "nested objects": b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
    "nested, without end": b"[" * DEPTH,
    "nested in a field": b'{"kind":"PodList","items":[],"metadata":{"resourceVersion":"1","x":' + DEEP + b"}}",
    "nested in discovery": b'{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"x","y":' + DEEP + b"}}]}",
    "nested in a cell": b'{"kind":"Table","rows":[{"cells":[' + DEEP + b'],"object":{}}]}',
    "nested in a status": b'{"kind":"Status","status":"Failure","message":"m","details":' + DEEP + b"}",
    "a number of 5,000 digits": b'{"kind":"PodList","metadata":{"remainingItemCount":' + MANY + b'},"items":[]}',
    "a number beyond reason": b'{"kind":"Status","status":"Failure","details":{"retryAfterSeconds":1e400}}',
    "a version that is a number": b'{"gitVersion":' + MANY + b',"versions":' + MANY + b"}",
    "a lone surrogate": b'{"kind":"PodList","metadata":{"resourceVersion":"\\ud800"},"items":[]}',
    "no UTF-8": b'{"kind":"PodList","metadata":{"resourceVersion":"\xff"},"items":[]}',
}
HEADERS: dict[str, dict[str, str]] = {
    "more than any memory": {"Content-Length": "999999999999999"},
    "more than any number": {"Content-Length": "9" * 30},
    "digits without end": {"Content-Length": "9" * 5000},
    "negative": {"Content-Length": "-5"},
    "no number": {"Content-Length": "abc"},
    "a chunk of any size": {"Transfer-Encoding": "chunked"},
    "an encoding that is none": {"Content-Length": "5", "Content-Encoding": "gzip"},
    "encoded fifty times": {"Content-Length": "5", "Content-Encoding": ", ".join(["gzip"] * 50)},
    "a header without end": {"Content-Length": "5", "X": "y" * 100_000},
    "300 headers": {"Content-Length": "5", **{f"X{number}": "1" for number in range(300)}},
}
RETRIES = ["9" * 5000, "9" * 309, "1e400", "nan", "inf", "-5", "²", "Fri, 31 Dec 9999 23:59:59 GMT"]
RETRIES += ["Fri, 99 Dec 99999 23:59:59 GMT", "Fri, 31 Dec 2027 23:59:59 +99999999", "Mon, 01 Jan 0001 00:00:00 +2359"]


def questions(cluster: ApiServer) -> dict[str, Callable[[], object]]:
    door, tables = cluster.lister_watcher(PODS), cluster.lister_watcher(WIDGETS, form=Form.TABLE)
    return {
        "version": cluster.version,
        "discovery": cluster.discover,
        "list": lambda: door.list(ListOptions()),
        "watch": lambda: list(door.watch(ListOptions())),
        "table": lambda: tables.list(ListOptions()),
        "table watch": lambda: list(tables.watch(ListOptions())),
        "columns": lambda: cluster.table_columns(WIDGETS),
        "object": lambda: cluster.get(PODS, "a", "demo"),
        "logs": lambda: list(cluster.logs("demo", "a")),
        "probe": door.probe,
    }


def ask_everything(url: str) -> list[str]:
    """Every question; what it raises must be an ApiError of one short line. Which questions were answered."""
    answered = []
    for name, question in questions(cluster_at(url)).items():
        try:
            question()
            answered.append(name)
        except ApiError as error:
            assert "\n" not in error.message and len(error.message) < 500, (name, error.message)
    return answered


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("status", [200, 500])
def test_bodies(name: str, status: int, serve: Serve) -> None:
    server = serve(lambda _: [answer(BODIES[name], status, Content_Type="application/json")])
    answered = ask_everything(server.url)
    assert "discovery" not in answered
    assert status == 200 or answered == []


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("type_", [b"ADDED", b"ERROR", b"BOOKMARK"])
def test_events(name: str, type_: bytes, serve: Serve) -> None:
    event = b'{"type":"%s","object":%s}\n' % (type_, BODIES[name])
    ask_everything(serve(lambda _: [stream_head(), chunk(event), LAST_CHUNK]).url)


@pytest.mark.parametrize("name", HEADERS)
def test_headers(name: str, serve: Serve) -> None:
    body = b"fffffffffffffffff\r\nhello" if "Transfer-Encoding" in HEADERS[name] else b"hello"
    answered = ask_everything(serve(lambda _: [head(200, JSON | HEADERS[name]) + body, CLOSE]).url)
    assert set(answered) <= {"logs", "probe", "watch", "table watch"}, "the others must have understood the answer"


def test_what_is_too_large_for_the_memory_is_said_to_be(serve: Serve) -> None:
    server = serve(lambda _: [head(200, JSON | HEADERS["more than any number"]) + b"hello"])
    with pytest.raises(ApiError, match=r"The answer of http://\S+ to /version is larger than 1 MB"):
        cluster_at(server.url).version()


def test_a_discovery_that_is_nested_too_deep_is_said_to_be(serve: Serve) -> None:
    server = serve(lambda _: [answer(BODIES["nested objects"])])
    with pytest.raises(ApiError, match=r"list of what it offers cannot be read: .*nested too deep\)\."):
        cluster_at(server.url).discover()


@pytest.mark.parametrize("value", RETRIES)
def test_when_to_come_back(value: str, serve: Serve) -> None:
    refusal = head(503, JSON | {"Content-Length": "2", "Retry-After": value}) + b"{}"
    with pytest.raises(ApiError) as caught:
        cluster_at(serve(lambda _: [refusal]).url).version()
    assert caught.value.retry_after is None or caught.value.retry_after >= 0

"""A container's log, line by line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.waiting import Signal
from tests.cluster.conftest import Serve
from tests.cluster.samples import cluster_at
from tests.cluster.scripted_server import CLOSE, LAST_CHUNK, Received, answer, chunk, stream_head


def streaming(*pieces: bytes, end: bytes = LAST_CHUNK) -> object:
    def respond(_: Received) -> Iterator[bytes]:
        yield stream_head(Content_Type="text/plain")
        yield from map(chunk, pieces)
        yield end

    return respond


def lines(serve: Serve, *pieces: bytes) -> list[str]:
    return list(cluster_at(serve(streaming(*pieces)).url).logs("demo", "a"))  # type: ignore[arg-type]


def test_lines_however_they_are_cut(serve: Serve) -> None:
    assert lines(serve, b"one\ntw", b"o\n\nfo", b"ur") == ["one", "two", "", "four"]
    assert lines(serve, b"one\r\n", b"a\rb\n") == ["one", "a\rb"]
    assert lines(serve) == []


def test_lines_that_come_together_are_told_together(serve: Serve) -> None:
    stream = cluster_at(serve(streaming(b"one\ntwo\nth", b"ree\n")).url).logs("demo", "a")  # type: ignore[arg-type]
    batches = [batch for batch in stream.batches() if batch]
    assert [line for batch in batches for line in batch] == ["one", "two", "three"]
    assert batches[0][:2] == ["one", "two"]


def test_letters_are_whole_and_what_is_no_text_is_replaced(serve: Serve) -> None:
    whole = "grün ✓\n".encode()
    assert lines(serve, whole[:3], whole[3:9], whole[9:], b"\xff\xfe!\n") == ["grün ✓", "\ufffd\ufffd!"]


def test_a_line_without_an_end_does_not_fill_the_memory(serve: Serve) -> None:
    pieces = [b"x" * 300_000] * 8
    long, next_one = lines(serve, *pieces, b"\nnext\n")
    assert long == f"{'x' * (1 << 20)}… (1,351,424 bytes more)"
    assert next_one == "next"


def test_what_is_asked_for(serve: Serve) -> None:
    server = serve(streaming())  # type: ignore[arg-type]
    cluster = cluster_at(server.url)
    list(cluster.logs("de mo", "a"))
    list(
        cluster.logs(
            "demo", "a", container="c", follow=True, previous=True, tail_lines=0, since_seconds=60, timestamps=True
        )
    )
    plain, full = (urlsplit(each.target) for each in server.requests)
    assert (plain.path, plain.query) == ("/api/v1/namespaces/de%20mo/pods/a/log", "")
    assert parse_qs(full.query) == {
        "container": ["c"],
        "follow": ["true"],
        "previous": ["true"],
        "timestamps": ["true"],
        "tailLines": ["0"],
        "sinceSeconds": ["60"],
    }


def test_a_refusal(serve: Serve) -> None:
    message = 'previous terminated container "c" in pod "a" not found'
    status = {"kind": "Status", "message": message, "reason": "BadRequest", "code": 400}
    with pytest.raises(ApiError, match=message) as caught:
        cluster_at(serve(lambda _: [answer(status, 400)]).url).logs("demo", "a", previous=True)
    assert caught.value.status == 400


def test_a_log_that_breaks_off(serve: Serve) -> None:
    stream = iter(cluster_at(serve(streaming(b"one\n", end=CLOSE)).url).logs("demo", "a"))  # type: ignore[arg-type]
    assert next(stream) == "one"
    with pytest.raises(ApiError) as caught:
        next(stream)
    assert caught.value.reason == "ConnectionLost"


def test_who_waits_for_a_log_can_be_let_go(serve: Serve) -> None:
    """A kubelet that is not there is waited for long; the thread that does so used to outlive its screen."""
    asked, never, cancel = threading.Event(), threading.Event(), Signal()

    def respond(_: Received) -> Iterator[bytes]:
        asked.set()
        never.wait(20)
        yield b""

    cluster = cluster_at(serve(respond).url)
    ended: list[type[BaseException]] = []

    def read() -> None:
        try:
            list(cluster.logs("demo", "a", cancel=cancel))
        except Closed as error:
            ended.append(type(error))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert asked.wait(60)
    cancel.set()
    reader.join(60)
    never.set()
    assert ended == [Closed]

"""What goes wrong on the way to an answer is told in one sentence, with what the machinery needs to know."""

from __future__ import annotations

import base64
import json
import socket
import struct
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from kwatch.cluster import ApiServer, connect
from kwatch.cluster.transport.transport import parse_retry_after
from kwatch.informer.errors import ApiError, Cause, patience
from kwatch.informer.protocol import ListOptions
from tests.cluster.conftest import Serve
from tests.cluster.samples import PODS, cluster_at
from tests.cluster.scripted_server import CLOSE, LAST_CHUNK, Received, answer, chunk, event, head, stream_head

NOW = 1_800_000_000.0


def refusal(cluster: ApiServer) -> ApiError:
    with pytest.raises(ApiError) as caught:
        cluster.lister_watcher(PODS).list(ListOptions())
    assert "\n" not in caught.value.message
    return caught.value


def told(cluster: ApiServer) -> tuple[int, str, str]:
    error = refusal(cluster)
    return error.status, error.reason, error.message


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    status, reason, message = told(cluster_at(f"http://127.0.0.1:{port}"))
    assert (status, reason) == (0, "ConnectionRefused")
    assert message.startswith(f"The server http://127.0.0.1:{port} refuses connections")


def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def unknown(host: str, *args: object, **kwargs: object) -> object:
        if host == "nowhere.example":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    status, reason, message = told(cluster_at("http://nowhere.example"))
    assert (status, reason) == (0, "NameResolution")
    assert "nowhere.example cannot be found" in message


@pytest.mark.parametrize("host", ["a..b", ".", "☃..x", f"{'x' * 70}.example"])
def test_what_can_be_no_host(host: str) -> None:
    status, reason, message = told(cluster_at(f"https://{host}"))
    assert (status, reason) == (0, "NameResolution"), message
    assert message.startswith(f"The host {host} cannot be found")


def test_no_answer_in_time(serve: Serve) -> None:
    server = serve(lambda _: ())
    status, reason, message = told(connect(server=server.url, request_timeout=0.05))
    assert (status, reason) == (0, "Timeout")
    assert "does not answer" in message


@pytest.mark.parametrize(
    ("bytes_before", "expected"),
    [
        (b"", "ConnectionLost"),
        (b"HTTP/1.1 200 OK\r\n", "ConnectionLost"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "CutOff"),
        (stream_head() + chunk(b"half"), "CutOff"),
    ],
)
def test_the_connection_breaks_off(bytes_before: bytes, expected: str, serve: Serve) -> None:
    def respond(_: Received) -> Iterator[bytes]:
        yield bytes_before
        yield CLOSE

    status, reason, message = told(cluster_at(serve(respond).url))
    assert (status, reason) == (0, expected)
    assert "broke off" in message


INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (b"SSH-2.0-OpenSSH_9.9\r\n", "does not answer in HTTP that can be read"),
        (b"HTTP/2 200\r\n\r\n", "does not answer in HTTP that can be read"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 99_999 + b"\r\n\r\n", "does not answer in HTTP that can be read"),
        (INTERIM * 99, "does not answer in HTTP that can be read"),
        (head(200, {"Content-Encoding": "gzip"}) + b"not gzip", "cannot be decompressed"),
        (head(302, {"Location": "ftp://there/"}), "redirects to what is no web address"),
    ],
)
def test_what_is_no_http(said: bytes, sentence: str, serve: Serve) -> None:
    def respond(_: Received) -> Iterator[bytes]:
        yield said
        yield CLOSE

    error = refusal(cluster_at(serve(respond).url))
    assert sentence in error.message
    assert patience(error) == 0, "the same would come again"


def test_interim_answers_are_passed_over(serve: Serve) -> None:
    cluster = cluster_at(serve(lambda _: [INTERIM * 3, answer({"gitVersion": "v1"})]).url)
    assert cluster.version() == "v1"


def test_a_connection_that_was_closed_while_idle_is_no_failure(serve: Serve) -> None:
    count = 0

    def respond(_: Received) -> Iterator[bytes]:
        nonlocal count
        count += 1
        if count == 2:
            yield CLOSE
        yield answer({"gitVersion": f"v{count}"})

    cluster = cluster_at(serve(respond).url)
    assert cluster.version() == "v1"
    assert cluster.version() == "v3", "asked again over a fresh connection"


def test_connections_are_used_again(serve: Serve) -> None:
    server = serve(lambda _: [answer({"gitVersion": "v1"})])
    cluster = cluster_at(server.url)
    for _ in range(3):
        cluster.version()
    assert (len(server.requests), server.accepted) == (3, 1)


def test_a_refused_request_leaves_the_connection_usable(serve: Serve) -> None:
    server = serve(lambda received: [answer(b"no", 404) if "pods" in received.target else answer({"gitVersion": "v1"})])
    cluster = cluster_at(server.url)
    assert refusal(cluster).status == 404
    assert cluster.version() == "v1"


@pytest.mark.parametrize(
    ("sent", "told_"),
    [
        (answer(b"404 page not found\n", 404), (404, "NotFound", "404 page not found", None)),
        (
            answer(b"Too many requests, please try again later.\n", 429, Retry_After="1"),
            (429, "TooManyRequests", "Too many requests, please try again later.", 1.0),
        ),
        (answer(b"", 503, Retry_After="7"), (503, "ServiceUnavailable", "The server answered 503.", 7.0)),
        (
            answer(b"<html><body>Bad gateway</body></html>", 502, Content_Type="text/html"),
            (502, "Unknown", "The server answered 502.", None),
        ),
        (answer(b"\xff\xfe", 500), (500, "InternalError", "\ufffd\ufffd", None)),
        (answer({"kind": "Status", "code": 500}, 500), (500, "InternalError", "The server answered 500.", None)),
        (answer(["not", "a", "status"], 500), (500, "InternalError", '["not", "a", "status"]', None)),
        (
            answer({"kind": "Status", "message": "m", "reason": "r", "details": {"retryAfterSeconds": 3}}, 504),
            (504, "r", "m", 3.0),
        ),
        (
            answer({"kind": "Status", "message": None, "reason": None, "details": None, "metadata": None}, 400),
            (400, "BadRequest", "The server answered 400.", None),
        ),
        (answer(b"x" * 9999, 500), (500, "InternalError", "x" * 300 + "...", None)),
    ],
)
def test_answers_of_any_form(sent: bytes, told_: tuple[int, str, str, float | None], serve: Serve) -> None:
    error = refusal(cluster_at(serve(lambda _: [sent]).url))
    assert (error.status, error.reason, error.message, error.retry_after) == told_


def test_causes_and_the_place_to_go_on_from(serve: Serve) -> None:
    status = {
        "kind": "Status",
        "metadata": {"continue": "abc"},
        "reason": "Expired",
        "details": {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large"}, {"field": "f"}]},
    }
    error = refusal(cluster_at(serve(lambda _: [answer(status, 410)]).url))
    assert error.causes == (Cause("ResourceVersionTooLarge", "Too large", ""), Cause("", "", "f"))
    assert error.continue_token == "abc"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (formatdate(NOW + 30, usegmt=True), 30.0),
        (formatdate(NOW - 30, usegmt=True), 0.0),
        ("soon", None),
        ("-3", None),
        ("", None),
        (None, None),
        ("Mon, 99 Jan 2026 00:00:00 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


def test_a_token_that_expired(serve: Serve) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 1_700_000_000}).encode()).rstrip(b"=").decode()
    token = f"eyJhbGciOiJub25lIn0.{claims}.c2lnbmF0dXJl"
    server = serve(lambda _: [answer({"kind": "Status", "reason": "Unauthorized", "message": "Unauthorized"}, 401)])
    error = refusal(connect(server=server.url, token=token))
    assert (error.status, error.reason) == (401, "Unauthorized")
    assert "the token expired at 2023-11-14 22:13 UTC, log in again" in error.message
    assert claims not in error.message
    assert server.requests[0].header("authorization") == f"Bearer {token}"


def test_no_credentials_at_all(serve: Serve) -> None:
    error = refusal(cluster_at(serve(lambda _: [answer(b"Unauthorized", 401)]).url))
    assert "none were given, log in first" in error.message


def test_forbidden_says_what_the_server_says(serve: Serve) -> None:
    message = 'pods is forbidden: User "jane" cannot list resource "pods" in API group ""'
    status = {"kind": "Status", "reason": "Forbidden", "message": message}
    error = refusal(cluster_at(serve(lambda _: [answer(status, 403)]).url))
    assert (error.status, error.reason, error.message) == (403, "Forbidden", message)


@pytest.mark.parametrize("body", [b"", b"nonsense", b'{"items": 5}', b'{"kind":"Table","apiVersion":"meta.k8s.io/v1"}'])
def test_a_success_that_is_no_list(body: bytes, serve: Serve) -> None:
    assert refusal(cluster_at(serve(lambda _: [answer(body)]).url)).status == 0


def test_a_web_page_is_no_answer(serve: Serve) -> None:
    server = serve(lambda _: [answer(b"<html>Log in</html>", Content_Type="text/html; charset=utf-8")])
    door = cluster_at(server.url).lister_watcher(PODS)
    for ask in (door.list, door.watch):
        with pytest.raises(ApiError, match="answers with a web page") as caught:
            ask(ListOptions())
        assert (caught.value.status, caught.value.reason) == (0, "Malformed")


def reset(received: Received) -> Iterator[bytes]:
    yield stream_head() + chunk(event("ADDED"))
    yield CLOSE


def garbled(received: Received) -> Iterator[bytes]:
    yield stream_head() + chunk(event("ADDED")) + b"this is no chunk\r\n"


def half(received: Received) -> Iterator[bytes]:
    yield stream_head() + chunk(event("ADDED")) + chunk(event("MODIFIED")[:30]) + LAST_CHUNK


@pytest.mark.parametrize("script", [reset, garbled, half])
def test_a_watch_that_breaks_keeps_what_came_before(script: object, serve: Serve) -> None:
    stream = iter(cluster_at(serve(script).url).lister_watcher(PODS).watch(ListOptions()))  # type: ignore[arg-type]
    assert next(stream).type == "ADDED"
    with pytest.raises(ApiError) as caught:
        next(stream)
    assert (caught.value.status, caught.value.reason) == (0, "ConnectionLost")


def test_a_reset_by_the_peer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        cluster = cluster_at(f"http://127.0.0.1:{listener.getsockname()[1]}")
        import threading

        def refuse() -> None:
            connection, _ = listener.accept()
            connection.recv(10)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

        thread = threading.Thread(target=refuse)
        thread.start()
        assert told(cluster)[:2] == (0, "ConnectionLost")
        thread.join(60)


def test_a_watch_that_stays_silent_beyond_its_time(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kwatch.cluster.lister_watcher.WATCH_MARGIN", 0.05 - 1)
    monkeypatch.setattr("kwatch.cluster.lister_watcher.PATIENCE", 0.02)
    server = serve(lambda _: [stream_head() + chunk(event("ADDED"))])
    batches = cluster_at(server.url).lister_watcher(PODS).watch(ListOptions(timeout_seconds=1)).batches()
    assert [each.type for each in next(batches)] == ["ADDED"]
    assert list(next(batches)) == [], "a turn to look at the clock"
    with pytest.raises(ApiError) as caught:
        list(batches)
    assert (caught.value.status, caught.value.reason) == (0, "Timeout")


def test_too_many_redirects(serve: Serve) -> None:
    server = serve(lambda _: [head(302, {"Location": "/version", "Content-Length": "0"})])
    with pytest.raises(ApiError) as caught:
        cluster_at(server.url).version()
    assert len(server.requests) == 10, "as many as Go makes"
    assert "redirects" in caught.value.message

"""JSON posted to an address: again where a server fails, through proxies, on to where it is sent, not for ever."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import trustme

from kwatch.base.limits import check_url
from kwatch.session import webhooks
from kwatch.session.hook_actions import ActionFailed
from kwatch.session.webhooks import post


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


class Receiver:
    """A server that keeps what is posted, and answers with one status after the other, or never."""

    def __init__(self, *statuses: int, hangs: threading.Event | None = None, location: str = "") -> None:
        self.headers: list[dict[str, str]] = []
        self.posted: list[tuple[str, str, object]] = []
        waiting = [*statuses]
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posted.append((self.path, self.headers["Content-Type"], json.loads(body)))
                if hangs is not None:
                    hangs.wait(60)
                    return
                receiver.headers.append({**self.headers})
                self.send_response(waiting.pop(0))
                if location:
                    self.send_header("Location", location)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    thread = threading.Thread(target=receiver.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


class Hurry(threading.Event):
    """Nobody waits for it."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def test_json_is_posted_again_to_a_server_that_fails() -> None:
    with receiving(Receiver(500, 503, 204)) as receiver:
        post(f"{receiver.url}/hook?token=x", b'{"a":1}', Hurry())
    assert receiver.posted == [("/hook?token=x", "application/json", {"a": 1})] * 3


def test_a_refusal_is_final_and_attempts_are_bounded() -> None:
    with receiving(Receiver(404)) as receiver, pytest.raises(ActionFailed, match=r"^status 404$"):
        post(receiver.url, b"{}", Hurry())
    assert len(receiver.posted) == 1
    with receiving(Receiver(500, 500, 500)) as receiver, pytest.raises(ActionFailed, match=r"^status 500$"):
        post(receiver.url, b"{}", Hurry())
    assert len(receiver.posted) == 3
    with pytest.raises(ActionFailed, match=r"^no answer: "):
        post("http://127.0.0.1:1", b"{}", Hurry())


def test_a_webhook_that_hangs_is_given_up() -> None:
    over = threading.Event()
    with receiving(Receiver(hangs=over)) as receiver:
        with pytest.raises(ActionFailed, match=r"^no answer"):
            post(receiver.url, b"{}", Hurry(), longest=0.2)
        over.set()


def test_the_limit_is_one_for_all_attempts_and_for_where_it_is_sent_on() -> None:
    over = threading.Event()
    with receiving(Receiver(hangs=over)) as last, receiving(Receiver(307, location=last.url)) as first:
        with pytest.raises(ActionFailed, match=r"^no answer in time$"):
            post(first.url, b"{}", Hurry(), longest=1)
        over.set()
    assert len(first.posted) <= 1  # it hung until there was no time for another attempt


def test_no_attempt_begins_for_which_there_is_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_PAUSES", (1000.0, 1000.0))
    with receiving(Receiver(500, 500, 500)) as receiver, pytest.raises(ActionFailed, match=r"^status 500$"):
        post(receiver.url, b"{}", Hurry(), longest=900)  # the pause alone takes longer
    assert len(receiver.posted) == 1


def test_a_name_that_is_looked_up_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(60) and [])
    try:
        with pytest.raises(ActionFailed, match=r"^no answer in time$"):
            post("http://hook.example", b"{}", Hurry(), longest=0.2)
    finally:
        over.set()


def test_what_waits_for_an_answer_ends_with_the_program() -> None:
    over, stop = threading.Event(), threading.Event()
    with receiving(Receiver(hangs=over)) as receiver:
        threading.Timer(0.2, stop.set).start()
        with pytest.raises(ActionFailed, match=r"^ended$"):
            post(receiver.url, b"{}", stop)
        over.set()


@pytest.mark.parametrize("url", ["", "x", "ftp://a", "http://", "https://a b", "http://a:x", "https://é"])
def test_an_address_that_nothing_can_be_posted_to(url: str) -> None:
    with pytest.raises(ValueError, match="is no address to post to; write https://"):
        check_url(url)


def posted_once(url: str) -> None:
    post(url, b'{"a":1}', Hurry())


def test_a_name_and_a_password_in_the_address_are_sent_as_such() -> None:
    with receiving(Receiver(200)) as receiver:
        posted_once(receiver.url.replace("http://", "http://me:p%40ss@"))
    assert receiver.headers[0]["Authorization"] == "Basic bWU6cEBzcw=="


def test_it_is_posted_to_where_it_is_sent_on() -> None:
    with receiving(Receiver(204)) as last, receiving(Receiver(307, location=f"{last.url}/new")) as first:
        posted_once(f"{first.url}/old")
    assert [path for path, *_ in first.posted] == ["/old"]
    assert last.posted == [("/new", "application/json", {"a": 1})]


@pytest.mark.parametrize(
    ("status", "location", "says"),
    [
        (
            302,
            "http://elsewhere.example/login",
            "status 302, which sends it on to elsewhere.example without",
        ),
        (308, "file:///etc/passwd", "status 308, which sends it on to what is no address"),
        (307, "/again", "it was sent on more than 3 times"),
        (304, "", "status 304"),
    ],
)
def test_where_it_is_not_sent_on_to(status: int, location: str, says: str) -> None:
    receiver = Receiver(*[status] * 9, location=location)
    with receiving(receiver), pytest.raises(ActionFailed, match=f"^{says}") as caught:
        posted_once(receiver.url)
    assert caught.value.is_final


def test_it_goes_through_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(Receiver(204, 204)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("http://", "http://me:secret@"))
        posted_once("http://hook.example:8080/x?token=y")
        assert proxy.posted[0][0] == "http://hook.example:8080/x?token=y"
        assert proxy.headers[0]["Proxy-Authorization"] == "Basic bWU6c2VjcmV0"
        with receiving(Receiver(204)) as here:
            posted_once(here.url)  # what is on this machine is reached directly
        assert len(proxy.posted) == 1 and len(here.posted) == 1
        monkeypatch.setenv("NO_PROXY", ".example")
        with pytest.raises(ActionFailed, match=r"^no answer: (?!through)"):
            posted_once("http://hook.example:8080/x")


def test_a_proxy_that_is_none_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://proxy")
    with pytest.raises(ActionFailed, match=r"^The environment variable HTTPS_PROXY is not the URL"):
        posted_once("https://hook.example")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with pytest.raises(ActionFailed, match=r"^no answer: through the proxy 127\.0\.0\.1: "):
        posted_once("https://hook.example")


def by_connect(line: socket.socket) -> str:
    """Read what a client asks an HTTP proxy for, and grant it."""
    asked = b""
    while not asked.endswith(b"\r\n\r\n"):
        asked += line.recv(1)
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    return asked.partition(b" HTTP/")[0].decode()


def by_socks(line: socket.socket) -> str:
    """The same with a SOCKS 5 proxy."""
    line.recv(3)
    line.sendall(b"\5\0")
    length = line.recv(5)[4]
    asked = line.recv(length + 2)
    line.sendall(b"\5\0\0\1" + b"\0" * 6)
    return f"{asked[:length].decode()}:{int.from_bytes(asked[length:], 'big')}"


@pytest.mark.parametrize(
    ("scheme", "grant", "asked"),
    [("http", by_connect, "CONNECT hook.example:443"), ("socks5", by_socks, "hook.example:443")],
)
def test_tls_goes_through_a_proxy_to_a_server_that_is_trusted(
    scheme: str, grant: Callable[[socket.socket], str], asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE names an authority, as everywhere else; without it the server is not trusted, which is final."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hook.example").configure_cert(context)
    listener, heard = socket.create_server(("127.0.0.1", 0)), list[str]()

    def serve() -> None:
        for _ in range(2):
            line, _ = listener.accept()
            heard.append(grant(line))
            try:
                with context.wrap_socket(line, server_side=True) as inside:
                    received = b""
                    while not received.endswith(b'{"a":1}'):
                        received += inside.recv(1000)
                    heard.append(received.split(b"\r\n")[0].decode())
                    inside.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            except OSError:
                line.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")
    with pytest.raises(ActionFailed, match=r"certificate cannot be trusted.*SSL_CERT_FILE") as caught:
        posted_once("https://hook.example/x")
    assert caught.value.is_final
    with authority.cert_pem.tempfile() as file:
        monkeypatch.setenv("SSL_CERT_FILE", file)
        posted_once("https://hook.example/x")
    thread.join(60)
    listener.close()
    assert heard == [asked, asked, "POST /x HTTP/1.1"]

"""Through a SOCKS 5 proxy."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from kwatch.cluster import ApiServer
from kwatch.cluster.settings import ConnectionSettings, TLSTrust, UserEntry
from kwatch.informer.errors import ApiError, Closed
from tests.cluster.scripted_server import WAIT, answer

Converse = Callable[[socket.socket], None]
CONNECTED = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"


@pytest.fixture
def proxy() -> Iterator[Callable[[Converse], int]]:
    """A listener that has one conversation; gives its port."""
    with ExitStack() as stack:

        def start(converse: Converse) -> int:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def run() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(WAIT)
                    converse(connection)

            thread = threading.Thread(target=run, daemon=True)
            thread.start()
            stack.callback(thread.join, WAIT)
            return int(listener.getsockname()[1])

        yield start


def cluster_through(port: int, server: str = "http://cluster.example:8080", login: str = "") -> ApiServer:
    proxy_url = f"socks5://{login}127.0.0.1:{port}"
    return ApiServer(ConnectionSettings("it", "default", server, TLSTrust(), UserEntry(), proxy_url))


def serve_version(connection: socket.socket) -> None:
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        request += connection.recv(4096)
    assert request.startswith(b"GET /version ")
    connection.sendall(answer({"gitVersion": "v1"}))


def test_the_proxy_resolves_the_name(proxy: Callable[[Converse], int]) -> None:
    heard: list[bytes] = []

    def converse(connection: socket.socket) -> None:
        heard.append(connection.recv(100))
        connection.sendall(b"\x05\x00")
        heard.append(connection.recv(100))
        connection.sendall(CONNECTED)
        serve_version(connection)

    assert cluster_through(proxy(converse)).version() == "v1"
    assert heard == [b"\x05\x01\x00", b"\x05\x01\x00\x03\x0fcluster.example\x1f\x90"]


@pytest.mark.parametrize(
    ("host", "address", "bound"),
    [
        ("10.1.2.3", b"\x01\x0a\x01\x02\x03", CONNECTED),
        ("[fd00::1]", b"\x04\xfd" + bytes(14) + b"\x01", b"\x05\x00\x00\x04" + bytes(18)),
        ("10.1.2.4", b"\x01\x0a\x01\x02\x04", b"\x05\x00\x00\x03\x04name\x00\x01"),
    ],
)
def test_addresses(proxy: Callable[[Converse], int], host: str, address: bytes, bound: bytes) -> None:
    heard: list[bytes] = []

    def converse(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"\x05\x00")
        heard.append(connection.recv(100))
        for each in bound:
            connection.sendall(bytes([each]))
        serve_version(connection)

    assert cluster_through(proxy(converse), f"http://{host}").version() == "v1"
    assert heard == [b"\x05\x01\x00" + address + b"\x00\x50"]


def test_with_a_password(proxy: Callable[[Converse], int]) -> None:
    heard: list[bytes] = []

    def converse(connection: socket.socket) -> None:
        heard.append(connection.recv(100))
        connection.sendall(b"\x05\x02")
        heard.append(connection.recv(100))
        connection.sendall(b"\x01\x00")
        connection.recv(100)
        connection.sendall(CONNECTED)
        serve_version(connection)

    assert cluster_through(proxy(converse), login="me:p%40ss@").version() == "v1"
    assert heard == [b"\x05\x02\x00\x02", b"\x01\x02me\x04p@ss"]


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([b"\x05\x00", b"\x05\x05\x00\x01"], "connection refused"),
        ([b"\x05\x00", b"\x05\x63\x00\x01"], "refusal 99"),
        ([b"\x05\xff"], "it wants another way to log in"),
        ([b"\x05\x02", b"\x01\x01"], "it does not accept the user name and password"),
        ([b"HT"], "it does not speak SOCKS 5"),
        ([b"\x05"], "it hangs up"),
    ],
)
def test_refusals(proxy: Callable[[Converse], int], answers: list[bytes], sentence: str) -> None:
    def converse(connection: socket.socket) -> None:
        for each in answers:
            connection.recv(100)
            connection.sendall(each)

    port = proxy(converse)
    with pytest.raises(ApiError) as caught:
        cluster_through(port, login="me:s3cret@").version()
    assert (caught.value.status, caught.value.reason) == (0, "Proxy")
    assert caught.value.message == f"The proxy socks5://127.0.0.1:{port} does not pass the connection on: {sentence}."


def test_no_proxy_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ApiError, match=rf"^The proxy socks5://127\.0\.0\.1:{port} refuses connections"):
        cluster_through(port).version()


def test_closing_while_it_negotiates(proxy: Callable[[Converse], int]) -> None:
    asked, ended = threading.Event(), threading.Event()

    def converse(connection: socket.socket) -> None:
        connection.recv(100)
        asked.set()
        assert connection.recv(100) == b""
        ended.set()

    cluster = cluster_through(proxy(converse))
    caught: list[Exception] = []

    def ask() -> None:
        try:
            cluster.version()
        except (ApiError, Closed) as error:
            caught.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    assert asked.wait(WAIT)
    cluster.close()
    thread.join(60)
    assert isinstance(caught[0], Closed)
    assert ended.wait(WAIT)

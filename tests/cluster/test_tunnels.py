"""TLS to the server through a proxy that passes bytes on, itself reached plainly or over TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from kwatch.cluster.api_server import ApiServer
from kwatch.cluster.settings import ConnectionSettings, TLSTrust, UserEntry
from kwatch.informer.errors import Closed
from kwatch.informer.protocol import ListOptions
from tests.cluster.samples import PODS
from tests.cluster.scripted_server import WAIT, Received, ScriptedServer, answer, chunk, event, stream_head


class Tunnel:
    """A proxy that answers CONNECT by passing on every byte to one server, whatever was asked for."""

    def __init__(self, target: int, tls: ssl.SSLContext | None) -> None:
        self._target = target
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.asked: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://localhost:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                inner, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(inner,), daemon=True).start()

    def _pass_on(self, inner: socket.socket) -> None:
        try:
            if self._tls is not None:
                inner = self._tls.wrap_socket(inner, server_side=True)
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                request += inner.recv(1)
            self.asked.append(request.partition(b"\r\n")[0])
            outer = socket.create_connection(("127.0.0.1", self._target))
            inner.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        except OSError:
            return
        threading.Thread(target=_pump, args=(outer, inner), daemon=True).start()
        _pump(inner, outer)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for each in (source, sink):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def respond(received: Received) -> Iterator[bytes]:
    if "watch" in received.target:
        yield stream_head() + chunk(event("ADDED"))
    else:
        yield answer({"gitVersion": "v1"})


Start = Callable[[bool], tuple[ApiServer, Tunnel]]


@pytest.fixture
def through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a TLS server and a proxy before it, which speaks TLS itself or not."""
    inner, outer = trustme.CA(), trustme.CA()
    trusted = tmp_path / "trusted.pem"
    outer.cert_pem.write_to_path(str(trusted))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with ExitStack() as stack:

        def start(proxy_speaks_tls: bool) -> tuple[ApiServer, Tunnel]:
            server_tls, proxy_tls = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(2))
            inner.issue_cert("cluster.example").configure_cert(server_tls)
            outer.issue_cert("localhost").configure_cert(proxy_tls)
            server = stack.enter_context(ScriptedServer(respond, server_tls))
            tunnel = Tunnel(server.port, proxy_tls if proxy_speaks_tls else None)
            stack.callback(tunnel.close)
            trust = TLSTrust(authority_data=inner.cert_pem.bytes())
            server_url = "https://cluster.example:6443"
            settings = ConnectionSettings("it", "default", server_url, trust, UserEntry(), tunnel.url)
            return ApiServer(settings), tunnel

        yield start


@pytest.mark.parametrize("proxy_speaks_tls", [False, True])
def test_requests_and_watches(proxy_speaks_tls: bool, through: Start) -> None:
    cluster, tunnel = through(proxy_speaks_tls)
    assert [cluster.version() for _ in range(2)] == ["v1", "v1"]
    assert tunnel.asked == [b"CONNECT cluster.example:6443 HTTP/1.0"] or tunnel.asked == [
        b"CONNECT cluster.example:6443 HTTP/1.1"
    ]
    stream = cluster.lister_watcher(PODS).watch(ListOptions())
    first, ended = threading.Event(), list[Exception]()

    def read() -> None:
        try:
            for _ in stream:
                first.set()
        except Closed as error:
            ended.append(error)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    assert first.wait(WAIT)
    stream.close()
    reading.join(60)
    assert not reading.is_alive()
    assert ended
    cluster.close()

"""A server that sends exactly the bytes a test tells it to, over real sockets."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

WAIT = 60.0
"""Seconds after which a test that waits has failed."""


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


Respond = Callable[[Received], Iterable[bytes]]


class ScriptedServer:
    """Answers each request with the bytes `respond` yields; a connection lives until `respond` says it closes."""

    def __init__(self, respond: Respond, tls: ssl.SSLContext | None = None) -> None:
        self._respond = respond
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._changed = threading.Condition()
        self._connections: list[socket.socket] = []
        self.requests: list[Received] = []
        self.accepted = 0
        self.open = 0
        threading.Thread(target=self._serve, name="scripted-server", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def wait_for_requests(self, count: int) -> list[Received]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= count, WAIT), "the request never came"
            return list(self.requests)

    def wait_for_connections(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.accepted >= count, WAIT), "nobody connected"

    def wait_until_open(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.open <= count, WAIT), "connections were left open"

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _shut(self._listener)
        self._listener.close()
        with self._changed:
            for each in self._connections:
                _shut(each)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                self._connections.append(connection)
                self.accepted += 1
                self.open += 1
                self._changed.notify_all()
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                with self._changed:
                    self._connections.append(connection)
            reader = connection.makefile("rb")
            while (received := _read_request(reader)) is not None:
                with self._changed:
                    self.requests.append(received)
                    self._changed.notify_all()
                for piece in self._respond(received):
                    if piece is CLOSE:
                        _shut(connection)
                        return
                    connection.sendall(piece)
        except OSError:
            pass
        finally:
            connection.close()
            with self._changed:
                self.open -= 1
                self._changed.notify_all()


CLOSE = b"<close>"
"""Yielded by a script to end the connection there."""


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def _read_request(reader: Any) -> Received | None:
    first = reader.readline().decode("latin-1").split()
    if len(first) < 2:
        return None
    headers: list[tuple[str, str]] = []
    while (line := reader.readline().decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
    return Received(first[0], first[1], tuple(headers))


def head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def answer(body: bytes | Any, status: int = 200, **headers: str) -> bytes:
    """A whole answer with a Content-Length; anything but bytes is sent as JSON."""
    if not isinstance(body, bytes):
        headers = {"Content_Type": "application/json"} | headers
        body = json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return head(status, {**named, "Content-Length": str(len(body))}) + body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


def stream_head(**headers: str) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return head(200, {"Content-Type": "application/json", "Transfer-Encoding": "chunked", **named})


def event(type_: str, name: str = "a", version: int = 1, **fields: Any) -> bytes:
    """One line of a watch."""
    metadata = {"name": name, "namespace": "demo", "resourceVersion": str(version)}
    tree = {"type": type_, "object": {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, **fields}}
    return json.dumps(tree, separators=(",", ":")).encode() + b"\n"


def watch(*lines: bytes) -> Iterator[bytes]:
    """A watch that brings these lines, a chunk each, and ends cleanly."""
    yield stream_head()
    for line in lines:
        yield chunk(line)
    yield LAST_CHUNK

"""What a program asks of a server, and over how many connections: a relay between the two."""

from __future__ import annotations

import socket
import threading
from typing import Self
from urllib.parse import urlsplit


class Wiretap:
    """Relays to the server of a URL for as long as the context is open, and listens in on what is asked.

    The requests have no bodies, as kwatch's.
    """

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._server = (place.hostname or "", place.port or 0)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets = [self._listener]
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[str] = []
        """Method and target of each, in order."""
        self.connections = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="wiretap", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended by itself
            each.close()

    def take(self) -> list[str]:
        """The requests since the last time."""
        with self._lock:
            taken, self.requests = self.requests, []
        return taken

    def _accept(self) -> None:
        try:
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self.connections += 1
                self._sockets += [client, server]
                for source, sink, listens in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._relay, args=(source, sink, listens), daemon=True).start()
        except OSError:
            return

    def _relay(self, source: socket.socket, sink: socket.socket, listens: bool) -> None:
        begun = b""
        try:
            while data := source.recv(1 << 16):
                if listens:
                    *heads, begun = (begun + data).split(b"\r\n\r\n")
                    with self._lock:
                        self.requests += [head.partition(b" HTTP/")[0].decode() for head in heads]
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

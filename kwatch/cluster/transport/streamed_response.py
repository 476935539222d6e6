"""HTTP responses whose bodies are read as they come, over a wide buffer, with patience that ends."""

from __future__ import annotations

import http.client
import io
import socket
from time import monotonic
from typing import Any

from kwatch.cluster.transport.in_flight import current

MOST_INTERIM = 10
"""Interim answers (100 to 199) that a server may send before the final one."""
READ_SIZE = 256 << 10
"""Bytes a read asks the kernel for: 33 events of 7.7 KB."""


_REDIRECTS = (301, 302, 303, 307, 308)


class Quiet(Exception):
    """No byte came for as long as the reader wanted to wait; nothing is lost, read again."""


class _SocketReader(io.RawIOBase):
    """Reads a socket. Unlike the one of the standard library it goes on after a read that timed out."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self._sock = sock
        # Keeps the descriptor open when the connection hands its socket over to the response.
        self._claim = sock.makefile("rb", buffering=0)
        self._patient = False
        self._began = monotonic()

    def wait_at_most(self, seconds: float) -> None:
        """From now on a read that brings nothing for so long raises Quiet."""
        self._sock.settimeout(seconds)
        self._patient = True

    def readable(self) -> bool:
        """It is a reader."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has come; raise Quiet, or what the socket raises. Headers must be in within the timeout in all."""
        longest = None if self._patient else self._sock.gettimeout()
        if longest is not None and monotonic() - self._began > longest:
            raise TimeoutError("the headers do not end")
        try:
            return self._sock.recv_into(buffer)
        except TimeoutError:
            if self._patient:
                raise Quiet from None
            raise

    def close(self) -> None:
        """Let go of the socket."""
        if not self.closed:
            self._claim.close()
            super().close()


class _WholeLines(io.BufferedReader):
    """Does not take the end of the connection for the end of the headers, as http.client would."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if not line:
            raise http.client.RemoteDisconnected("the connection ended before the headers did")
        return line


class StreamedResponse(http.client.HTTPResponse):
    """What http.client makes of a response, over a reader of ours; the call it belongs to gets to know it."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.source = _SocketReader(sock)
        self.fp = _WholeLines(self.source, READ_SIZE)
        if current.call is not None:
            current.call.response = self

    def begin(self) -> None:
        """Read the headers; where they send us elsewhere, the call gets to know it."""
        super().begin()
        location = self.headers.get("Location", "")
        if current.call is not None and self.status in _REDIRECTS and location:
            current.call.redirect(location)

    def _read_status(self) -> tuple[str, int, str]:
        """Of the final answer: http.client takes every interim one for it but `100 Continue`."""
        for _ in range(MOST_INTERIM):
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if not http.client.CONTINUE <= found[1] < http.client.OK or found[1] == http.client.SWITCHING_PROTOCOLS:
                return found
            http.client.parse_headers(self.fp)
        raise http.client.BadStatusLine("nothing but interim answers")

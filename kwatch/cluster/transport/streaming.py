"""The body of an answer as it comes, ended from any thread."""

from __future__ import annotations

import threading
from http.client import HTTPException, IncompleteRead

import urllib3

from kwatch.cluster.transport.chunked import ChunkedBody, PlainBody
from kwatch.cluster.transport.failures import connection_failure
from kwatch.cluster.transport.in_flight import Call
from kwatch.cluster.transport.inflating import Inflating, inflating
from kwatch.cluster.transport.streamed_response import READ_SIZE, Quiet, StreamedResponse
from kwatch.informer.errors import ApiError


class BodyStream:
    """Reads on in one thread; `close` may come from any other."""

    def __init__(self, response: urllib3.BaseHTTPResponse, call: Call, server: str, silence: float | None) -> None:
        self._response = response
        self._call = call
        self._server = server
        self._longest_silence = silence
        self._source: StreamedResponse = call.response
        self._body = ChunkedBody() if self._source.chunked else PlainBody(self._source.length)
        self._inflating: list[Inflating] | None = None
        self._reading = threading.Lock()
        self._released = False
        self._patience = 0.0
        self._quiet = 0.0
        self.bytes_received = 0

    def read(self, patience: float) -> list[bytes] | None:
        """The pieces of one network read, perhaps none after `patience` seconds without a byte; None at the end.

        Raises ApiError when the connection breaks or was silent for longer than the request allows, Closed when it
        was closed here.
        """
        with self._reading:
            if self._call.aborted:
                self._release()
            self._call.check()
            if self._released:
                return None
            try:
                pieces = self._read(patience)
            except (OSError, HTTPException, ValueError) as error:
                self._release()
                self._call.check()
                raise connection_failure(error, self._server) from error
            except ApiError:
                self._release()
                raise
            if pieces is None:
                self._release()
                self._call.check()
            return pieces

    def close(self) -> None:
        """End it at once, also while another thread reads. Idempotent."""
        self._call.abort()
        # Whoever reads right now lets go of the connection itself; the shutdown wakes it.
        if self._reading.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._reading.release()

    def _read(self, patience: float) -> list[bytes] | None:
        if self._inflating is None:
            self._inflating = inflating(self._response.headers.get("Content-Encoding"))
        if self._body.ended:
            return None
        if self._body.broken:
            raise IncompleteRead(b"")
        if patience != self._patience:
            self._source.source.wait_at_most(patience)
            self._patience = patience
        try:
            block = self._source.fp.read1(READ_SIZE)
        except Quiet:
            self._quiet += patience
            if self._longest_silence is not None and self._quiet >= self._longest_silence:
                raise TimeoutError from None
            return []
        if not block:
            if isinstance(self._body, PlainBody) and self._body.open_ended:
                return None
            raise ConnectionResetError("the connection ended before the body did")
        self._patience = 0.0
        self._quiet = 0.0
        self.bytes_received += len(block)
        pieces = self._body.feed(block)
        for each in self._inflating:
            pieces = each.feed(pieces)
        return pieces

    def _release(self) -> None:
        if not self._released:
            self._released = True
            self._response.close()
            self._call.finish()

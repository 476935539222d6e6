"""One answer: its headers are in, its body is read at once, or as it comes until it ends or is ended."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from http.client import HTTPException, IncompleteRead
from time import monotonic

import urllib3
from urllib3.exceptions import DecodeError, HTTPError

from kwatch.base.limits import LARGEST_REFUSAL, SLOWEST
from kwatch.cluster.credentials import Credential
from kwatch.cluster.transport.body_coding import ChunkedBody, Inflating, PlainBody, inflating
from kwatch.cluster.transport.failures import connection_failure, cut_off, redirect_failure
from kwatch.cluster.transport.in_flight import Call, current
from kwatch.cluster.transport.kubernetes_client import READ_SIZE, KubernetesClient, Quiet, StreamedResponse
from kwatch.cluster.transport.request import Headers, Request
from kwatch.informer.errors import ApiError, too_large

FAILURES = (HTTPError, OSError, ValueError)
"""What a connection raises that is refused, broken or aborted; ValueError for what vanished under http.client."""
REFUSAL_TIMEOUT = 10.0
"""Seconds for what an error says; its status says the most."""
_PATIENCE = 5.0


class Answer:
    """Status and headers of an answer, and the way to its body. The call ends with the body."""

    def __init__(
        self, response: urllib3.BaseHTTPResponse, request: Request, call: Call, credential: Credential, server: str
    ) -> None:
        self._response = response
        self._request = request
        self._call = call
        self._server = server
        self.credential = credential
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers

    def read(self) -> bytes:
        """The whole body, decompressed; the connection goes back to the pool. Raise ApiError TooLarge beyond what the
        request takes.
        """
        body = bytearray()
        with closing(self.pieces(self._request.largest)) as pieces:
            for piece in pieces:
                body += piece
        return bytes(body)

    def pieces(self, largest: int) -> Generator[bytes, None, None]:
        """The body as it comes, decompressed; raise ApiError, TooLarge beyond so many bytes, Closed. It is let go of if
        it is not read to its end.
        """
        request = self._request
        stream = BodyStream(self._response, self._call, self._server, request.timeout, request.timeout)
        size = stream.length or 0
        try:
            if size <= largest:
                size = 0
                while (pieces := stream.read(_PATIENCE)) is not None:
                    size += sum(map(len, pieces))
                    if size > largest:
                        break
                    yield from pieces
            if size > largest:
                raise too_large(f"The answer of {self._server} to {request.path}", largest)
        except ApiError as error:
            raise cut_off(error, self._server) from error
        finally:
            stream.end()

    def read_refusal(self) -> bytes:
        """The body of an answer that is no success, as far as it can be read; Closed if that was ended here."""
        stream = BodyStream(self._response, self._call, self._server, REFUSAL_TIMEOUT, REFUSAL_TIMEOUT)
        body = bytearray()
        try:
            while len(body) < LARGEST_REFUSAL and (pieces := stream.read(_PATIENCE)) is not None:
                body += b"".join(pieces)
        except ApiError:
            pass  # what came is what there is
        finally:
            stream.end()
        return bytes(body[:LARGEST_REFUSAL])

    def discard(self) -> None:
        """Let go of the connection without reading on."""
        self._response.close()

    def stream(self) -> BodyStream:
        """The body as it comes."""
        request = self._request
        return BodyStream(self._response, self._call, self._server, request.silence, longest=request.longest)


def send(client: KubernetesClient, request: Request, headers: Headers, call: Call, credential: Credential) -> Answer:
    """Send a request on behalf of a call; raise ApiError if no answer came, Closed if the call was aborted."""
    while True:
        call.check()
        try:
            return Answer(_ask(client, request, headers, call), request, call, credential, client.server)
        except ApiError as failure:
            # The server may close an idle connection just when we use it again: that is no failure, and every such
            # connection is gone from the pool after it.
            if not call.reused or failure.reason != "ConnectionLost":
                raise


def _ask(client: KubernetesClient, request: Request, headers: Headers, call: Call) -> urllib3.BaseHTTPResponse:
    current.call, call.reused, call.redirected = call, False, ""
    try:
        return client.get(request.path, request.query, headers, request.timeout)
    except FAILURES as error:
        call.check()
        if call.redirected:
            raise redirect_failure(error, client.server, call.redirected, client.proxy) from error
        raise connection_failure(error, client.server, client.proxy) from error
    finally:
        current.call = None


_AT_ONCE = 4 << 20
"""Bytes that one read gives at most: a network read may unpack to a thousand times its size."""
_STEPS_AT_ONCE = 256
"""Steps of unpacking in one read, which may bring nothing."""


class BodyStream:
    """Reads on in one thread; `close` may come from any other.

    `silence`: seconds without a byte after which it is given up. `deadline`: seconds after which it is given up if it
    is still not at its end, and comes slower than limits.SLOWEST. `longest`: seconds after which it is given up however
    it comes. None: never.
    """

    def __init__(
        self,
        response: urllib3.BaseHTTPResponse,
        call: Call,
        server: str,
        silence: float | None,
        deadline: float | None = None,
        longest: float | None = None,
    ) -> None:
        self._response = response
        self._call = call
        self._server = server
        self._longest_silence = silence
        self._deadline = deadline
        self._longest = longest
        self._source: StreamedResponse = call.response
        self._body = ChunkedBody() if self._source.chunked else PlainBody(self._source.length)
        self._inflating: list[Inflating] | None = None
        self._unpacking: Iterator[bytes] | None = None
        """What the last network read still unpacks to."""
        self._reading = threading.Lock()
        self._released = False
        self._patience = 0.0
        self._quiet = 0.0
        self._began = monotonic()
        self.bytes_received = 0

    @property
    def length(self) -> int | None:
        """How many bytes are announced, None if that is not known."""
        return None if self._source.chunked else self._source.length

    def read(self, patience: float) -> list[bytes] | None:
        """The pieces of one network read, perhaps none after `patience` seconds without a byte; None at the end.

        Raises ApiError when the connection breaks, was silent for longer than the request allows or is too slow, Closed
        when it was closed here.
        """
        with self._reading:
            if self._call.aborted:
                self._release()
            self._call.check()
            if self._released:
                return None
            try:
                pieces = self._read(patience)
            except (OSError, HTTPException, DecodeError, ValueError) as error:
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
        # A thread that reads right now lets go of the connection itself; the shutdown wakes it.
        if self._reading.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._reading.release()

    def end(self) -> None:
        """Let go of it, for the thread that reads: at its end or before."""
        self._release()

    def _read(self, patience: float) -> list[bytes] | None:
        if self._inflating is None:
            self._inflating = inflating(self._response.headers.get("Content-Encoding"))
        if self._deadline is not None or self._longest is not None:
            self._check_pace()
        if self._unpacking is not None:
            return self._unpack()
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
        if not self._inflating:
            return pieces
        unpacking = iter(pieces)
        for each in self._inflating:
            unpacking = each.feed(unpacking)
        self._unpacking = unpacking
        return self._unpack()

    def _unpack(self) -> list[bytes]:
        assert self._unpacking is not None
        pieces: list[bytes] = []
        size = 0
        for _ in range(_STEPS_AT_ONCE):
            piece = next(self._unpacking, None)
            if piece is None:
                self._unpacking = None
                break
            if piece:
                pieces.append(piece)
                size += len(piece)
                if size >= _AT_ONCE:
                    break
        return pieces

    def _check_pace(self) -> None:
        elapsed = monotonic() - self._began
        if self._longest is not None and elapsed > self._longest:
            raise ApiError(0, "Timeout", f"{self._server} has not ended within {elapsed:.0f} s what it was to end.")
        if self._deadline is not None and elapsed > self._deadline + self.bytes_received / SLOWEST:
            sentence = f"{self._server} sends too slowly: {self.bytes_received:,} bytes in {elapsed:.0f} s."
            raise ApiError(0, "Timeout", sentence)

    def _release(self) -> None:
        if self._released:
            return
        self._released = True
        if self._body.ended_cleanly and not self._call.aborted:
            # Nothing is left on the connection: it may serve another request.
            self._source.close()
            self._response.release_conn()
        self._response.close()
        self._call.finish()

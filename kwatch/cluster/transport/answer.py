"""One answer: its headers are in, its body is read at once or as it comes."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing

import urllib3
from urllib3.exceptions import HTTPError

from kwatch.base.limits import LARGEST_REFUSAL
from kwatch.cluster.credentials.credential import Credential
from kwatch.cluster.transport.failures import connection_failure, cut_off, redirect_failure
from kwatch.cluster.transport.headers import Headers
from kwatch.cluster.transport.in_flight import Call, current
from kwatch.cluster.transport.kubernetes_client import KubernetesClient
from kwatch.cluster.transport.request import Request
from kwatch.cluster.transport.streaming import BodyStream
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

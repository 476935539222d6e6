"""One answer: its headers are in, its body is read at once or as it comes."""

from __future__ import annotations

from collections.abc import Mapping

import urllib3
from urllib3.exceptions import HTTPError

from kwatch.cluster.credentials.credential import Credential
from kwatch.cluster.transport.failures import body_failure, connection_failure
from kwatch.cluster.transport.headers import Headers
from kwatch.cluster.transport.in_flight import Call, current
from kwatch.cluster.transport.kubernetes_client import KubernetesClient
from kwatch.cluster.transport.request import Request
from kwatch.cluster.transport.streaming import BodyStream
from kwatch.informer.errors import ApiError

FAILURES = (HTTPError, OSError, ValueError)
"""What a connection raises that is refused, broken or aborted; ValueError for what vanished under http.client."""
MAX_REFUSAL = 1 << 20


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
        """The whole body, decompressed; the connection goes back to the pool."""
        try:
            body = self._response.read()
            self._call.check()
            return body
        except FAILURES as error:
            self._response.close()
            self._call.check()
            raise body_failure(error, self._server) from error
        except (MemoryError, OverflowError) as error:
            # What it says of its length, or of that of a chunk, goes straight to who makes room for it.
            self._response.close()
            raise ApiError(0, "Malformed", f"The answer of {self._server} is too large for the memory.") from error
        finally:
            self._call.finish()

    def read_refusal(self) -> bytes:
        """The body of an answer that is no success, as far as it can be read."""
        try:
            return self._response.read(MAX_REFUSAL)
        except FAILURES:
            self._call.check()
            return b""
        finally:
            self.discard()

    def discard(self) -> None:
        """Let go of the connection without reading on."""
        self._response.close()

    def stream(self) -> BodyStream:
        """The body as it comes."""
        return BodyStream(self._response, self._call, self._server, self._request.silence)


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
    current.call, call.reused = call, False
    try:
        return client.get(request.path, request.query, headers, request.timeout)
    except FAILURES as error:
        call.check()
        raise connection_failure(error, client.server, client.proxy) from error
    finally:
        current.call = None

"""One answer: its headers are in, its body is read at once or as it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import urllib3
from urllib3.exceptions import HTTPError

from kwatch.cluster.credentials.credential import Credential
from kwatch.cluster.transport.connections import current
from kwatch.cluster.transport.failures import connection_failure
from kwatch.cluster.transport.in_flight import Call
from kwatch.cluster.transport.kubernetes_client import KubernetesClient
from kwatch.cluster.transport.request import Request
from kwatch.cluster.transport.streaming import BodyStream

MAX_ERROR_BODY = 1 << 20


def send(
    client: KubernetesClient,
    request: Request,
    headers: Sequence[tuple[str, str]],
    call: Call,
    connect_timeout: float,
    server: str,
    proxy: str | None,
) -> Answer:
    """Send a request on behalf of a call; raise ApiError if no answer came, Closed if the call was aborted."""
    while True:
        call.reused = False
        current.call = call
        try:
            response = client.get(request.path, request.query, headers, connect_timeout, request.read_timeout)
            return Answer(response, call, server, request.read_timeout)
        except (HTTPError, OSError, ValueError) as error:
            call.check()
            failure = connection_failure(error, server, proxy)
            # The server may close an idle connection just when we use it again: that is no failure, and every such
            # connection is gone from the pool after it.
            if not call.reused or failure.reason != "ConnectionLost":
                raise failure from error
        finally:
            current.call = None


class Answer:
    """Status and headers of an answer, and the way to its body. The call ends with the body."""

    credential: Credential

    def __init__(self, response: urllib3.BaseHTTPResponse, call: Call, server: str, read_timeout: float | None) -> None:
        self._response = response
        self._call = call
        self._server = server
        self._read_timeout = read_timeout
        self.status: int = response.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers, by name in any case."""
        return self._response.headers

    def read(self) -> bytes:
        """The whole body, decompressed; the connection goes back to the pool."""
        try:
            body = self._response.read()
            self._call.check()
            return body
        except (HTTPError, OSError, ValueError) as error:
            self._response.close()
            self._call.check()
            raise connection_failure(error, self._server) from error
        finally:
            self._call.finish()

    def read_error_body(self) -> bytes:
        """The body of a refusal, as far as it can be read."""
        try:
            return self._response.read(MAX_ERROR_BODY)
        except (HTTPError, OSError, ValueError):
            self._call.check()
            return b""
        finally:
            self._response.close()

    def stream(self) -> BodyStream:
        """The body as it comes."""
        return BodyStream(self._response, self._call, self._server, self._read_timeout)

"""Sends requests as one user: credentials, TLS, pool, and answers that are no success as ApiError."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kwatch.cluster.credentials.choosing import credential_source
from kwatch.cluster.credentials.credential import Credential
from kwatch.cluster.credentials.token_expiry import expiry_hint
from kwatch.cluster.proxy import proxy_for
from kwatch.cluster.settings import ConnectionSettings
from kwatch.cluster.transport.in_flight import Call, CallScope
from kwatch.cluster.transport.request import Request
from kwatch.cluster.transport.status_error import status_error
from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError

if TYPE_CHECKING:
    from kwatch.cluster.transport.answer import Answer
    from kwatch.cluster.transport.kubernetes_client import KubernetesClient

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 75.0
"""The server gives up a request after 60 s itself."""
UNAUTHORIZED = 401


class Transport:
    """Every request of one cluster goes through here. Safe to use from several threads."""

    def __init__(self, settings: ConnectionSettings, clock: Clock) -> None:
        self.settings = settings
        self.scope = CallScope()
        self._clock = clock
        self._source = credential_source(settings, clock)
        self._proxy = proxy_for(settings.server, settings.proxy_url, os.environ)
        self._lock = threading.Lock()
        self._client: KubernetesClient | None = None
        self._identity: tuple[bytes | None, bytes | None] | None = None
        self._impersonation = tuple(_impersonation(settings))

    def open(self, request: Request, scope: CallScope) -> Answer:
        """Send it and return once the headers of a success are in; raise ApiError or Closed."""
        call = scope.begin()
        try:
            answer = self._send(request, call)
            if answer.status == UNAUTHORIZED:
                answer = self._authenticate_again(request, call, answer)
            if not 200 <= answer.status < 300:
                raise self._refusal(answer)
        except BaseException:
            call.finish()
            raise
        return answer

    def fetch(self, request: Request, scope: CallScope) -> bytes:
        """The whole body, decompressed; raise ApiError or Closed."""
        return self.open(request, scope).read()

    def close(self) -> None:
        """Abort everything; later requests raise Closed. Returns at once, from any thread."""
        self.scope.close()
        self._source.close()
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def read_timeout(self) -> float | None:
        """Seconds without a byte after which a request other than a watch is given up."""
        wanted = self.settings.request_timeout
        return READ_TIMEOUT if wanted is None else (wanted or None)

    def _send(self, request: Request, call: Call) -> Answer:
        from kwatch.cluster.transport.answer import send

        credential = self._source.get(call)
        call.check()
        client = self._client_for(credential)
        headers = tuple(self._headers(request, credential))
        answer = send(client, request, headers, call, CONNECT_TIMEOUT, self.settings.server, self._proxy)
        answer.credential = credential
        return answer

    def _authenticate_again(self, request: Request, call: Call, answer: Answer) -> Answer:
        if not self._source.rejected(answer.credential):
            return answer
        answer.read_error_body()
        return self._send(request, call)

    def _headers(self, request: Request, credential: Credential) -> Iterator[tuple[str, str]]:
        yield "Accept", request.accept
        compressed = request.compressed and self.settings.compression
        yield "Accept-Encoding", "gzip" if compressed else "identity"
        if credential.authorization:
            yield "Authorization", credential.authorization
        yield from self._impersonation

    def _client_for(self, credential: Credential) -> KubernetesClient:
        from kwatch.cluster.tls import tls_context
        from kwatch.cluster.transport.kubernetes_client import KubernetesClient

        identity = (credential.certificate, credential.key)
        with self._lock:
            if self._client is None or self._identity != identity:
                trust = self.settings.trust
                secure = self.settings.server.startswith("https:")
                context = tls_context(trust, credential) if secure else None
                self._client = KubernetesClient(self.settings.server, context, trust.server_name, self._proxy)
                self._identity = identity
            return self._client

    def _refusal(self, answer: Answer) -> ApiError:
        error = status_error(answer.status, answer.headers, answer.read_error_body(), self._clock.time())
        if answer.status == UNAUTHORIZED:
            hint = expiry_hint(answer.credential.authorization, self._clock.time())
            return ApiError(
                error.status,
                error.reason,
                f"{self.settings.server} does not accept the credentials of {self._who()}; {hint}.",
                error.retry_after,
                error.causes,
            )
        return error

    def _who(self) -> str:
        context = self.settings.context
        return f"the context {context!r}" if context else "this user"


def _impersonation(settings: ConnectionSettings) -> Iterator[tuple[str, str]]:
    from urllib.parse import quote

    user = settings.user
    if user.impersonate:
        yield "Impersonate-User", user.impersonate
    if user.impersonate_uid:
        yield "Impersonate-Uid", user.impersonate_uid
    for group in user.impersonate_groups:
        yield "Impersonate-Group", group
    for key, values in user.impersonate_extra.items():
        for value in values:
            yield f"Impersonate-Extra-{quote(key.lower(), safe='')}", value

"""Sends requests as one user: credentials, TLS, pool, and answers that are no success as ApiError."""

from __future__ import annotations

import email.utils
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from kwatch.base.limits import MB, MOST_ANSWER_VALUES
from kwatch.base.proxy import is_loopback, proxy_for
from kwatch.cluster.credentials import (
    Credential,
    CredentialSource,
    FixedSource,
    IdTokenSource,
    TokenFileSource,
    expiry_hint,
)
from kwatch.cluster.settings import OIDC, ConfigError, ConnectionSettings, UserEntry
from kwatch.cluster.transport.in_flight import Call, CallScope
from kwatch.cluster.transport.request import DEFAULT_TIMEOUT, Request, request_headers
from kwatch.informer.clock import Clock
from kwatch.informer.decoding import UNDECODABLE, values_in, why_undecodable
from kwatch.informer.errors import REASONS, TOO_LARGE, ApiError
from kwatch.informer.retries import Outage

if TYPE_CHECKING:
    from kwatch.cluster.transport.answer import Answer
    from kwatch.cluster.transport.kubernetes_client import KubernetesClient


NOT_MODIFIED = 304
UNAUTHORIZED = 401
SUCCESSES = (200, 203)
"""Nothing else that begins with 2 is an answer to a GET as it was asked: not 204 (nothing), not 206 (a part)."""


class Transport:
    """Every request of one cluster goes through here. Safe to use from several threads."""

    def __init__(self, settings: ConnectionSettings, clock: Clock) -> None:
        self.settings = settings
        self.scope = CallScope()
        self.outage = Outage()
        """Shared by all reflectors of this cluster."""
        wanted = settings.request_timeout
        self.timeout = DEFAULT_TIMEOUT if wanted is None else (wanted or None)
        """What requests without a reason of their own take for Request.timeout."""
        self._clock = clock
        self._source = credential_source(settings, clock)
        self._user = settings.user if private(settings.server) else UserEntry()
        try:
            self._proxy = proxy_for(settings.server, settings.proxy_url, os.environ)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        self._compression = compression_pays(settings)
        self._lock = threading.Lock()
        self._client: KubernetesClient | None = None
        self._identity: tuple[bytes | None, ...] | None = None
        self._authority: bytes | None = None

    def open(self, request: Request, scope: CallScope) -> Answer:
        """Send it and return once the headers of a success are in; raise ApiError or Closed."""
        call = scope.begin()
        try:
            answer = self._send(request, call)
            if answer.status == UNAUTHORIZED and self._source.rejected(answer.credential):
                answer.discard()
                call.repeat()
                answer = self._send(request, call)
            self.outage.answered()
            self._check(answer, request)
        except BaseException:
            call.finish()
            raise
        return answer

    def fetch(self, request: Request, scope: CallScope) -> bytes:
        """The whole body, decompressed; raise ApiError or Closed."""
        return self.open(request, scope).read()

    @property
    def waits_for(self) -> str:
        """What every request waits for before it is sent, for people; empty for nothing."""
        return self._source.waits_for

    def close(self) -> None:
        """Abort everything; later requests raise Closed. Returns at once, from any thread."""
        self.scope.close()
        self._source.close()
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _send(self, request: Request, call: Call) -> Answer:
        # Imported here, in the thread of the first request, because it brings the kubernetes package.
        from kwatch.cluster.transport.answer import send

        credential = self._source.get(call)
        headers = request_headers(request, credential, self._user, self._compression)
        return send(self._client_for(credential), request, headers, call, credential)

    def _client_for(self, credential: Credential) -> KubernetesClient:
        """The client of this TLS identity: certificates and authorities are renewed in place, and connections live
        with theirs."""
        from kwatch.cluster.tls import tls_context, verified_name
        from kwatch.cluster.transport.kubernetes_client import KubernetesClient

        server, trust = self.settings.server, self.settings.trust
        secure = server.startswith("https:")
        with self._lock:
            authority = self._read_authority() if secure else None
            identity = (credential.certificate, credential.key, authority)
            if self._client is None or self._identity != identity:
                context = tls_context(trust, authority, credential) if secure else None
                if self._client is not None:
                    self._client.close()
                self._client = KubernetesClient(server, context, verified_name(trust, server), self._proxy)
                self._identity = identity
            return self._client

    def _read_authority(self) -> bytes | None:
        """The authorities as they are now; the last ones while their file is being replaced."""
        from kwatch.cluster.tls import authority_of

        try:
            self._authority = authority_of(self.settings.trust)
        except ApiError:
            if self._authority is None:
                raise
        return self._authority

    def _check(self, answer: Answer, request: Request) -> None:
        if answer.status not in SUCCESSES and not (request.etag and answer.status == NOT_MODIFIED):
            raise self._refusal(answer)
        if "html" in answer.headers.get("Content-Type", "").lower():
            answer.discard()
            sentence = f"{self.settings.server} answers with a web page; a login page or a proxy may be in between."
            raise ApiError(0, "Malformed", sentence)

    def _refusal(self, answer: Answer) -> ApiError:
        now = self._clock.time()
        error = status_error(answer.status, answer.headers, answer.read_refusal(), now)
        if answer.status != UNAUTHORIZED:
            return error
        context = self.settings.context
        who = f"the context {context!r}" if context else "this user"
        hint = expiry_hint(answer.credential.authorization, now)
        if not private(self.settings.server):
            hint = "none are sent over plain http, use an https:// address"
        sentence = f"{self.settings.server} does not accept the credentials of {who}; {hint}."
        return ApiError(error.status, error.reason, sentence, error.retry_after, error.causes)


def compression_pays(settings: ConnectionSettings) -> bool:
    """Whether to take gzip from this server: what the user says; else from every server but this machine.

    10,000 pods of 7.5 KB shrink from 75 MB to 10. Unpacking them takes 0.07 s of CPU beside 0.39 s for all the rest,
    the server's packing 0.2 to 0.7 s. So it pays below 450 Mbit/s: synced after 2.2 s instead of 12.3 at 50 Mbit/s, 1.3
    instead of 2.3 at 300, but 1.6 instead of 1.5 at 500 and of 1.1 at 1,000 (`python -m tests.benchmarks network`).
    A fast network is known to its user, who has --disable-compression.
    """
    if settings.compression is not None:
        return settings.compression
    return bool(settings.proxy_url) or not is_loopback(urlsplit(settings.server).hostname or "")


def private(server: str) -> bool:
    """Whether nobody can listen in: over TLS, or within this machine. kubectl sends credentials over TLS only."""
    return server.startswith("https:") or is_loopback(urlsplit(server).hostname or "")


def credential_source(settings: ConnectionSettings, clock: Clock) -> CredentialSource:
    """Who stands in the server's URL goes before all others, a token file before a token; an id token and a plugin are
    for users who have nothing else."""
    user = settings.user if private(settings.server) else UserEntry()
    fixed = FixedSource(user, settings.login)
    if settings.login:
        return fixed
    if user.token_file is not None:
        return TokenFileSource(user.token_file, fixed, clock, otherwise=bool(user.token))
    if user.auth_provider == OIDC and not user.token:
        return IdTokenSource(user.auth_config.get("id-token", ""), fixed, clock)
    if user.exec is not None and not (user.token or user.username or _has_certificate(user)):
        from kwatch.cluster.exec_plugin import ExecSource  # few need it, and subprocess takes a while

        return ExecSource(user.exec, settings, clock)
    return fixed


def _has_certificate(user: UserEntry) -> bool:
    return user.client_certificate is not None or user.client_certificate_data is not None


MAX_TEXT = 300


class _Cause(msgspec.Struct, gc=False):
    reason: str | None = None
    message: str | None = None
    field: str | None = None


class _Details(msgspec.Struct, gc=False, rename="camel"):
    causes: list[_Cause] | None = None
    retry_after_seconds: int | None = None


class _Metadata(msgspec.Struct, gc=False):
    continue_: str | None = msgspec.field(default=None, name="continue")


class _Status(msgspec.Struct, gc=False):
    kind: str = ""
    message: str | None = None
    reason: str | None = None
    details: _Details | None = None
    metadata: _Metadata | None = None


_decode = msgspec.json.Decoder(_Status).decode


def status_error(status: int, headers: Mapping[str, str], body: bytes, now: float) -> ApiError:
    """What the server says in a Status object, or in plain text; `now` in seconds since the epoch."""
    try:
        parsed = _decode(body)
    except UNDECODABLE:
        parsed = _Status()
    if parsed.kind != "Status":
        # What is no refusal is no explanation either.
        parsed = _Status(message=_text(body, headers) if status >= 300 else None)
    details = parsed.details or _Details()
    retry_after = parse_retry_after(headers.get("Retry-After"), now)
    if retry_after is None and details.retry_after_seconds:
        retry_after = float(details.retry_after_seconds)
    return ApiError(
        status,
        parsed.reason or REASONS.get(status, "Unknown"),
        parsed.message or f"The server answered {status}.",
        retry_after,
        ({"reason": each.reason, "message": each.message, "field": each.field} for each in details.causes or ()),
        (parsed.metadata.continue_ if parsed.metadata else None) or None,
    )


def _text(body: bytes, headers: Mapping[str, str]) -> str:
    """A plain text answer as it is; of a page for browsers, nothing."""
    text = body[: 4 * MAX_TEXT].decode("utf-8", "replace").strip()
    if "html" in headers.get("Content-Type", "").lower() or text.startswith("<"):
        return ""
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}..."


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Seconds from now, of a number of seconds or an HTTP date; None if there is none or it makes no sense."""
    if not value:
        return None
    value = value.strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def bounded(body: bytes) -> bytes:
    """The body; raise ApiError if it holds more values than should ever be decoded."""
    if len(body) > MB and values_in(body) > MOST_ANSWER_VALUES:
        raise ApiError(0, TOO_LARGE, f"The server's answer holds more than {MOST_ANSWER_VALUES:,} values.")
    return body


def as_json(body: bytes) -> Any:
    """The decoded body; raise ApiError if it is no JSON."""
    try:
        return msgspec.json.decode(bounded(body))
    except UNDECODABLE as error:
        raise ApiError(0, "Malformed", f"The server's answer is not JSON: {why_undecodable(error)}.") from error

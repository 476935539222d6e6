"""What is shown to the server, and where it comes from: the kubeconfig, files beside it, a token file that is kept
fresh (a service account's), an OIDC login's id token. `exec_plugin` is the one more source; `transport.transport`
chooses among them.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kwatch.base.limits import LONGEST_TOKEN
from kwatch.cluster.files import USER_FILES
from kwatch.cluster.settings import UserEntry
from kwatch.cluster.transport.in_flight import Call
from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError


@dataclass(frozen=True, slots=True)
class Credential:
    """One identity. repr shows no secret."""

    authorization: str = field(default="", repr=False)
    """The header, empty for none."""
    certificate: bytes | None = field(default=None, repr=False)
    """PEM, with the chain."""
    key: bytes | None = field(default=None, repr=False)


def header_value(text: str) -> str:
    """A text as http.client wants it, so that its UTF-8 goes out; raise ValueError for what no header carries."""
    value = text.encode("utf-8", "surrogateescape").decode("latin-1").strip(" \t")
    if _NOT_IN_HEADERS.search(value):
        raise ValueError("control characters")
    return value


_NOT_IN_HEADERS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class CredentialSource:
    """Gives the credential to use now. Safe to use from several threads."""

    @property
    def waits_for(self) -> str:
        """What runs and must end before there is a credential, for people; empty for nothing."""
        return ""

    def get(self, call: Call) -> Credential:
        """The credential; may block, and ends when the call is aborted. Raise ApiError (status 0, `Credentials`)."""
        raise NotImplementedError

    def rejected(self, credential: Credential) -> bool:
        """The server answered 401 to it. Whether asking again may give another one."""
        return False

    def close(self) -> None:
        """End whatever is running for it, at once."""


class FixedSource(CredentialSource):
    """A token, a password or a client certificate. Certificate files are read for every request: they are rotated in
    place. `login`, `USER:PASSWORD`, goes before the user's own."""

    def __init__(self, user: UserEntry, login: str = "") -> None:
        self._user = user
        self._login = login

    def get(self, call: Call) -> Credential:
        """What the user's entry says."""
        user = self._user
        return Credential(
            authorization=_basic(self._login) if self._login else _authorization(user),
            certificate=_content(user.client_certificate, user.client_certificate_data),
            key=_content(user.client_key, user.client_key_data),
        )


def _authorization(user: UserEntry) -> str:
    if user.token:
        return bearer(user.token)
    if user.username:
        return _basic(f"{user.username}:{user.password}")
    return ""


def _basic(login: str) -> str:
    return f"Basic {base64.b64encode(login.encode('utf-8', 'surrogateescape')).decode('ascii')}"


def bearer(token: str) -> str:
    """The header for a token; raise ApiError if it cannot stand in one."""
    try:
        return header_value(f"Bearer {token}")
    except ValueError:
        sentence = "The token holds characters that a header cannot carry; log in again."
        raise ApiError(0, "Credentials", sentence) from None


def _content(file: Path | None, data: bytes | None) -> bytes | None:
    if data is not None or file is None:
        return data
    try:
        return USER_FILES.read(file)
    except OSError as error:
        sentence = f"The client certificate file {file} cannot be read: {error.strerror or error}."
        raise ApiError(0, "Credentials", sentence) from error


REREAD = 60.0
"""Seconds after which the file is read again; the kubelet renews at 80 % of an hour or more."""


class TokenFileSource(CredentialSource):
    """Adds the file's token to what another source gives; reads it again every minute and after a 401. `otherwise`:
    where there is no file, what the other source gives will do."""

    def __init__(self, path: Path, rest: CredentialSource, clock: Clock, *, otherwise: bool = False) -> None:
        self._path = path
        self._otherwise = otherwise
        self._rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._authorization = ""
        self._read_at = 0.0

    def get(self, call: Call) -> Credential:
        """The last token that could be read, or the kubeconfig's own; raise ApiError if there is neither."""
        with self._lock:
            now = self._clock.monotonic()
            if not self._authorization or now - self._read_at >= REREAD:
                self._authorization = self._read() or self._authorization
                self._read_at = now
            if not self._authorization and self._otherwise:
                return self._rest.get(call)
            if not self._authorization:
                raise ApiError(0, "Credentials", f"The token file {self._path} is missing, unreadable or empty.")
            authorization = self._authorization
        return replace(self._rest.get(call), authorization=authorization)

    def rejected(self, credential: Credential) -> bool:
        """Read it at once: it may have been renewed meanwhile."""
        with self._lock:
            self._read_at = self._clock.monotonic()
            before, self._authorization = self._authorization, self._read() or self._authorization
            return self._authorization not in (before, credential.authorization)

    def _read(self) -> str:
        try:
            token = USER_FILES.read(self._path).decode("utf-8", "surrogateescape").strip()
        except OSError:
            return ""
        if len(token) > LONGEST_TOKEN:
            raise ApiError(0, "Credentials", f"What is in the token file {self._path} is too long for a token.")
        return bearer(token) if token else ""


MARGIN = 10.0
"""Seconds before its end from which on a token counts as expired, as for kubectl."""


class IdTokenSource(CredentialSource):
    """Adds the id token to what another source gives, as long as it holds."""

    def __init__(self, token: str, rest: CredentialSource, clock: Clock) -> None:
        self._token = token
        self._rest = rest
        self._clock = clock

    def get(self, call: Call) -> Credential:
        """The token; raise ApiError once it has expired."""
        credential = self._rest.get(call)
        if credential.authorization:
            return credential
        ends = expiry(self._token)
        if ends is None or ends <= self._clock.time() + MARGIN:
            sentence = "The id-token of the kubeconfig's OIDC login has expired; log in again, or let kubectl renew it."
            raise ApiError(0, "Credentials", sentence)
        return replace(credential, authorization=bearer(self._token))


class _Claims(msgspec.Struct, gc=False):
    exp: float | None = None


def expiry_hint(authorization: str, now: float) -> str:
    """A half sentence: when the token expired if it says so, else what to do. Holds nothing of the token."""
    expires = expiry(authorization.removeprefix("Bearer "))
    if expires is not None and expires <= now:
        return f"the token expired at {datetime.fromtimestamp(expires, UTC):%Y-%m-%d %H:%M} UTC, log in again"
    if not authorization:
        return "none were given, log in first"
    return "they may have expired, log in again"


def expiry(token: str) -> float | None:
    """When a token ends, in seconds since the epoch, if it is a JSON web token that says so."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        expires = msgspec.json.decode(payload, type=_Claims).exp
        return expires if expires is not None and 0 < expires < 1e11 else None
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        return None

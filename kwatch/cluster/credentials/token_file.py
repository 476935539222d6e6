"""A token that somebody else keeps fresh in a file, as the kubelet does for service accounts."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from kwatch.base.limits import LONGEST_TOKEN
from kwatch.cluster.credentials.credential import Credential, CredentialSource
from kwatch.cluster.credentials.fixed import bearer
from kwatch.cluster.files import USER_FILES
from kwatch.cluster.transport.in_flight import Call
from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError

REREAD = 60.0
"""Seconds after which the file is read again; the kubelet renews at 80 % of an hour or more."""


class TokenFileSource:
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

    def close(self) -> None:
        """Nothing runs."""
        self._rest.close()

    def _read(self) -> str:
        try:
            token = USER_FILES.read(self._path).decode("utf-8", "surrogateescape").strip()
        except OSError:
            return ""
        if len(token) > LONGEST_TOKEN:
            raise ApiError(0, "Credentials", f"What is in the token file {self._path} is too long for a token.")
        return bearer(token) if token else ""

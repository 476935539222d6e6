"""Credentials that stand in the kubeconfig or in files beside it."""

from __future__ import annotations

import base64
from pathlib import Path

from kwatch.cluster.credentials.credential import Credential, header_value
from kwatch.cluster.files import USER_FILES
from kwatch.cluster.kubeconfig.entries import UserEntry
from kwatch.cluster.transport.in_flight import Call
from kwatch.informer.errors import ApiError


class FixedSource:
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

    def rejected(self, credential: Credential) -> bool:
        """It will not change."""
        return False

    def close(self) -> None:
        """Nothing runs."""


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

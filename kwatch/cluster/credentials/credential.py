"""What is shown to the server, and where it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol

from kwatch.cluster.transport.in_flight import Call


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


class CredentialSource(Protocol):
    """Gives the credential to use now. Safe to use from several threads."""

    def get(self, call: Call) -> Credential:
        """The credential; may block, and ends when the call is aborted. Raise ApiError (status 0, `Credentials`)."""
        ...

    def rejected(self, credential: Credential) -> bool:
        """The server answered 401 to it. Whether asking again may give another one."""
        ...

    def close(self) -> None:
        """End whatever is running for it, at once."""
        ...

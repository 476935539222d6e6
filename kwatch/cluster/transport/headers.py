"""The headers of a request: what is wanted, who asks, and in whose name."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from kwatch.cluster.credentials.credential import Credential, header_value
from kwatch.cluster.kubeconfig.entries import UserEntry
from kwatch.cluster.transport.request import Request
from kwatch.informer.errors import ApiError

Headers = tuple[tuple[str, str], ...]


def request_headers(request: Request, credential: Credential, user: UserEntry, compression: bool) -> Headers:
    """Every header of ours; some names come several times."""
    return (
        ("Accept", request.accept),
        ("Accept-Encoding", "gzip" if request.compressed and compression else "identity"),
        *((("Authorization", credential.authorization),) if credential.authorization else ()),
        *((name, _impersonated(value)) for name, value in _impersonation(user)),
    )


def _impersonated(value: str) -> str:
    try:
        return header_value(value)
    except ValueError:
        sentence = "Whom to impersonate holds characters that a header cannot carry; check --as and the kubeconfig."
        raise ApiError(0, "Credentials", sentence) from None


def _impersonation(user: UserEntry) -> Iterator[tuple[str, str]]:
    if user.impersonate:
        yield "Impersonate-User", user.impersonate
    if user.impersonate_uid:
        yield "Impersonate-Uid", user.impersonate_uid
    for group in user.impersonate_groups:
        yield "Impersonate-Group", group
    for key, values in user.impersonate_extra.items():
        for value in values:
            yield f"Impersonate-Extra-{quote(key.lower(), safe='')}", value

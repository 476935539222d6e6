"""What to ask: a GET with its path, query and headers, and how long to wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from kwatch.base.limits import LARGEST_ANSWER
from kwatch.cluster.credentials import Credential, header_value
from kwatch.cluster.settings import UserEntry
from kwatch.informer.errors import ApiError
from kwatch.informer.protocol import ListOptions
from kwatch.informer.resource import GroupVersionResource, Resource

JSON = "application/json"
DEFAULT_TIMEOUT = 75.0
"""Seconds; the server gives up a request after 60 itself."""


@dataclass(frozen=True, slots=True)
class Request:
    """A GET."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    compressed: bool = True
    """Whether the server may compress the answer, where compression pays at all."""
    timeout: float | None = DEFAULT_TIMEOUT
    """Seconds without a byte, until the headers are in and within the body, after which it is given up; None: never."""
    largest: int = LARGEST_ANSWER
    """Bytes of the body, unpacked, that are taken."""
    silence: float | None = None
    """Seconds without a byte after which a body that is read as it comes is given up; None: never."""
    longest: float | None = None
    """Seconds after which a body that is read as it comes is given up although bytes come; None: never."""
    etag: str = ""
    """Of an answer that is here: the server may say 304, and nothing else, if it would be the same."""


Query = tuple[tuple[str, str], ...]


def version_path(group: str, version: str) -> str:
    """`/api/v1`, `/apis/apps/v1`."""
    return f"/apis/{quote(group, safe='')}/{quote(version, safe='')}" if group else f"/api/{quote(version, safe='')}"


def collection_path(gvr: GroupVersionResource, namespace: str | None) -> str:
    """The path of a list or watch."""
    middle = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{version_path(gvr.group, gvr.version)}{middle}/{quote(gvr.resource, safe='')}"


def object_path(resource: Resource, name: str, namespace: str | None) -> str:
    """The path of one object."""
    return f"{collection_path(resource.gvr, namespace if resource.namespaced else None)}/{quote(name, safe='')}"


def list_query(options: ListOptions, label_selector: str | None, field_selector: str | None, watch: bool) -> Query:
    """The parameters of a list or watch; the options' selectors go before those of the lister-watcher."""
    pairs: list[tuple[str, str | int | bool | None]] = [
        ("watch", True if watch else None),
        ("resourceVersion", options.resource_version or None),
        ("resourceVersionMatch", options.resource_version_match),
        ("limit", options.limit),
        ("continue", options.continue_token),
        ("labelSelector", options.label_selector or label_selector or None),
        ("fieldSelector", options.field_selector or field_selector or None),
        ("timeoutSeconds", options.timeout_seconds),
        ("allowWatchBookmarks", options.allow_watch_bookmarks or None),
        ("sendInitialEvents", options.send_initial_events),
    ]
    return tuple((name, _spelled(value)) for name, value in pairs if value is not None)


def _spelled(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


Headers = tuple[tuple[str, str], ...]


def request_headers(request: Request, credential: Credential, user: UserEntry, compression: bool) -> Headers:
    """Every header of ours; some names come several times."""
    return (
        ("Accept", request.accept),
        ("Accept-Encoding", "gzip" if request.compressed and compression else "identity"),
        *((("If-None-Match", request.etag),) if request.etag else ()),
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

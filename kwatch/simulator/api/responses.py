"""How the server answers and refuses: Status objects worded as Kubernetes words them, forms, framing, compression."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from kwatch.simulator.faults import Faults

EXPIRED_LIST = "The resourceVersion for the provided list is too old."
EXPIRED_CONTINUE = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


class Cause(NamedTuple):
    reason: str
    message: str
    field: str = ""


class StatusError(Exception):
    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        continue_token: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.continue_token = continue_token
        self.retry_after = retry_after

    def body(self) -> bytes:
        return msgspec.json.encode(self.tree()) + b"\n"

    def tree(self) -> dict[str, Any]:
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {"continue": self.continue_token} if self.continue_token else {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        status["code"] = self.code
        return status


class PlainError(Exception):
    """An answer below the level of the API: plain text, as the HTTP server itself or a filter in front of it gives."""

    def __init__(self, code: int, text: str, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.retry_after = retry_after


def page_not_found() -> PlainError:
    return PlainError(404, "404 page not found\n")


def too_many_requests() -> PlainError:
    """Turned away by fairness, or because the server is shutting down."""
    return PlainError(429, "Too many requests, please try again later.\n", retry_after=1)


def unavailable() -> StatusError:
    return StatusError(
        503, "ServiceUnavailable", "the server is currently unable to handle the request", retry_after=1,
        details={"retryAfterSeconds": 1},
    )  # fmt: skip


def bad_request(message: str) -> StatusError:
    return StatusError(400, "BadRequest", message)


def unauthorized() -> StatusError:
    """The server does not know who asks."""
    return StatusError(401, "Unauthorized", "Unauthorized")


def resource_not_found() -> StatusError:
    """The group exists, the resource does not."""
    return StatusError(404, "NotFound", "the server could not find the requested resource", details={})


def object_not_found(group: str, resource: str, name: str) -> StatusError:
    message = f'{_group_resource(group, resource)} "{name}" not found'
    return StatusError(404, "NotFound", message, details=_details(name, group, resource))


def already_exists(group: str, resource: str, name: str) -> StatusError:
    message = f'{_group_resource(group, resource)} "{name}" already exists'
    return StatusError(409, "AlreadyExists", message, details=_details(name, group, resource))


def conflict(group: str, resource: str, name: str, message: str) -> StatusError:
    return StatusError(409, "Conflict", message, details=_details(name, group, resource))


def method_not_allowed() -> StatusError:
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message, details={})


def not_acceptable(message: str) -> StatusError:
    """None of the forms asked for can be given."""
    return StatusError(406, "NotAcceptable", message)


def unsupported_media_type(given: str, supported: str) -> StatusError:
    message = f"the body of the request was in an unknown format - accepted media types include: {supported}"
    return StatusError(415, "UnsupportedMediaType", message, details={} if given else None)


def expired(message: str, continue_token: str = "") -> StatusError:
    return StatusError(410, "Expired", message, continue_token=continue_token)


def too_large_resource_version(wanted: int, current: int) -> StatusError:
    return StatusError(
        504,
        "Timeout",
        f"Timeout: Too large resource version: {wanted}, current: {current}",
        details={
            "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
            "retryAfterSeconds": 1,
        },
        retry_after=1,
    )


def invalid_list_options(causes: list[Cause]) -> StatusError:
    texts = [f"{cause.field}: {cause.message}" for cause in causes]
    listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    return StatusError(
        422,
        "Invalid",
        f'ListOptions.meta.k8s.io "" is invalid: {listed}',
        details={
            "group": "meta.k8s.io",
            "kind": "ListOptions",
            "causes": [cause._asdict() for cause in causes],
        },
    )


def invalid_object(group: str, kind: str, name: str, causes: list[Cause]) -> StatusError:
    texts = [f"{cause.field}: {cause.message}" for cause in causes]
    listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    details = {"name": name, "group": group, "kind": kind, "causes": [cause._asdict() for cause in causes]}
    message = f'{f"{kind}.{group}" if group else kind} "{name}" is invalid: {listed}'
    return StatusError(422, "Invalid", message, details={key: value for key, value in details.items() if value})


def _group_resource(group: str, resource: str) -> str:
    return f"{resource}.{group}" if group else resource


def _details(name: str, group: str, resource: str) -> dict[str, Any]:
    details = {"name": name, "group": group, "kind": resource}
    return {key: value for key, value in details.items() if value}


class Form(Enum):
    """The forms an object, a list or a watch can take."""

    OBJECT = ""
    TABLE = "Table"
    METADATA = "PartialObjectMetadata"
    METADATA_LIST = "PartialObjectMetadataList"


_ACCEPTED = "application/json"
_JSON_TYPES = frozenset({"application/json", "application/*", "*/*", ""})


def negotiate(accept: str) -> Form:
    """The first form in the header that the server can give; raise StatusError 406 if there is none."""
    for clause in accept.split(","):
        media_type, *parameters = (part.strip() for part in clause.split(";"))
        given = dict(parameter.partition("=")[::2] for parameter in parameters)
        if media_type not in _JSON_TYPES or given.get("stream", "watch") != "watch":
            continue
        if "as" not in given:
            return Form.OBJECT
        if given.get("g", "meta.k8s.io") == "meta.k8s.io" and given.get("v", "v1") == "v1":
            form = _FORMS.get(given["as"])
            if form is not None:
                return form
    raise not_acceptable(f"only the following media types are accepted: {_ACCEPTED}")


def wants_aggregated_discovery(accept: str) -> bool:
    """Whether the first acceptable clause asks for all groups in one answer."""
    for clause in accept.split(","):
        media_type, *parameters = (part.strip() for part in clause.split(";"))
        if media_type not in _JSON_TYPES:
            continue
        given = dict(parameter.partition("=")[::2] for parameter in parameters)
        if "as" not in given:
            return False
        if (given["as"], given.get("g"), given.get("v")) == ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2"):
            return True
    return False


_FORMS = {form.value: form for form in Form if form.value}


_HEADERS = {"Cache-Control": "no-cache, private"}
_JSON = "application/json"
_FRAMED = 2048
"""Bytes up to which an answer is framed by its length, as Go's server does."""
_COMPRESSED = 128 * 1024
"""Bytes from which on an answer is compressed if the client can read that."""
_PIECE = 256 * 1024
"""Bytes that are written at once."""


def json_response(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A short answer; one that is not so short goes through `send_parts`."""
    response = web.Response(body=body, status=status, headers={**_HEADERS, **(headers or {}), "Content-Type": _JSON})
    if len(body) > _FRAMED:
        response.enable_chunked_encoding()
    return response


def status_response(error: StatusError) -> web.Response:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else None
    return json_response(error.body(), error.code, headers)


def plain_response(error: PlainError) -> web.Response:
    return text_response(error.text, error.code, error.retry_after)


def text_response(text: str, status: int = 200, retry_after: int | None = None) -> web.Response:
    headers = {**_HEADERS, "Content-Type": "text/plain; charset=utf-8"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return web.Response(text=text, status=status, headers=headers)


async def start_stream(request: web.Request, content_type: str = _JSON) -> web.StreamResponse:
    """Send the headers of an answer that comes bit by bit."""
    response = web.StreamResponse(headers={**_HEADERS, "Content-Type": content_type})
    response.enable_chunked_encoding()
    await response.prepare(request)
    return response


async def send_parts(request: web.Request, parts: Iterable[bytes], faults: Faults) -> web.StreamResponse:
    """A JSON answer of any size: framed, chunked or compressed by how large it turns out, other requests in between."""
    pieces = _pieces(parts)
    first = next(pieces, b"")
    if len(first) < _PIECE and not (len(first) > _COMPRESSED and _accepts_gzip(request)):
        return json_response(first)
    response = web.StreamResponse(headers={**_HEADERS, "Content-Type": _JSON})
    response.enable_chunked_encoding()
    packer = None
    if _accepts_gzip(request):
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        packer = zlib.compressobj(1, wbits=31)
    await response.prepare(request)
    for piece in _chain(first, pieces):
        if faults.strikes("reset") or faults.strikes("half-json"):
            await response.write(packer.compress(piece[: len(piece) // 2]) if packer else piece[: len(piece) // 2])
            abort(request)
            return response
        await response.write(await asyncio.to_thread(packer.compress, piece) if packer else piece)
        await asyncio.sleep(0)
    if packer:
        await response.write(packer.flush())
    await response.write_eof()
    return response


def abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    gathered: list[bytes] = []
    size = 0
    for part in parts:
        gathered.append(part)
        size += len(part)
        if size >= _PIECE:
            yield b"".join(gathered)
            gathered.clear()
            size = 0
    if gathered:
        yield b"".join(gathered)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _accepts_gzip(request: web.Request) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")

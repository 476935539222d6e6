"""How the server answers and refuses: Status objects worded as Kubernetes words them, forms, framing, compression."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain
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


@dataclass(eq=False)
class StatusError(Exception):
    """An answer that is a Status; the HTTP code is `code`."""

    code: int
    reason: str
    message: str
    details: dict[str, Any] | None = None
    continue_token: str = ""
    retry_after: int | None = None

    def __str__(self) -> str:
        return self.message

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


@dataclass(eq=False)
class PlainError(Exception):
    """An answer below the level of the API: plain text, as the HTTP server itself or a filter in front of it gives."""

    code: int
    text: str
    retry_after: int | None = None


def page_not_found() -> PlainError:
    return PlainError(404, "404 page not found\n")


def too_many_requests() -> PlainError:
    """Turned away by fairness, or because the server is shutting down."""
    return PlainError(429, "Too many requests, please try again later.\n", retry_after=1)


def unavailable() -> StatusError:
    message = "the server is currently unable to handle the request"
    return StatusError(503, "ServiceUnavailable", message, {"retryAfterSeconds": 1}, retry_after=1)


def bad_request(message: str) -> StatusError:
    return StatusError(400, "BadRequest", message)


def resource_not_found() -> StatusError:
    """The group exists, the resource does not."""
    return StatusError(404, "NotFound", "the server could not find the requested resource", {})


def object_not_found(group: str, resource: str, name: str) -> StatusError:
    return about_object(404, "NotFound", f'{group_resource(group, resource)} "{name}" not found', group, resource, name)


def about_object(code: int, reason: str, message: str, group: str, resource: str, name: str) -> StatusError:
    return StatusError(code, reason, message, details(name=name, group=group, kind=resource))


def method_not_allowed() -> StatusError:
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message, {})


def not_acceptable(message: str) -> StatusError:
    """None of the forms asked for can be given."""
    return StatusError(406, "NotAcceptable", message)


def unsupported_media_type(given: str, supported: str) -> StatusError:
    message = f"the body of the request was in an unknown format - accepted media types include: {supported}"
    return StatusError(415, "UnsupportedMediaType", message, {} if given else None)


def expired(message: str, continue_token: str = "") -> StatusError:
    return StatusError(410, "Expired", message, continue_token=continue_token)


def too_large_resource_version(wanted: int, current: int) -> StatusError:
    message = f"Timeout: Too large resource version: {wanted}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return StatusError(504, "Timeout", message, {"causes": [cause], "retryAfterSeconds": 1}, retry_after=1)


def invalid(group: str, kind: str, name: str, causes: list[Cause]) -> StatusError:
    """An object, or the options of a list, that contradict what is asked of them."""
    texts = [f"{cause.field}: {cause.message}" for cause in causes]
    listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    message = f'{f"{kind}.{group}" if group else kind} "{name}" is invalid: {listed}'
    more = details(name=name, group=group, kind=kind, causes=[cause._asdict() for cause in causes])
    return StatusError(422, "Invalid", message, more)


def group_resource(group: str, resource: str) -> str:
    """`pods`, `deployments.apps`: how messages name a resource."""
    return f"{resource}.{group}" if group else resource


def details(**fields: Any) -> dict[str, Any]:
    """The details of a Status: those that are not empty."""
    return {name: value for name, value in fields.items() if value}


class Form(Enum):
    """The forms an object, a list or a watch can take."""

    OBJECT = ""
    TABLE = "Table"
    METADATA = "PartialObjectMetadata"
    METADATA_LIST = "PartialObjectMetadataList"


_FORMS = {form.value: form for form in Form if form.value}
_JSON = "application/json"
_JSON_TYPES = frozenset({_JSON, "application/*", "*/*", ""})


def _json_clauses(accept: str) -> Iterator[dict[str, str]]:
    """The parameters of each clause of an Accept header that JSON satisfies, in order."""
    for clause in accept.split(","):
        media_type, *parameters = (part.strip() for part in clause.split(";"))
        if media_type in _JSON_TYPES:
            yield dict(parameter.partition("=")[::2] for parameter in parameters)


def negotiate(accept: str) -> Form:
    """The first form in the header that the server can give; raise StatusError 406 if there is none."""
    for given in _json_clauses(accept):
        if given.get("stream", "watch") != "watch":
            continue
        if "as" not in given:
            return Form.OBJECT
        if given.get("g", "meta.k8s.io") == "meta.k8s.io" and given.get("v", "v1") == "v1" and given["as"] in _FORMS:
            return _FORMS[given["as"]]
    raise not_acceptable(f"only the following media types are accepted: {_JSON}")


def wants_aggregated_discovery(accept: str) -> bool:
    """Whether the first acceptable clause asks for all groups in one answer."""
    for given in _json_clauses(accept):
        if "as" not in given:
            return False
        if (given["as"], given.get("g"), given.get("v")) == ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2"):
            return True
    return False


_HEADERS = {"Cache-Control": "no-cache, private"}
_FRAMED = 2048
"""Bytes up to which an answer is framed by its length, as Go's server does."""
COMPRESSION = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
_COMPRESSED = 128 * 1024
"""Bytes from which on an answer is compressed if the client can read that."""
_PIECE = 256 * 1024
"""Bytes that are written at once."""


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A short answer, encoded unless it is bytes; one that is not so short goes through `send_parts`."""
    if not isinstance(body, bytes):
        body = msgspec.json.encode(body) + b"\n"
    response = web.Response(body=body, status=status, headers={**_HEADERS, **(headers or {}), "Content-Type": _JSON})
    if len(body) > _FRAMED:
        response.enable_chunked_encoding()
    return response


def error_response(error: StatusError | PlainError) -> web.Response:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    if isinstance(error, StatusError):
        return json_response(error.tree(), error.code, headers)
    return text_response(error.text, error.code, headers)


def text_response(text: str, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    headers = {**_HEADERS, **(headers or {}), "Content-Type": "text/plain; charset=utf-8"}
    return web.Response(text=text, status=status, headers=headers)


class MembersOfGzip(web.StreamResponse):
    """Each write is a member of its own, as each flush of the real server's streaming lists is."""

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        await super().write(gzip.compress(data, 1))


async def start_stream(
    request: web.Request,
    headers: dict[str, str] | None = None,
    shape: type[web.StreamResponse] = web.StreamResponse,
) -> web.StreamResponse:
    """Send the headers of an answer that comes bit by bit, JSON unless they say otherwise."""
    response = shape(headers={**_HEADERS, "Content-Type": _JSON, **(headers or {})})
    response.enable_chunked_encoding()
    await response.prepare(request)
    return response


def accepts_gzip(request: web.Request) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")


async def send_parts(request: web.Request, parts: Iterable[bytes], faults: Faults) -> web.StreamResponse:
    """A JSON answer of any size: framed, chunked or compressed by how large it turns out, other requests in between."""
    pieces = in_pieces(parts, _PIECE)
    first = next(pieces, b"")
    compressed = accepts_gzip(request)
    if len(first) < _PIECE and not (len(first) > _COMPRESSED and compressed):
        return json_response(first)
    packer = zlib.compressobj(1, wbits=31) if compressed else None
    response = await start_stream(request, COMPRESSION if compressed else None)
    for piece in chain([first], pieces):
        if faults.strikes("reset") or faults.strikes("half-json"):
            half = piece[: len(piece) // 2]
            await response.write(packer.compress(half) if packer else half)
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


def in_pieces(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of at least so many bytes, but for the last one."""
    gathered: list[bytes] = []
    gathered_size = 0
    for part in parts:
        gathered.append(part)
        gathered_size += len(part)
        if gathered_size >= size:
            yield b"".join(gathered)
            gathered.clear()
            gathered_size = 0
    if gathered:
        yield b"".join(gathered)

"""How answers are written: the form the client asks for, framing, compression and headers as the real server's."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterable, Iterator
from enum import Enum

from aiohttp import web

from kwatch.simulator.api.status import PlainError, StatusError, not_acceptable
from kwatch.simulator.faults import Faults


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
    """A refusal."""
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else None
    return json_response(error.body(), error.code, headers)


def plain_response(error: PlainError) -> web.Response:
    """A refusal in plain text."""
    return text_response(error.text, error.code, error.retry_after)


def text_response(text: str, status: int = 200, retry_after: int | None = None) -> web.Response:
    """Plain text."""
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
    """Reset the connection."""
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

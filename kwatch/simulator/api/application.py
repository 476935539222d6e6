"""The HTTP application: who asks, what for, whether they may, and who answers."""

from __future__ import annotations

import asyncio
import platform
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from kwatch.simulator import faults
from kwatch.simulator.api import telemetry, verbs
from kwatch.simulator.api.call import Call, ClusterAPI
from kwatch.simulator.api.listing import asks_for_watch
from kwatch.simulator.api.responses import (
    PlainError,
    StatusError,
    already_exists,
    conflict,
    json_response,
    method_not_allowed,
    object_not_found,
    page_not_found,
    plain_response,
    resource_not_found,
    start_stream,
    status_response,
    text_response,
    too_many_requests,
    unavailable,
)
from kwatch.simulator.api.users import RequestInfo, forbidden, is_own_host, misdirected, request_info
from kwatch.simulator.api_types import METRICS_TYPES, APIType
from kwatch.simulator.store import AlreadyExists, Conflict, NotStored

PATCH = 2


def version_body(minor: int) -> bytes:
    """What a server of version 1.`minor` says of itself."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    version = {
        "major": "1",
        "minor": str(minor),
        "emulationMajor": "1",
        "emulationMinor": str(minor),
        "minCompatibilityMajor": "1",
        "minCompatibilityMinor": str(minor - 1),
        "gitVersion": f"v1.{minor}.{PATCH}",
        "gitCommit": "0" * 40,
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "go1.26.1",
        "compiler": "gc",
        "platform": f"linux/{machine}",
    }
    return msgspec.json.encode(version) + b"\n"


def probe_text(path: str, verbose: bool) -> str | None:
    """The answer of /healthz, /livez and /readyz; None for other paths."""
    name, _, check = path.strip("/").partition("/")
    if name not in ("healthz", "livez", "readyz"):
        return None
    if check or not verbose:
        return "ok"
    return f"[+]ping ok\n[+]log ok\n[+]etcd ok\n{name} check passed\n"


Handler = Callable[[Call], Awaitable[web.StreamResponse]]

_HANDLERS: dict[str, dict[str, Handler]] = defaultdict(
    dict,
    {
        "": {
            "get": verbs.get,
            "list": verbs.list_objects,
            "watch": verbs.watch,
            "create": verbs.create,
            "update": verbs.update,
            "patch": verbs.patch,
            "delete": verbs.delete,
            "deletecollection": verbs.delete_collection,
        },
        "status": {"get": verbs.get, "update": verbs.update, "patch": verbs.patch},
        "scale": {"get": verbs.get_scale, "update": verbs.update_scale, "patch": verbs.update_scale},
        "log": {"get": telemetry.logs},
    },
)
"""Subresource -> verb -> who answers."""


def application(api: ClusterAPI) -> web.Application:
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await _answer(api, request)
        except StatusError as error:
            return status_response(error)
        except PlainError as error:
            return plain_response(error)
        except ConnectionError:
            return web.Response(status=499)  # nobody is there to read it; aiohttp notices and says nothing

    app = web.Application(client_max_size=16 * 2**20)
    app.router.add_route("*", "/{path:.*}", answer)
    app.on_response_prepare.append(_sign)
    return app


async def _sign(request: web.Request, response: web.StreamResponse) -> None:
    """Give an answer the headers every answer of the server has, and none it has not."""
    del response.headers["Server"]
    response.headers["Audit-Id"] = str(uuid.uuid4())


async def _answer(api: ClusterAPI, request: web.Request) -> web.StreamResponse:
    if not is_own_host(request.headers.get("Host", "")):
        raise misdirected(request.headers.get("Host", ""))
    user = api.users.authenticate(request.headers)
    info = request_info(request.method, request.path, watch=asks_for_watch(request.query))
    if not user.may(info):
        raise forbidden(user, info)
    if not info.resource:
        return _answer_without_resource(api, request, info)
    await _misbehave(api)
    if api.faults.strikes("gateway"):
        return _of_a_gateway(api)
    if api.faults.strikes("flood"):
        return await _flood(request, api.faults.choose(faults.FLOODS))
    call = Call(api, request, info, _type_of(api, info), user)
    try:
        return await _handler(call)(call)
    except AlreadyExists as error:
        raise already_exists(info.group, info.resource, error.name) from None
    except Conflict as error:
        raise conflict(info.group, info.resource, error.name, str(error)) from None
    except NotStored as error:
        raise object_not_found(info.group, info.resource, error.name) from None


def _answer_without_resource(api: ClusterAPI, request: web.Request, info: RequestInfo) -> web.StreamResponse:
    path = info.path.rstrip("/")
    probe = probe_text(path, "verbose" in request.query)
    if probe is not None:
        return text_response(probe)
    if path == "/version":
        return json_response(version_body(api.store.minor))
    found = api.discovery.answer(path, request.headers.get("Accept", ""), request.host)
    if found is None:
        raise page_not_found()
    body, headers = found
    if "ETag" in headers and request.headers.get("If-None-Match") == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    response = json_response(body)
    response.headers.update(headers)
    return response


def _of_a_gateway(api: ClusterAPI) -> web.Response:
    bodies = [(200, {"Content-Type": "application/json"}, body) for body in faults.GATEWAY_BODIES]
    status, headers, body = api.faults.choose([*bodies, *faults.GATEWAY_ANSWERS])
    return web.Response(body=body, status=status, headers=headers)


async def _flood(request: web.Request, flood: tuple[bytes, bytes]) -> web.StreamResponse:
    """Go on until the client has had enough."""
    beginning, more = flood
    response = await start_stream(request)
    await response.write(beginning)
    for _ in range(faults.FLOOD // len(more)):
        await response.write(more)
    return response


async def _misbehave(api: ClusterAPI) -> None:
    if api.faults.strikes("slow"):
        await asyncio.sleep(api.faults.delay() * api.second)
    if api.faults.strikes("429"):
        raise too_many_requests()
    if api.faults.strikes("503"):
        raise unavailable()


def _type_of(api: ClusterAPI, info: RequestInfo) -> APIType:
    found = api.store.types.find(info.group, info.version, info.resource)
    if found is None:
        raise resource_not_found() if api.store.types.in_version(info.group, info.version) else page_not_found()
    if info.name and found.namespaced is not bool(info.namespace):
        raise resource_not_found()
    if info.namespace and not found.namespaced:
        raise resource_not_found()
    return found


def _handler(call: Call) -> Handler:
    info = call.info
    verbs = call.api_type.verbs
    if info.subresource:
        known = {each.name: each.verbs for each in call.api_type.subresources}
        if info.subresource not in known:
            raise resource_not_found()
        verbs = known[info.subresource]
    handler = telemetry.metrics if call.api_type in METRICS_TYPES else _HANDLERS[info.subresource].get(info.verb)
    if info.verb not in verbs or handler is None:
        raise method_not_allowed()
    return handler

"""The HTTP application: who asks, what for, whether they may, who answers; and discovery, what there is to ask for."""

from __future__ import annotations

import asyncio
import hashlib
import platform
import uuid
from base64 import b64encode
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web

from kwatch.simulator import faults
from kwatch.simulator.api import telemetry, verbs
from kwatch.simulator.api.call import Call, ClusterAPI, RequestInfo, check_host, forbidden, request_info
from kwatch.simulator.api.listing import asks_for_watch
from kwatch.simulator.api.responses import (
    PlainError,
    StatusError,
    about_object,
    error_response,
    group_resource,
    json_response,
    method_not_allowed,
    object_not_found,
    page_not_found,
    resource_not_found,
    start_stream,
    text_response,
    too_many_requests,
    unavailable,
    wants_aggregated_discovery,
)
from kwatch.simulator.api_types import METRICS_TYPES, APIType, APITypes
from kwatch.simulator.store import AlreadyExists, Conflict, NotStored, StoreError

PATCH = 2


def version(minor: int) -> dict[str, str]:
    """What a server of version 1.`minor` says of itself."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return {
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
    discovery = Discovery(api.store.types)

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await _answer(api, discovery, request)
        except (StatusError, PlainError) as error:
            return error_response(error)
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


async def _answer(api: ClusterAPI, discovery: Discovery, request: web.Request) -> web.StreamResponse:
    check_host(request.headers.get("Host", ""))
    user = api.users.authenticate(request.headers)
    info = request_info(request.method, request.path, watch=asks_for_watch(request.query))
    if not user.may(info):
        raise forbidden(user, info)
    if not info.resource:
        return _answer_without_resource(api, discovery, request)
    await _misbehave(api)
    if api.faults.strikes("gateway"):
        return _of_a_gateway(api)
    if api.faults.strikes("flood"):
        return await _flood(request, api.faults.choose(faults.FLOODS))
    call = Call(api, request, info, _type_of(api, info))
    try:
        return await _handler(call)(call)
    except StoreError as error:
        raise _refusal(info, error) from None


def _refusal(info: RequestInfo, error: StoreError) -> StatusError:
    about = (info.group, info.resource, error.name)
    match error:
        case AlreadyExists():
            message = f'{group_resource(info.group, info.resource)} "{error.name}" already exists'
            return about_object(409, "AlreadyExists", message, *about)
        case Conflict():
            return about_object(409, "Conflict", str(error), *about)
        case NotStored():
            return object_not_found(*about)
    raise error


def _answer_without_resource(api: ClusterAPI, discovery: Discovery, request: web.Request) -> web.StreamResponse:
    path = request.path.rstrip("/")
    probe = probe_text(path, "verbose" in request.query)
    if probe is not None:
        return text_response(probe)
    if path == "/version":
        return json_response(version(api.store.minor))
    found = discovery.answer(path, request.headers.get("Accept", ""), request.host)
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
    # All objects of a namespaced type can be listed, but one of them is in a namespace.
    if bool(info.namespace) is not found.namespaced and (info.name or info.namespace):
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


AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

Tree = dict[str, Any]


class Discovery:
    """Answers of discovery, each made once until a type comes or goes."""

    def __init__(self, types: APITypes) -> None:
        self._types = types
        self._made: dict[tuple[str, bool], bytes] = {}
        self._generation = -1

    def answer(self, path: str, accept: str, server_address: str) -> tuple[bytes, dict[str, str]] | None:
        """Body and headers of a discovery path, or None if it is none."""
        if self._generation != self._types.generation:
            self._made.clear()
            self._generation = self._types.generation
        aggregated = path in ("/api", "/apis") and wants_aggregated_discovery(accept)
        made = self._made.get((path, aggregated))
        if made is None:
            tree = self._aggregated(path) if aggregated else self._legacy(path, server_address)
            if tree is None:
                return None
            made = self._made[path, aggregated] = msgspec.json.encode(tree) + b"\n"
        return made, _aggregated_headers(made) if aggregated else {}

    def _legacy(self, path: str, server_address: str) -> Tree | None:
        parts = path.strip("/").split("/")
        match parts:
            case ["api"]:
                addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": server_address}]
                return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}
            case ["apis"]:
                groups = [_group(name, versions) for name, versions in self._types.versions().items() if name]
                return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
            case ["api", version]:
                return self._resources("", version)
            case ["apis", group]:
                versions = self._types.versions().get(group)
                return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, versions)} if versions else None
            case ["apis", group, version]:
                return self._resources(group, version)
            case _:
                return None

    def _resources(self, group: str, version: str) -> Tree | None:
        types = self._types.in_version(group, version)
        if not types:
            return None
        resources = [entry for each in types for entry in self._legacy_entries(each)]
        head: Tree = {"kind": "APIResourceList", "apiVersion": "v1"} if group else {"kind": "APIResourceList"}
        return {**head, "groupVersion": f"{group}/{version}" if group else version, "resources": resources}

    def _legacy_entries(self, api_type: APIType) -> list[Tree]:
        entry: Tree = {
            "name": api_type.resource,
            "singularName": api_type.singular_name,
            "namespaced": api_type.namespaced,
            "kind": api_type.kind,
            "verbs": api_type.verbs,
            **_names(api_type),
        }
        if "watch" in api_type.verbs:
            entry["storageVersionHash"] = self._storage_version_hash(api_type)
        return [entry, *_legacy_subresources(api_type)]

    def _storage_version_hash(self, api_type: APIType) -> str:
        stored = self._types.stored(api_type.storage) or api_type
        text = f"{stored.group}/{stored.version}/{stored.kind}"
        return b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()

    def _aggregated(self, path: str) -> Tree:
        items = []
        for group, versions in self._types.versions().items():
            if (group == "") is (path == "/api"):
                shown = [
                    {
                        "version": version,
                        "resources": [_aggregated_entry(each) for each in self._types.in_version(group, version)],
                        "freshness": "Current",
                    }
                    for version in versions
                ]
                items.append({"metadata": {"name": group} if group else {}, "versions": shown})
        return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _group(name: str, versions: list[str]) -> Tree:
    named = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": named, "preferredVersion": named[0]}


def _names(api_type: APIType) -> Tree:
    names = {"shortNames": api_type.short_names, "categories": api_type.categories}
    return {name: values for name, values in names.items() if values}


def _legacy_subresources(api_type: APIType) -> list[Tree]:
    entries = []
    for each in api_type.subresources:
        entry: Tree = {
            "name": f"{api_type.resource}/{each.name}",
            "singularName": "",
            "namespaced": api_type.namespaced,
        }
        if each.group and (each.group, each.version) != (api_type.group, api_type.version):
            entry |= {"group": each.group, "version": each.version}
        entries.append({**entry, "kind": each.kind, "verbs": each.verbs})
    return entries


def _aggregated_entry(api_type: APIType) -> Tree:
    group, version = (api_type.group, api_type.version) if api_type.custom else ("", "")
    entry: Tree = {
        "resource": api_type.resource,
        "responseKind": {"group": group, "version": version, "kind": api_type.kind},
        "scope": "Namespaced" if api_type.namespaced else "Cluster",
        "singularResource": api_type.singular_name,
        "verbs": api_type.verbs,
        **_names(api_type),
    }
    if api_type.subresources:
        entry["subresources"] = [
            {
                "subresource": each.name,
                "responseKind": {"group": each.group, "version": each.version, "kind": each.kind},
                "verbs": each.verbs,
            }
            for each in api_type.subresources
        ]
    return entry


def _aggregated_headers(body: bytes) -> dict[str, str]:
    etag = hashlib.sha512(body).hexdigest().upper()
    return {"Cache-Control": "public", "Content-Type": AGGREGATED, "ETag": f'"{etag}"', "Vary": "Accept"}

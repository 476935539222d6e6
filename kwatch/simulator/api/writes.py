"""create, update, patch and delete: enough for tests, and for kubectl's label, annotate, scale and delete."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from aiohttp import web

from kwatch.simulator.api.call import Call
from kwatch.simulator.api.list_options import parse_list_options
from kwatch.simulator.api.merge_patch import merge_patch
from kwatch.simulator.api.object_encoder import ObjectEncoder
from kwatch.simulator.api.responses import json_response
from kwatch.simulator.api.selection import parse_selection
from kwatch.simulator.api.status import (
    Cause,
    bad_request,
    invalid_object,
    method_not_allowed,
    object_not_found,
    unsupported_media_type,
)
from kwatch.simulator.collection import in_namespace

MERGE_PATCH = "application/merge-patch+json"

_STRIPPED = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink")

Tree = dict[str, Any]


async def create(call: Call) -> web.StreamResponse:
    """Store the object in the body."""
    if call.info.subresource or call.info.name:
        raise method_not_allowed()
    obj = await _body(call)
    metadata = {name: value for name, value in (obj.get("metadata") or {}).items() if name not in _STRIPPED}
    if not metadata.get("name") and not metadata.get("generateName"):
        cause = Cause("FieldValueRequired", "Required value: name or generateName is required", "metadata.name")
        raise invalid_object(call.info.group, call.api_type.kind, "", [cause])
    obj["metadata"] = _placed(call, metadata)
    stored = call.api.store.create(obj, manager=_manager(call))
    return _answer(call, stored, 201)


async def update(call: Call) -> web.StreamResponse:
    """Replace the object, or its status."""
    obj = await _body(call)
    if (obj.get("metadata") or {}).get("name") != call.info.name:
        given = (obj.get("metadata") or {}).get("name", "")
        raise bad_request(f"the name of the object ({given}) does not match the name on the URL ({call.info.name})")
    obj["metadata"] = _placed(call, dict(obj["metadata"]))
    return _answer(call, _write(call, _stored(call), obj))


async def patch(call: Call) -> web.StreamResponse:
    """Merge the body into the object, or into its status."""
    media_type = call.request.content_type
    if media_type != MERGE_PATCH:
        raise unsupported_media_type(media_type, MERGE_PATCH)
    old = _stored(call)
    patched = merge_patch(old, await _json(call))
    patched["metadata"] = {**patched["metadata"], "name": call.info.name}
    return _answer(call, _write(call, old, patched))


async def delete(call: Call) -> web.StreamResponse:
    """Remove the object at once."""
    if call.info.subresource:
        raise method_not_allowed()
    removed = call.api.store.delete(call.api_type.storage, call.info.name, call.info.namespace)
    details = {
        "name": call.info.name,
        "group": call.info.group,
        "kind": call.info.resource,
        "uid": removed["metadata"]["uid"],
    }
    return json_response(_success({key: value for key, value in details.items() if value}))


async def delete_collection(call: Call) -> web.StreamResponse:
    """Remove every object that is selected."""
    options = parse_list_options(call.query, watch=False)
    selection = parse_selection(options, call.api_type, call.info.namespace)
    current = call.api.store.collection(call.api_type.storage).current()
    for record in in_namespace(current, call.info.namespace):
        if selection.matches(record):
            namespace, _, name = record.key.rpartition("/")
            call.api.store.delete(call.api_type.storage, name, namespace)
    return json_response(_success({}))


def _write(call: Call, old: Tree, obj: Tree) -> Tree:
    """Store what the path lets a client change: everything but the status, or nothing but the status."""
    subresource = call.info.subresource
    subresources = {each.name for each in call.api_type.subresources}
    if subresource not in ("", "status") or (subresource and subresource not in subresources):
        raise method_not_allowed()
    if subresource == "status":
        kept, given = {name: value for name, value in old.items() if name != "status"}, obj
        kept["metadata"] = {**old["metadata"], "resourceVersion": obj["metadata"].get("resourceVersion", "")}
    elif "status" in subresources:
        kept, given = {name: value for name, value in obj.items() if name != "status"}, old
    else:
        kept, given = obj, {}
    changed = {**kept, "status": given["status"]} if "status" in given else kept
    return call.api.store.update(copy.deepcopy(changed), manager=_manager(call), subresource=subresource)


def _stored(call: Call) -> Tree:
    stored = call.api.store.get(call.api_type.storage, call.info.name, call.info.namespace)
    if stored is None:
        raise object_not_found(call.info.group, call.info.resource, call.info.name)
    return stored


async def _body(call: Call) -> Tree:
    obj = await _json(call)
    expected = (call.api_type.api_version, call.api_type.kind)
    given = (obj.get("apiVersion", expected[0]), obj.get("kind", expected[1]))
    if given != expected:
        raise bad_request(
            f'{given[1]} in version "{given[0].rpartition("/")[2]}" cannot be handled as a {call.api_type.kind}: '
            f"converting ({given[0]}.{given[1]}) to ({expected[0]}.{expected[1]}): unknown conversion"
        )
    stored = call.api.store.types.stored(call.api_type.storage)
    if stored is None or stored.api_version != call.api_type.api_version:
        raise method_not_allowed()
    return {**obj, "apiVersion": expected[0], "kind": expected[1]}


async def _json(call: Call) -> Tree:
    media_type = call.request.content_type
    if call.request.method != "PATCH" and media_type not in ("application/json", "application/octet-stream"):
        raise unsupported_media_type(media_type, "application/json")
    try:
        tree = msgspec.json.decode(await call.request.read())
    except msgspec.DecodeError as error:
        raise bad_request(f"couldn't get version/kind; json parse error: {error}") from None
    if not isinstance(tree, dict) or not isinstance(tree.get("metadata", {}), dict | None):
        raise bad_request("couldn't get version/kind; json parse error: the body is no object")
    return tree


def _placed(call: Call, metadata: Tree) -> Tree:
    """Put the object into the path's namespace; raise StatusError if it claims another."""
    if not call.api_type.namespaced:
        return metadata
    if metadata.get("namespace", call.info.namespace) != call.info.namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    return {**metadata, "namespace": call.info.namespace}


def _manager(call: Call) -> str:
    agent = call.request.headers.get("User-Agent", "").partition("/")[0]
    return call.query.get("fieldManager") or agent[:128] or "unknown"


def _answer(call: Call, stored: Tree, status: int = 200) -> web.Response:
    metadata = stored["metadata"]
    key = f"{metadata['namespace']}/{metadata['name']}" if "namespace" in metadata else metadata["name"]
    record = call.api.store.collection(call.api_type.storage).records[key]
    return json_response(ObjectEncoder(call.api_type).one(record), status)


def _success(details: Tree) -> bytes:
    status: Tree = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    if details:
        status["details"] = details
    return msgspec.json.encode(status) + b"\n"

"""create, update, patch and delete: enough for tests, and for kubectl's label, set image, cordon and delete."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from aiohttp import web

from kwatch.simulator.api.body import changed_by, manager_of, read_object
from kwatch.simulator.api.call import Call
from kwatch.simulator.api.grace import terminated
from kwatch.simulator.api.list_options import parse_list_options
from kwatch.simulator.api.object_encoder import ObjectEncoder
from kwatch.simulator.api.responses import json_response
from kwatch.simulator.api.selection import parse_selection
from kwatch.simulator.api.status import (
    Cause,
    bad_request,
    invalid_object,
    method_not_allowed,
)
from kwatch.simulator.collection import in_namespace

_STRIPPED = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink")

Tree = dict[str, Any]


async def create(call: Call) -> web.StreamResponse:
    """Store the object in the body."""
    if call.info.subresource or call.info.name:
        raise method_not_allowed()
    obj = await read_object(call)
    metadata = {name: value for name, value in (obj.get("metadata") or {}).items() if name not in _STRIPPED}
    if not metadata.get("name") and not metadata.get("generateName"):
        cause = Cause("FieldValueRequired", "Required value: name or generateName is required", "metadata.name")
        raise invalid_object(call.info.group, call.api_type.kind, "", [cause])
    obj["metadata"] = _placed(call, metadata)
    stored = call.api.store.create(obj, manager=manager_of(call))
    return _answer(call, stored, 201)


async def update(call: Call) -> web.StreamResponse:
    """Replace the object, or its status."""
    obj = await read_object(call)
    if (obj.get("metadata") or {}).get("name") != call.info.name:
        given = (obj.get("metadata") or {}).get("name", "")
        raise bad_request(f"the name of the object ({given}) does not match the name on the URL ({call.info.name})")
    obj["metadata"] = _placed(call, dict(obj["metadata"]))
    return _answer(call, _write(call, call.stored(), obj))


async def patch(call: Call) -> web.StreamResponse:
    """Apply the patch in the body to the object, or to its status."""
    old = call.stored()
    patched = await changed_by(call, old)
    patched["metadata"] = {**patched["metadata"], "name": call.info.name}
    return _answer(call, _write(call, old, patched))


async def delete(call: Call) -> web.StreamResponse:
    """Remove the object: a running pod in its own time, everything else at once."""
    if call.info.subresource:
        raise method_not_allowed()
    dying = await terminated(call, call.info.name, manager_of(call))
    if dying is not None:
        return _answer(call, dying)
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
            if await terminated(call, name, manager_of(call)) is None:
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
    return call.api.store.update(copy.deepcopy(changed), manager=manager_of(call), subresource=subresource)


def _placed(call: Call, metadata: Tree) -> Tree:
    """Put the object into the path's namespace; raise StatusError if it claims another."""
    if not call.api_type.namespaced:
        return metadata
    if metadata.get("namespace", call.info.namespace) != call.info.namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    return {**metadata, "namespace": call.info.namespace}


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

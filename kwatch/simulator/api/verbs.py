"""What each verb does: get, list, watch, create, update, patch, delete; and the scale subresource."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from kwatch.simulator.api.call import Call
from kwatch.simulator.api.encoders import (
    Encoder,
    MetadataEncoder,
    ObjectEncoder,
    TableEncoder,
    in_version,
    printed_kind,
)
from kwatch.simulator.api.listing import Page, list_page, parse_list_options, parse_selection, validate_list_options
from kwatch.simulator.api.responses import (
    Cause,
    Form,
    bad_request,
    details,
    invalid,
    json_response,
    method_not_allowed,
    negotiate,
    not_acceptable,
    send_parts,
    unsupported_media_type,
)
from kwatch.simulator.api.watching import Watch
from kwatch.simulator.collection import in_namespace
from kwatch.simulator.engine.objects import merge_patch, strategic_merge_patch

Tree = dict[str, Any]


async def get(call: Call) -> web.StreamResponse:
    form = _form(call)
    if form is Form.METADATA_LIST:
        raise not_acceptable(
            f"you requested PartialObjectMetadataList, but the requested object is not a list ({_go_type(call)})"
        )
    record = call.collection.records.get(call.key)
    if record is None:
        raise call.not_found()
    return json_response(encoder_of(call, form).one(in_version(record, call.api_type)))


async def list_objects(call: Call) -> web.StreamResponse:
    """All objects, a namespace's, or those a selector names."""
    form = _form(call)
    options = parse_list_options(call.query, watch=False)
    selection = parse_selection(options, call.api_type, call.info.namespace)
    validate_list_options(options)
    if form is Form.METADATA:
        raise not_acceptable(
            f"you requested PartialObjectMetadata, but the requested object is a list ({_go_type(call)}List)"
        )
    tokens_expire = bool(options.continue_token) and call.api.faults.strikes("expired-token")
    page = await list_page(call.collection, call.api.revisions, options, selection, tokens_expire=tokens_expire)
    if page.records and page.records[0].api_type is not call.api_type:
        records = [in_version(record, call.api_type) for record in page.records]
        page = Page(page.revision, records, page.continue_token, page.remaining)
    return await send_parts(call.request, encoder_of(call, form).page(page), call.api.faults)


async def watch(call: Call) -> web.StreamResponse:
    form = _form(call)
    options = parse_list_options(call.query, watch=True)
    selection = parse_selection(options, call.api_type, call.info.namespace, call.info.name)
    validate_list_options(options, streaming_lists=call.api.streaming_lists)
    return await Watch(call, options, selection, encoder_of(call, form)).serve()


def _form(call: Call) -> Form:
    return negotiate(call.request.headers.get("Accept", ""))


def encoder_of(call: Call, form: Form) -> Encoder:
    """What writes the form the client wants."""
    if form is Form.TABLE:
        kind = printed_kind(call.api.store, call.api_type)
        return TableEncoder(kind, call.query.get("includeObject", "Metadata"), call.api.store.clock)
    return ObjectEncoder(call.api_type) if form is Form.OBJECT else MetadataEncoder()


def _go_type(call: Call) -> str:
    if call.api_type.custom:
        return "*unstructured.Unstructured"
    group = call.info.group.partition(".")[0] or "core"
    return f"*{group}.{call.api_type.kind}"


def decoded(body: bytes) -> Any:
    """The JSON in a body; raise StatusError."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise bad_request(f"couldn't get version/kind; json parse error: {error}") from None


async def read_body(call: Call) -> Tree:
    """The JSON object in the body; raise StatusError."""
    media_type = call.request.content_type
    if call.request.method != "PATCH" and media_type not in ("application/json", "application/octet-stream"):
        raise unsupported_media_type(media_type, "application/json")
    tree = decoded(await call.request.read())
    if not isinstance(tree, dict) or not isinstance(tree.get("metadata", {}), dict | None):
        raise bad_request("couldn't get version/kind; json parse error: the body is no object")
    return tree


async def read_object(call: Call) -> Tree:
    """The object in the body, of the type that the path names; raise StatusError."""
    obj = await read_body(call)
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


def manager_of(call: Call) -> str:
    """Who writes, for managedFields."""
    agent = call.request.headers.get("User-Agent", "").partition("/")[0]
    return call.query.get("fieldManager") or agent[:128] or "unknown"


_STRIPPED = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink")


async def create(call: Call) -> web.StreamResponse:
    if call.info.subresource or call.info.name:
        raise method_not_allowed()
    obj = await read_object(call)
    metadata = {name: value for name, value in (obj.get("metadata") or {}).items() if name not in _STRIPPED}
    if not metadata.get("name") and not metadata.get("generateName"):
        cause = Cause("FieldValueRequired", "Required value: name or generateName is required", "metadata.name")
        raise invalid(call.info.group, call.api_type.kind, "", [cause])
    obj["metadata"] = _placed(call, metadata)
    stored = call.api.store.create(obj, manager=manager_of(call))
    return _answer(call, stored, 201)


async def update(call: Call) -> web.StreamResponse:
    """Replace the object, or its status."""
    obj = await read_object(call)
    given = (obj.get("metadata") or {}).get("name", "")
    if given != call.info.name:
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
    info = call.info
    dying = await terminated(call, info.name)
    if dying is not None:
        return _answer(call, dying)
    removed = call.api.store.delete(call.api_type.storage, info.name, info.namespace)
    return _success(details(name=info.name, group=info.group, kind=info.resource, uid=removed["metadata"]["uid"]))


async def delete_collection(call: Call) -> web.StreamResponse:
    """Remove everything a selector names."""
    options = parse_list_options(call.query, watch=False)
    selection = parse_selection(options, call.api_type, call.info.namespace)
    for record in in_namespace(call.collection.current(), call.info.namespace):
        if selection.matches(record):
            namespace, _, name = record.key.rpartition("/")
            if await terminated(call, name) is None:
                call.api.store.delete(call.api_type.storage, name, namespace)
    return _success({})


async def terminated(call: Call, name: str) -> Tree | None:
    """The pod that begins to stop; None if what the path names is deleted at once."""
    terminator = call.api.pod_terminator
    if terminator is None or call.api_type.storage != "pods":
        return None
    grace = await grace_of(call)
    return None if grace == 0 else terminator.terminate(call.info.namespace, name, grace, manager_of(call))


async def grace_of(call: Call) -> int | None:
    """How many seconds the client gives, by query or in DeleteOptions; None for the object's own. Raise StatusError."""
    given: Any = call.query.get("gracePeriodSeconds")
    if given is None:
        body = await call.request.read()
        options = decoded(body) if body and call.request.content_type == "application/json" else {}
        given = options.get("gracePeriodSeconds") if isinstance(options, dict) else None
    if given is None:
        return None
    try:
        return max(0, int(given))
    except (TypeError, ValueError):
        raise bad_request(f"invalid gracePeriodSeconds: {given!r}") from None


def _write(call: Call, old: Tree, obj: Tree) -> Tree:
    """Store what the path lets a client change: everything but the status, or nothing but the status."""
    subresource = call.info.subresource
    if subresource == "status":
        kept, given = {name: value for name, value in old.items() if name != "status"}, obj
        kept["metadata"] = {**old["metadata"], "resourceVersion": obj["metadata"].get("resourceVersion", "")}
    elif any(each.name == "status" for each in call.api_type.subresources):
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
    return json_response(ObjectEncoder(call.api_type).one(call.collection.records[key]), status)


def _success(about: Tree) -> web.Response:
    status: Tree = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return json_response({**status, "details": about} if about else status)


_STRATEGIC = "application/strategic-merge-patch+json"
PATCHES: dict[str, Callable[[Tree, Tree], Tree]] = {
    "application/merge-patch+json": merge_patch,
    _STRATEGIC: strategic_merge_patch,
}
"""By the media type of the patch."""


async def changed_by(call: Call, target: Tree) -> Tree:
    """A tree with the patch in the body applied; raise StatusError 415 for a patch of another kind."""
    media_type = call.request.content_type
    apply = PATCHES.get(media_type)
    if apply is None or (media_type == _STRATEGIC and call.api_type.custom):
        raise unsupported_media_type(media_type, ", ".join(PATCHES))
    return apply(target, await read_body(call))


_IDENTITY = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


async def get_scale(call: Call) -> web.StreamResponse:
    return json_response(_scale(call.stored()))


async def update_scale(call: Call) -> web.StreamResponse:
    scaled = call.stored()
    patches = call.info.verb == "patch"
    wanted = await changed_by(call, _scale(scaled)) if patches else await read_body(call)
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    if not isinstance(replicas, int) or replicas < 0:
        raise bad_request(f"spec.replicas: Invalid value: {replicas!r}: must be greater than or equal to 0")
    changed = {**scaled, "spec": {**scaled["spec"], "replicas": replicas}}
    return json_response(_scale(call.api.store.update(changed, manager=manager_of(call), subresource="scale")))


def _scale(scaled: Tree) -> Tree:
    labels = (scaled["spec"].get("selector") or {}).get("matchLabels") or {}
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: scaled["metadata"][name] for name in _IDENTITY if name in scaled["metadata"]},
        "spec": {"replicas": scaled["spec"].get("replicas", 1)},
        "status": {
            "replicas": scaled.get("status", {}).get("replicas", 0),
            "selector": ",".join(f"{name}={value}" for name, value in sorted(labels.items())),
        },
    }

"""What each verb does: get, list, watch, create, update, patch, delete; and the scale subresource."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web

from kwatch.simulator.api.call import Call, changed_by, manager_of, read_body, read_object
from kwatch.simulator.api.encoders import Encoder, MetadataEncoder, ObjectEncoder, in_version
from kwatch.simulator.api.listing import (
    ListOptions,
    Page,
    list_page,
    parse_list_options,
    parse_selection,
    validate_list_options,
)
from kwatch.simulator.api.responses import (
    Cause,
    Form,
    bad_request,
    invalid_object,
    json_response,
    method_not_allowed,
    negotiate,
    not_acceptable,
    object_not_found,
    send_parts,
)
from kwatch.simulator.api.watching import Watch
from kwatch.simulator.collection import in_namespace


async def get(call: Call) -> web.StreamResponse:
    form = negotiate(call.request.headers.get("Accept", ""))
    if form is Form.METADATA_LIST:
        raise not_acceptable(
            f"you requested PartialObjectMetadataList, but the requested object is not a list ({_go_type(call)})"
        )
    record = call.api.store.collection(call.api_type.storage).records.get(call.key)
    if record is None:
        raise object_not_found(call.info.group, call.info.resource, call.info.name)
    encoder = encoder_of(call, form)
    return json_response(encoder.one(in_version(record, call.api_type)))


async def list_objects(call: Call) -> web.StreamResponse:
    """All objects, a namespace's, or those a selector names."""
    form = negotiate(call.request.headers.get("Accept", ""))
    options = _options(call, watch=False)
    selection = parse_selection(options, call.api_type, call.info.namespace)
    validate_list_options(options)
    if form is Form.METADATA:
        raise not_acceptable(
            f"you requested PartialObjectMetadata, but the requested object is a list ({_go_type(call)}List)"
        )
    page = await list_page(
        call.api.store.collection(call.api_type.storage),
        call.api.revisions,
        options,
        selection,
        tokens_expire=bool(options.continue_token) and call.api.faults.strikes("expired-token"),
    )
    encoder = encoder_of(call, form)
    return await send_parts(call.request, _parts(call, encoder, page), call.api.faults)


async def watch(call: Call) -> web.StreamResponse:
    form = negotiate(call.request.headers.get("Accept", ""))
    options = _options(call, watch=True)
    selection = parse_selection(options, call.api_type, call.info.namespace, call.info.name)
    validate_list_options(options, streaming_lists=call.api.streaming_lists)
    return await Watch(
        call.api_type,
        call.api.store.collection(call.api_type.storage),
        options,
        selection,
        encoder_of(call, form),
        call.api.revisions,
        call.api.faults,
        second=call.api.second,
        random=call.api.random,
    ).serve(call.request)


def encoder_of(call: Call, form: Form) -> Encoder:
    """What writes the form the client wants."""
    if form is Form.TABLE:
        # The catalogue is imported when the first Table is asked for: the demo's own client never does.
        from kwatch.simulator.api.printing import TableEncoder, printed_kind

        kind = printed_kind(call.api.store, call.api_type)
        return TableEncoder(kind, call.query.get("includeObject", "Metadata"), call.api.store.clock)
    return ObjectEncoder(call.api_type) if form is Form.OBJECT else MetadataEncoder()


def _options(call: Call, *, watch: bool) -> ListOptions:
    return parse_list_options(call.query, watch=watch)


def _parts(call: Call, encoder: Encoder, page: Page) -> Iterator[bytes]:
    if page.records and page.records[0].api_type is not call.api_type:
        records = [in_version(record, call.api_type) for record in page.records]
        page = Page(page.revision, records, page.continue_token, page.remaining)
    return encoder.page(page)


def _go_type(call: Call) -> str:
    if call.api_type.custom:
        return "*unstructured.Unstructured"
    group = call.info.group.partition(".")[0] or "core"
    return f"*{group}.{call.api_type.kind}"


Tree = dict[str, Any]


async def grace_of(call: Call) -> int | None:
    """How many seconds the client gives, by query or in DeleteOptions; None for the object's own. Raise StatusError."""
    given: Any = call.query.get("gracePeriodSeconds")
    if given is None:
        body = await call.request.read()
        try:
            options = msgspec.json.decode(body) if body and call.request.content_type == "application/json" else {}
        except msgspec.DecodeError as error:
            raise bad_request(f"couldn't get version/kind; json parse error: {error}") from None
        given = options.get("gracePeriodSeconds") if isinstance(options, dict) else None
    if given is None:
        return None
    try:
        return max(0, int(given))
    except (TypeError, ValueError):
        raise bad_request(f"invalid gracePeriodSeconds: {given!r}") from None


async def terminated(call: Call, name: str, manager: str) -> Tree | None:
    """The pod that begins to stop; None if what the path names is deleted at once."""
    terminator = call.api.pod_terminator
    if terminator is None or call.api_type.storage != "pods":
        return None
    grace = await grace_of(call)
    if grace == 0:
        return None
    return terminator.terminate(call.info.namespace, name, grace, manager)


_STRIPPED = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink")


async def create(call: Call) -> web.StreamResponse:
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


_IDENTITY = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


async def get_scale(call: Call) -> web.StreamResponse:
    return _scale_answer(call.stored())


async def update_scale(call: Call) -> web.StreamResponse:
    scaled = call.stored()
    if call.info.verb == "patch":
        wanted = await changed_by(call, _scale(scaled))
    else:
        wanted = await read_body(call)
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    if not isinstance(replicas, int) or replicas < 0:
        raise bad_request(f"spec.replicas: Invalid value: {replicas!r}: must be greater than or equal to 0")
    changed = {**scaled, "spec": {**scaled["spec"], "replicas": replicas}}
    return _scale_answer(call.api.store.update(changed, manager=manager_of(call), subresource="scale"))


def _scale_answer(scaled: Tree) -> web.Response:
    return json_response(msgspec.json.encode(_scale(scaled)) + b"\n")


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

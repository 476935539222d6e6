"""get, list and watch."""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web

from kwatch.simulator.api.call import Call
from kwatch.simulator.api.conversion import in_version
from kwatch.simulator.api.encoder import Encoder
from kwatch.simulator.api.list_options import ListOptions, parse_list_options, validate_list_options
from kwatch.simulator.api.listing import Page, list_page
from kwatch.simulator.api.metadata_encoder import MetadataEncoder
from kwatch.simulator.api.negotiation import Form, negotiate
from kwatch.simulator.api.object_encoder import ObjectEncoder
from kwatch.simulator.api.responses import json_response, send_parts
from kwatch.simulator.api.selection import parse_selection
from kwatch.simulator.api.status import StatusError, not_acceptable, object_not_found
from kwatch.simulator.api.watching import Watch


async def get(call: Call) -> web.StreamResponse:
    """One object."""
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
    """Changes as they happen."""
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
        from kwatch.simulator.api.printing import printed_kind
        from kwatch.simulator.api.table_encoder import TableEncoder

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


def _wrong_form(form: Form, reason: str) -> StatusError:
    return not_acceptable(f"you requested {form.value}, but {reason}")


def _go_type(call: Call) -> str:
    """How the server names the type of an object in Go."""
    if call.api_type.custom:
        return "*unstructured.Unstructured"
    group = call.info.group.partition(".")[0] or "core"
    return f"*{group}.{call.api_type.kind}"

"""What a write brings along: an object, a patch, and who sends it."""

from __future__ import annotations

from typing import Any

import msgspec

from kwatch.simulator.api.call import Call
from kwatch.simulator.api.patches import PATCHES, STRATEGIC
from kwatch.simulator.api.status import bad_request, method_not_allowed, unsupported_media_type

Tree = dict[str, Any]


async def read_body(call: Call) -> Tree:
    """The JSON object in the body; raise StatusError."""
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


async def changed_by(call: Call, target: Tree) -> Tree:
    """A tree with the patch in the body applied; raise StatusError 415 for a patch of another kind."""
    media_type = call.request.content_type
    apply = PATCHES.get(media_type)
    if apply is None or (media_type == STRATEGIC and call.api_type.custom):
        raise unsupported_media_type(media_type, ", ".join(PATCHES))
    return apply(target, await read_body(call))


def manager_of(call: Call) -> str:
    """Who writes, for managedFields."""
    agent = call.request.headers.get("User-Agent", "").partition("/")[0]
    return call.query.get("fieldManager") or agent[:128] or "unknown"

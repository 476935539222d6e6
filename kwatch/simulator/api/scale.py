"""The scale subresource: how many replicas something is to have, for whatever has replicas."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from kwatch.simulator.api.body import changed_by, manager_of, read_body
from kwatch.simulator.api.call import Call
from kwatch.simulator.api.responses import json_response
from kwatch.simulator.api.status import bad_request

_IDENTITY = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")

Tree = dict[str, Any]


async def get(call: Call) -> web.StreamResponse:
    """The number asked for and the number there is."""
    return _answer(call.stored())


async def update(call: Call) -> web.StreamResponse:
    """Ask for another number."""
    scaled = call.stored()
    if call.info.verb == "patch":
        wanted = await changed_by(call, _scale(scaled))
    else:
        wanted = await read_body(call)
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    if not isinstance(replicas, int) or replicas < 0:
        raise bad_request(f"spec.replicas: Invalid value: {replicas!r}: must be greater than or equal to 0")
    changed = {**scaled, "spec": {**scaled["spec"], "replicas": replicas}}
    return _answer(call.api.store.update(changed, manager=manager_of(call), subresource="scale"))


def _answer(scaled: Tree) -> web.Response:
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

"""metrics.k8s.io: what pods and nodes use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web

from kwatch.simulator.api.call import Call
from kwatch.simulator.api.list_options import parse_list_options
from kwatch.simulator.api.responses import json_response
from kwatch.simulator.api.selection import parse_selection
from kwatch.simulator.api.status import object_not_found
from kwatch.simulator.api.usage_source import Amount
from kwatch.simulator.collection import in_namespace
from kwatch.simulator.store import timestamp

Tree = dict[str, Any]

_WINDOW = "15s"


async def read(call: Call) -> web.StreamResponse:
    """Usage of one pod or node, or of all that a selector names."""
    shown = _pods(call) if call.info.resource == "pods" else _nodes(call)
    if call.info.name:
        found = next(shown, None)
        if found is None:
            raise object_not_found(call.info.group, call.info.resource, call.info.name)
        return json_response(msgspec.json.encode({**_head(call.api_type.kind), **found}) + b"\n")
    answer = {**_head(call.api_type.kind_of_list), "metadata": {}, "items": list(shown)}
    return json_response(msgspec.json.encode(answer) + b"\n")


def _pods(call: Call) -> Iterator[Tree]:
    for pod in _selected(call, "pods"):
        if pod.get("status", {}).get("phase") == "Running":
            metadata = pod["metadata"]
            usage = call.api.usage.usage(metadata["namespace"], metadata["name"])
            containers = [{"name": name, "usage": _shown(used)} for name, used in usage.items()]
            yield {**_measured(call, pod), "containers": containers}


def _nodes(call: Call) -> Iterator[Tree]:
    for node in _selected(call, "nodes"):
        yield {**_measured(call, node), "usage": _shown(call.api.usage.node_usage(node["metadata"]["name"]))}


def _selected(call: Call, resource: str) -> list[Tree]:
    collection = call.api.store.collection(resource)
    options = parse_list_options(call.query, watch=False)
    selection = parse_selection(options, collection.api_type, call.info.namespace, call.info.name)
    records = in_namespace(collection.current(), call.info.namespace)
    return [collection.trees[record.key] for record in records if selection.matches(record)]


def _measured(call: Call, obj: Tree) -> Tree:
    shown = {name: obj["metadata"][name] for name in ("name", "namespace", "labels") if name in obj["metadata"]}
    taken = timestamp(call.api.store.clock())
    return {"metadata": {**shown, "creationTimestamp": taken}, "timestamp": taken, "window": _WINDOW}


def _shown(used: Amount) -> Tree:
    return {"cpu": f"{round(used.cpu * 1e9)}n", "memory": f"{round(used.memory / 1024)}Ki"}


def _head(kind: str) -> Tree:
    return {"kind": kind, "apiVersion": "metrics.k8s.io/v1beta1"}

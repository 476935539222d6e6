"""metrics.k8s.io: what pods and nodes use, computed from what they request and from the time, never random."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable
from typing import Any

import msgspec
from aiohttp import web

from kwatch.simulator.api.call import Call
from kwatch.simulator.api.list_options import parse_list_options
from kwatch.simulator.api.quantity import parse_quantity
from kwatch.simulator.api.responses import json_response
from kwatch.simulator.api.selection import parse_selection
from kwatch.simulator.api.status import object_not_found
from kwatch.simulator.collection import in_namespace
from kwatch.simulator.store import timestamp

Tree = dict[str, Any]

_IDLE_POD = (0.02, 48 * 2**20)
_NODE_OVERHEAD = (0.12, 900 * 2**20)
_WINDOW = 15.0


async def read(call: Call) -> web.StreamResponse:
    """Usage of one pod or node, or of all."""
    if call.info.resource == "pods":
        shown = _PodMetrics(call).trees()
    else:
        shown = _NodeMetrics(call).trees()
    if call.info.name:
        found = next((tree for tree in shown if tree["metadata"]["name"] == call.info.name), None)
        if found is None:
            raise object_not_found(call.info.group, call.info.resource, call.info.name)
        return json_response(msgspec.json.encode({**_head(call.api_type.kind), **found}) + b"\n")
    answer = {**_head(call.api_type.kind_of_list), "metadata": {}, "items": list(shown)}
    return json_response(msgspec.json.encode(answer) + b"\n")


class _PodMetrics:
    """Usage of running pods that a selector names."""

    def __init__(self, call: Call) -> None:
        self._store = call.api.store
        self._now = self._store.clock()
        pods = self._store.collection("pods")
        options = parse_list_options(call.query, watch=False)
        selection = parse_selection(options, pods.api_type, call.info.namespace)
        records = in_namespace(pods.current(), call.info.namespace)
        self._pods = [pods.trees[record.key] for record in records if selection.matches(record)]

    def trees(self) -> Iterable[Tree]:
        """One PodMetrics after the other."""
        for pod in self._pods:
            if pod.get("status", {}).get("phase") == "Running":
                containers = [
                    {"name": container["name"], "usage": _usage(*container_usage(pod, container, self._now))}
                    for container in pod["spec"]["containers"]
                ]
                yield {**_metadata(pod, self._now), "containers": containers}


class _NodeMetrics:
    """Usage of nodes: of the pods on them, and some of their own."""

    def __init__(self, call: Call) -> None:
        self._store = call.api.store
        self._now = self._store.clock()
        nodes = self._store.collection("nodes")
        selection = parse_selection(parse_list_options(call.query, watch=False), nodes.api_type, "")
        self._nodes = [nodes.trees[record.key] for record in nodes.current() if selection.matches(record)]

    def trees(self) -> Iterable[Tree]:
        """One NodeMetrics after the other."""
        used: dict[str, tuple[float, float]] = {}
        for pod in self._store.list("pods"):
            if pod.get("status", {}).get("phase") == "Running":
                node = pod["spec"].get("nodeName", "")
                for container in pod["spec"]["containers"]:
                    cpu, memory = container_usage(pod, container, self._now)
                    sum_cpu, sum_memory = used.get(node, _NODE_OVERHEAD)
                    used[node] = (sum_cpu + cpu, sum_memory + memory)
        for node in self._nodes:
            usage = used.get(node["metadata"]["name"], _NODE_OVERHEAD)
            yield {**_metadata(node, self._now), "usage": _usage(*usage)}


def container_usage(pod: Tree, container: Tree, now: float) -> tuple[float, float]:
    """Cores and bytes: around the half of what it requests, in a slow wave of its own."""
    requests = container.get("resources", {}).get("requests", {})
    cpu = parse_quantity(requests["cpu"]) if "cpu" in requests else _IDLE_POD[0]
    memory = parse_quantity(requests["memory"]) if "memory" in requests else _IDLE_POD[1]
    seed = zlib.crc32(f"{pod['metadata'].get('uid', '')}/{container['name']}".encode())
    phase, share = seed % 628 / 100, 0.25 + seed % 89 / 160
    wave = math.sin(now / 300 + phase)
    return cpu * share * (1 + 0.4 * wave), memory * (0.45 + share / 2) * (1 + 0.05 * wave)


def _metadata(obj: Tree, now: float) -> Tree:
    shown = {name: obj["metadata"][name] for name in ("name", "namespace", "labels") if name in obj["metadata"]}
    taken = timestamp(now)
    return {"metadata": {**shown, "creationTimestamp": taken}, "timestamp": taken, "window": f"{_WINDOW:g}s"}


def _usage(cpu: float, memory: float) -> Tree:
    return {"cpu": f"{round(cpu * 1e9)}n", "memory": f"{round(memory / 1024)}Ki"}


def _head(kind: str) -> Tree:
    return {"kind": kind, "apiVersion": "metrics.k8s.io/v1beta1"}

"""What containers write and use: GET .../pods/NAME/log, and metrics.k8s.io."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from kwatch.base.timestamp import parse_timestamp, timestamp
from kwatch.simulator.api.call import Call
from kwatch.simulator.api.listing import parse_list_options, parse_selection
from kwatch.simulator.api.responses import StatusError, bad_request, json_response, start_stream, text_response
from kwatch.simulator.collection import in_namespace
from kwatch.simulator.engine.autoscaling import Amount

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


async def logs(call: Call) -> web.StreamResponse:
    """Lines so far and, if asked to follow, those to come."""
    pod = call.stored()
    query = call.query
    container = _container(pod, query.get("container", ""))
    previous = _flag(query, "previous")
    _require_started(pod, container, previous)
    source = call.api.logs
    try:
        lines = source.logs(call.info.namespace, call.info.name, container, previous) if source else []
    except LookupError:
        raise _no_previous(pod, container) from None
    timestamps = _flag(query, "timestamps")
    shown = [_log_line(line, timestamps) for line in _chosen(lines, query, call.api.store.clock())]
    if not _flag(query, "follow") or source is None:
        return text_response("".join(shown))
    response = await start_stream(call.request, {"Content-Type": "text/plain; charset=utf-8"})
    await response.write("".join(shown).encode())
    async for line in source.follow(call.info.namespace, call.info.name, container):
        await response.write(_log_line(line, timestamps).encode())
    await response.write_eof()
    return response


def _container(pod: dict[str, Any], asked: str) -> str:
    """The container meant; raise StatusError 400 if that is not clear."""
    name, spec = pod["metadata"]["name"], pod["spec"]
    names = [each["name"] for part in _CONTAINERS for each in spec.get(part) or ()]
    if asked:
        if asked not in names:
            raise bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    main = [each["name"] for each in spec["containers"]]
    if len(names) > 1:
        initial = [each["name"] for each in spec.get("initContainers") or ()]
        also = f" or one of the init containers: [{' '.join(initial)}]" if initial else ""
        raise bad_request(f"a container name must be specified for pod {name}, choose one of: [{' '.join(main)}]{also}")
    return str(main[0])


def _require_started(pod: dict[str, Any], container: str, previous: bool) -> None:
    """Raise StatusError 400 if there is nothing the container could have written."""
    status = _status(pod, container)
    if previous:
        if not (status or {}).get("lastState", {}).get("terminated"):
            raise _no_previous(pod, container)
        return
    waiting = (status or {}).get("state", {}).get("waiting")
    if status is None or (waiting and not status.get("restartCount")):
        reason = (waiting or {}).get("reason", "ContainerCreating")
        words = "trying and failing to pull image" if reason in ("ImagePullBackOff", "ErrImagePull") else reason
        name = pod["metadata"]["name"]
        raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {words}')


def _no_previous(pod: dict[str, Any], container: str) -> StatusError:
    return bad_request(f'previous terminated container "{container}" in pod "{pod["metadata"]["name"]}" not found')


def _status(pod: dict[str, Any], container: str) -> dict[str, Any] | None:
    for part in _STATUSES:
        for status in pod.get("status", {}).get(part) or ():
            if status["name"] == container:
                found: dict[str, Any] = status
                return found
    return None


def _chosen(lines: list[str], query: dict[str, str], now: float) -> list[str]:
    """The lines that sinceSeconds, sinceTime and tailLines leave, in the server's order."""
    since = now - _number(query, "sinceSeconds") if "sinceSeconds" in query else _moment(query.get("sinceTime", ""))
    if since is not None:
        lines = [line for line in lines if (_moment(line.partition(" ")[0]) or 0.0) >= since]
    if "tailLines" in query:
        return list(deque(lines, _number(query, "tailLines")))
    return lines


def _log_line(line: str, timestamps: bool) -> str:
    return (line if timestamps else line.partition(" ")[2]) + "\n"


def _moment(text: str) -> float | None:
    if not text:
        return None
    try:
        return parse_timestamp(text)
    except ValueError:
        raise bad_request(f'parsing time "{text}": cannot parse as a time') from None


def _number(query: dict[str, str], name: str) -> int:
    if not query[name].isdecimal():
        raise bad_request(f'strconv.ParseInt: parsing "{query[name]}": invalid syntax')
    return int(query[name])


def _flag(query: dict[str, str], name: str) -> bool:
    return query.get(name, "").lower() in ("true", "1")


Tree = dict[str, Any]

_WINDOW = "15s"


async def metrics(call: Call) -> web.StreamResponse:
    """Usage of one pod or node, or of all that a selector names."""
    shown = _pods(call) if call.info.resource == "pods" else _nodes(call)
    if not call.info.name:
        return json_response({**_head(call.api_type.kind_of_list), "metadata": {}, "items": list(shown)})
    found = next(shown, None)
    if found is None:
        raise call.not_found()
    return json_response({**_head(call.api_type.kind), **found})


def _pods(call: Call) -> Iterator[Tree]:
    for pod in _selected(call, "pods"):
        if pod.get("status", {}).get("phase") == "Running":
            metadata = pod["metadata"]
            usage = call.api.usage.usage(metadata["namespace"], metadata["name"])
            containers = [{"name": name, "usage": _quantities(used)} for name, used in usage.items()]
            yield {**_measured(call, pod), "containers": containers}


def _nodes(call: Call) -> Iterator[Tree]:
    for node in _selected(call, "nodes"):
        yield {**_measured(call, node), "usage": _quantities(call.api.usage.node_usage(node["metadata"]["name"]))}


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


def _quantities(used: Amount) -> Tree:
    return {"cpu": f"{round(used.cpu * 1e9)}n", "memory": f"{round(used.memory / 1024)}Ki"}


def _head(kind: str) -> Tree:
    return {"kind": kind, "apiVersion": "metrics.k8s.io/v1beta1"}

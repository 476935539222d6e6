"""Changes as fast as a socket takes them: rows arrive meanwhile, keys answer, and every version is remembered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.cluster.scripted_server import Received, ScriptedServer, answer
from tests.end_to_end.program import Program

PODS, CHANGES, LATE = 100, 40_000, 8
BLOCK = 50
"""Events in one write."""


def event(type_: str, name: str, version: int, restarts: int = 0) -> bytes:
    status = {"phase": "Running", "containerStatuses": [{"name": "main", "ready": True, "restartCount": restarts}]}
    tree: dict[str, Any] = {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}", "resourceVersion": str(version)},
        "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "registry.example/web:1"}]},
        "status": status,
    }
    return json.dumps({"type": type_, "object": tree}).encode() + b"\n"


def flood() -> Iterator[bytes]:
    """The pods there are, then changes without a pause; now and then a pod that is new."""
    version = 1000
    yield b"".join(event("ADDED", f"web-{number:03}", number + 1) for number in range(PODS))
    metadata = {"resourceVersion": str(version), "annotations": {"k8s.io/initial-events-end": "true"}}
    bookmark = {"kind": "Pod", "apiVersion": "v1", "metadata": metadata}
    yield json.dumps({"type": "BOOKMARK", "object": bookmark}).encode() + b"\n"
    for start in range(0, CHANGES, BLOCK):
        block = [
            event("MODIFIED", f"web-{each * 37 % PODS:03}", version + each + 1, each)
            for each in range(start, start + BLOCK)
        ]
        yield b"".join(block)
        if start % (CHANGES // LATE) == 0:
            number = start // (CHANGES // LATE)
            yield event("ADDED", f"late-{number}", version + start + BLOCK)


def respond(request: Received) -> Iterator[bytes]:
    path, _, query = request.target.partition("?")
    resource = {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["list", "watch"]}
    documents = {
        "/api": {"versions": ["v1"]},
        "/apis": {"groups": []},
        "/api/v1": {"resources": [resource]},
        "/version": {"gitVersion": "v1.36.0"},
    }
    if path in documents:
        yield answer(documents[path])
    elif path == "/api/v1/namespaces/shop/pods" and "sendInitialEvents=true" in query:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        for block in flood():
            yield b"%x\r\n%s\r\n" % (len(block), block)
    else:
        yield answer({"kind": "Status", "message": "not here", "code": 404}, 404)


def test_a_flood_of_changes(program: Program) -> None:
    with ScriptedServer(respond) as server:
        program.configure(server.url)
        with program.start("pods", columns=130, rows=30) as terminal:
            terminal.wait_for("late-0")
            terminal.press("/", *"late", "enter")
            terminal.wait_for(" of 1")
            terminal.wait_for(f"late-{LATE - 1}")
            terminal.press("escape")
            terminal.wait_for("web-001")
            terminal.press(":", *"informers", "enter")
            # Not one is merged in what is remembered, whatever the screen has left out between two pictures.
            terminal.wait_for(f"{PODS + CHANGES + LATE:,} versions, nothing evicted")
            terminal.press("q")
            assert terminal.wait_for_exit() == 0

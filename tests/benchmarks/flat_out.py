"""A server that only knows how to be fast: pods of 7.7 KB over loopback, as quickly as they can be read.

`python -m tests.benchmarks.flat_out --pods N --changes N --megabits N` prints its URL and ends with its parent.
GET /api/v1/pods with sendInitialEvents=true: N ADDED, the bookmark, then the changes without a pause, then silence.
With watch=true: only the changes. Otherwise: a list, in pages if `limit` is given. Streaming lists are compressed for
those who accept gzip, each write a member of its own, as kube-apiserver does it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import islice
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

VERSION = 1_000_000
"""The resource version of the list; the changes count up from here."""
_BLOCK = 32
"""Events in one write."""
_COMPRESSED_BLOCK = 8
_PACING = 47
"""Linux's SO_MAX_PACING_RATE: bytes a second that the kernel sends on a connection at most."""


class FlatOut:
    """The server in a child process, for as long as the context is open."""

    def __init__(self, pods: int, changes: int = 0, megabits: int = 0) -> None:
        """`megabits` a second; 0 is no limit."""
        self.pods = pods
        self.changes = changes
        self.megabits = megabits
        self.url = ""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.benchmarks.flat_out", "--pods", str(self.pods)]
        self._process = subprocess.Popen(
            [*command, "--changes", str(self.changes), "--megabits", str(self.megabits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


class Pods:
    """Pods rendered once; only their versions are filled in when they are sent."""

    def __init__(self, count: int) -> None:
        self.halves = [_halves(pod(number)) for number in range(count)]

    def initial(self) -> Iterator[bytes]:
        """ADDED for each."""
        for number, (before, after) in enumerate(self.halves):
            yield b'{"type":"ADDED","object":%s%d%s}\n' % (before, number + 1, after)

    def bookmark(self) -> bytes:
        """The end of the initial events."""
        annotations = '{"k8s.io/initial-events-end":"true"}'
        metadata = f'{{"resourceVersion":"{VERSION}","annotations":{annotations}}}'
        return f'{{"type":"BOOKMARK","object":{{"kind":"Pod","apiVersion":"v1","metadata":{metadata}}}}}\n'.encode()

    def changed(self, changes: int) -> Iterator[bytes]:
        """MODIFIED, one pod after the other, in an order that looks like none."""
        for number in range(changes):
            before, after = self.halves[number * 7919 % len(self.halves)]
            yield b'{"type":"MODIFIED","object":%s%d%s}\n' % (before, VERSION + 1 + number, after)

    def page(self, start: int, limit: int) -> bytes:
        """One page of a list; the continue token is the position."""
        items = b",".join(
            b"%s%d%s" % (before, number, after)
            for number, (before, after) in enumerate(self.halves[start : start + limit], start + 1)
        )
        metadata: dict[str, Any] = {"resourceVersion": str(VERSION)}
        if start + limit < len(self.halves):
            metadata |= {
                "continue": str(start + limit),
                "remainingItemCount": len(self.halves) - start - limit,
            }
        return b'{"kind":"PodList","apiVersion":"v1","metadata":%s,"items":[%s]}' % (
            json.dumps(metadata).encode(),
            items,
        )


def pod(number: int) -> dict[str, Any]:
    """A pod as clusters have them: half of it is managedFields, its hashes and ids are random."""
    chance = random.Random(number)

    def token(length: int) -> str:
        return f"{chance.getrandbits(length * 4):0{length}x}"

    app = f"app-{number % 50}"
    containers = [f"c{index}" for index in range(2)]
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": _metadata(number, app, token)
        | {"managedFields": [_managed(manager, token, chance, containers) for manager in ("manager", "kubelet")]},
        "spec": {
            "nodeName": f"node-{number % 100}",
            "restartPolicy": "Always",
            "serviceAccountName": app,
            "containers": [_container(name, app, token) for name in containers],
            "tolerations": [
                {
                    "key": f"node.kubernetes.io/{what}",
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": 300,
                }
                for what in ("not-ready", "unreachable")
            ],
        },
        "status": _status(number, app, token, containers),
    }


def _metadata(number: int, app: str, token: Any) -> dict[str, Any]:
    replica_set = token(9)
    return {
        "name": f"{app}-{replica_set}-{token(5)}",
        "generateName": f"{app}-{replica_set}-",
        "namespace": f"ns-{number % 20}",
        "uid": f"{token(8)}-{token(4)}-{token(4)}-{token(4)}-{token(12)}",
        "resourceVersion": "@",
        "creationTimestamp": f"2026-11-{number % 28 + 1:02}T03:{number % 60:02}:35Z",
        "labels": {"app": app, "pod-template-hash": f"{number % 400:09x}", "tier": f"tier-{number % 4}"},
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": f"{app}-{replica_set}",
                "uid": f"owner-{number % 400:031x}",
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }


def _status(number: int, app: str, token: Any, containers: list[str]) -> dict[str, Any]:
    return {
        "phase": "Running",
        "hostIP": f"10.0.0.{number % 100}",
        "podIP": f"10.1.{number // 250 % 250}.{number % 250}",
        "startTime": "2026-11-23T03:47:35Z",
        "conditions": [
            {"type": what, "status": "True", "lastProbeTime": None, "lastTransitionTime": "2026-11-23T03:47:35Z"}
            for what in ("Initialized", "Ready", "ContainersReady", "PodScheduled")
        ],
        "containerStatuses": [
            {
                "name": name,
                "ready": True,
                "started": True,
                "restartCount": number % 3,
                "image": f"registry.example/{app}/{name}:1.{number % 9}",
                "imageID": f"registry.example/{app}/{name}@sha256:{token(64)}",
                "containerID": f"containerd://{token(64)}",
                "state": {"running": {"startedAt": "2026-11-23T03:47:40Z"}},
            }
            for name in containers
        ],
    }


def _managed(manager: str, token: Any, chance: random.Random, containers: list[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        f'k:{{"name":"{name}"}}': {
            ".": {},
            "f:env": {".": {}}
            | {f'k:{{"name":"SETTING_{i}"}}': {".": {}, "f:name": {}, "f:value": {}} for i in range(9)},
            "f:image": {},
            "f:imagePullPolicy": {},
            "f:name": {},
            "f:resources": {".": {}, "f:limits": {".": {}, "f:cpu": {}, "f:memory": {}}},
            "f:terminationMessagePath": {},
            "f:terminationMessagePolicy": {},
        }
        for name in containers
    }
    owner: dict[str, Any] = {".": {}, f'k:{{"uid":"{token(32)}"}}': {}}
    return {
        "manager": manager,
        "operation": "Update",
        "apiVersion": "v1",
        "time": f"2026-11-23T03:{chance.randrange(60):02}:{chance.randrange(60):02}Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": {
            "f:metadata": {"f:labels": {".": {}, "f:app": {}, "f:tier": {}}, "f:ownerReferences": owner},
            "f:spec": {"f:containers": fields},
        },
    }


def _container(name: str, app: str, token: Any) -> dict[str, Any]:
    return {
        "name": name,
        "image": f"registry.example/{app}/{name}:1.4",
        "env": [{"name": f"SETTING_{index}", "value": token(16)} for index in range(9)],
        "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "volumeMounts": [{"name": f"kube-api-access-{token(5)}", "mountPath": "/var/run/secrets", "readOnly": True}],
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
    }


def _halves(tree: dict[str, Any]) -> tuple[bytes, bytes]:
    before, _, after = json.dumps(tree, separators=(",", ":")).encode().partition(b'"resourceVersion":"@')
    return before + b'"resourceVersion":"', after


class _Connection:
    def __init__(self, connected: socket.socket, pods: Pods, changes: int) -> None:
        self._socket = connected
        self._pods = pods
        self._changes = changes
        self._compressed = False

    def serve(self) -> None:
        with self._socket, self._socket.makefile("rb") as lines:
            try:
                while request := lines.readline():
                    headers = b"".join(iter(lambda: lines.readline().strip().lower() + b"\n", b"\n"))
                    self._answer(request.split()[1].decode(), b"accept-encoding: gzip" in headers)
            except OSError:
                return

    def _answer(self, target: str, accepts_gzip: bool) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        if query.get("watch") not in ("1", "true", "True"):
            start = int(query.get("continue", "0"))
            body = self._pods.page(start, int(query.get("limit") or len(self._pods.halves)))
            self._head(b"Content-Length: %d" % len(body))
            self._socket.sendall(body)
            return
        streams = query.get("sendInitialEvents") == "true"
        self._compressed = streams and accepts_gzip
        self._head(b"Transfer-Encoding: chunked" + (b"\r\nContent-Encoding: gzip" if self._compressed else b""))
        if streams:
            self._send(self._pods.initial())
            self._send(iter([self._pods.bookmark()]))
        self._send(self._pods.changed(self._changes))
        threading.Event().wait()

    def _head(self, length: bytes) -> None:
        self._socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%s\r\n\r\n" % length)

    def _send(self, events: Iterator[bytes]) -> None:
        size = _COMPRESSED_BLOCK if self._compressed else _BLOCK
        while block := b"".join(islice(events, size)):
            if self._compressed:
                block = gzip.compress(block, 1)
            self._socket.sendall(b"%x\r\n%s\r\n" % (len(block), block))


def main() -> None:
    """Serve until the parent is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=0)
    parser.add_argument("--megabits", type=int, default=0)
    arguments = parser.parse_args()
    pods = Pods(arguments.pods)
    listener = socket.create_server(("127.0.0.1", 0))
    if arguments.megabits:
        listener.setsockopt(socket.SOL_SOCKET, _PACING, arguments.megabits * 125_000)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    threading.Thread(target=_accept, args=(listener, pods, arguments.changes), daemon=True).start()
    sys.stdin.read()


def _accept(listener: socket.socket, pods: Pods, changes: int) -> None:
    while True:
        connected, _ = listener.accept()
        threading.Thread(target=_Connection(connected, pods, changes).serve, daemon=True).start()


if __name__ == "__main__":
    main()

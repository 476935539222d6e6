"""An API server whose every string carries what a terminal would obey, hide or reorder, and markup.

`python -m tests.end_to_end.hostile` serves it until Ctrl-C and prints where its kubeconfig is.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote

import yaml
from aiohttp import web

Tree = dict[str, Any]

PAYLOADS = {
    "csi": "A\x1b[31;77mB\x1b[2J\x1b[HC",
    "osc52": "A\x1b]52;c;UFdORUQ=\x07B",
    "osc8": "A\x1b]8;;http://evil.example/\x1b\\link\x1b]8;;\x1b\\B",
    "osc0": "A\x1b]0;PWNTITLE\x07B",
    "dcs": "A\x1bPPWNDCS\x1b\\B\x1b_APC\x1b\\C\x1b^PM\x1b\\",
    "c1": "A\x9b31;77mB\x9d0;PWNC1\x9cC\x90D\x85E\x8fF\x9f",
    "bell": "A\x07\x08\x08\rB\x00C\x0eD\x0fE\x7fF\x1bcG\x1b#8",
    "lines": "A\nB\r\nC\tD\x0bE\x0cF\u2028G\u2029H",
    "markup": "[bold]A[/bold][@click=app.quit]X[/][link=http://evil.example]L[/link][/]\\[x][red on blue",
    "bidi": "A\u202eEVIL\u202cB\u2066C\u2069D\u200bE\u200fF\ufeffG\u00adH\U000e0041I",
    "combining": "A" + "\u0301" * 200 + "B" + "\u0489" * 50,
    "wide": "世界" * 40 + "👨‍👩‍👧‍👦🏳️‍🌈☺️" * 5 + "\u3164\u115f\u2800",
    "long": "L" * 3000,
}
ALL = "".join(
    PAYLOADS[name] for name in ("csi", "osc52", "osc8", "osc0", "dcs", "c1", "bell", "lines", "markup", "bidi")
)
CREATED = "2026-01-01T00:00:00Z"
CLUSTER_SCOPED = ("nodes", "namespaces")
LOG = (
    b"".join(f"log {text}\n".encode() for text in PAYLOADS.values())
    + b"\xff\xfe\x80\x9b31;77m bad \x1b]52;c;UFdORUQ=\x07\n"
)


def bad(word: str) -> str:
    """A word with everything hostile behind it."""
    return f"{word}{ALL}"


class Objects:
    """Everything the server has: (apiVersion, resource) -> kind and objects."""

    def __init__(self) -> None:
        self.kinds: dict[tuple[str, str], str] = {}
        self.objects: dict[tuple[str, str], list[Tree]] = {}
        self._versions = itertools.count(1000)
        for number, payload in enumerate(PAYLOADS.values()):
            self._add(number, payload)

    def version(self) -> str:
        """The next resourceVersion."""
        return str(next(self._versions))

    def changed(self, obj: Tree, round_: int) -> Tree:
        """The object with other hostile words in it."""
        obj = copy.deepcopy(obj)
        metadata = obj["metadata"]
        metadata["resourceVersion"] = self.version()
        metadata["labels"][bad("changed")] = f"{round_}{PAYLOADS['csi']}"
        metadata["annotations"][f"new{PAYLOADS['c1']}"] = f"{round_}{ALL}"
        if "status" in obj:
            obj["status"]["phase"] = bad(f"Phase{round_}")
            obj["status"]["message"] = bad(f"message {round_}")
        if "containers" in obj.get("spec", {}):
            obj["spec"]["containers"][0]["image"] = bad(f"image:{round_}")
        return obj

    def _put(self, version: str, resource: str, kind: str, tree: Tree) -> None:
        self.kinds[version, resource] = kind
        self.objects.setdefault((version, resource), []).append(tree)

    def _metadata(self, name: str, namespace: str = "default") -> Tree:
        written = {"manager": bad("manager"), "operation": "Update", "time": CREATED, "fieldsType": "FieldsV1"}
        fields = {"f:metadata": {"f:labels": {f"f:{bad('key')}": {}}}, "f:status": {"f:phase": {}}}
        owner = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": bad("owner"),
            "uid": bad("u"),
            "controller": True,
        }
        applied = {"kubectl.kubernetes.io/last-applied-configuration": bad("applied")}
        metadata: Tree = {
            "name": name,
            "uid": f"uid-{name}",
            "resourceVersion": self.version(),
            "creationTimestamp": CREATED,
            "labels": {bad("key"): bad("value"), "app": bad("app")},
            "annotations": {bad("note"): bad("said"), **applied},
            "managedFields": [{**written, "subresource": bad("sub"), "fieldsV1": fields}],
            "ownerReferences": [owner],
            "finalizers": [bad("finalizer")],
        }
        return metadata | ({"namespace": namespace} if namespace else {})

    def _add(self, number: int, payload: str) -> None:
        def named(prefix: str, namespace: str = "default") -> Tree:
            return self._metadata(f"{prefix}{number}-{payload}", namespace)

        bad_conditions = [
            {"type": kind, "status": "False", "reason": bad("reason"), "message": bad("message")}
            for kind in ("Ready", "Available", "Progressing", bad("Odd"))
        ]
        self._put("v1", "pods", "Pod", _pod(self._metadata(f"pod{number}-{payload}", _namespace(number, payload))))
        space = {"metadata": self._metadata(_namespace(1 + number, payload), ""), "status": {"phase": bad("Active")}}
        self._put("v1", "namespaces", "Namespace", space)
        self._put("v1", "nodes", "Node", _node(named("node", ""), bad_conditions))
        self._put(
            "v1",
            "secrets",
            "Secret",
            {"metadata": named("secret"), "type": bad("Opaque"), "data": {bad("key"): "U0VDUkVU", "bad": bad("!!")}},
        )
        texts = {bad("key"): bad("value"), "lines": f"line1\n{ALL}\nline3"}
        self._put("v1", "configmaps", "ConfigMap", {"metadata": named("map"), "data": texts})
        self._put("v1", "services", "Service", _service(named("service")))
        template = {
            "metadata": {"labels": {"app": "x"}},
            "spec": {"containers": [{"name": bad("c"), "image": bad("i")}]},
        }
        spec = {"replicas": 3, "selector": {"matchLabels": {"app": bad("app")}}, "template": template}
        status = {"replicas": 3, "conditions": bad_conditions}
        self._put("apps/v1", "deployments", "Deployment", {"metadata": named("deploy"), "spec": spec, "status": status})
        self._put("v1", "events", "Event", _event(named("event"), f"pod{number}-{payload}"))
        widget = {"metadata": named("widget"), "spec": {"color": bad("red")}, "status": {"conditions": bad_conditions}}
        self._put("example.com/v1", "widgets", "Widget", widget)
        self._put("example.com/v1", f"evil{payload[:60]}", f"Evil{payload[:60]}", {"metadata": named("evil")})


def _namespace(number: int, payload: str) -> str:
    return "default" if number % 3 else f"ns{payload}"[:200]


def _pod(metadata: Tree) -> Tree:
    reference = {"name": bad("ref"), "key": bad("key")}
    container = {
        "name": bad("container"),
        "image": bad("image:"),
        "command": [bad("command")],
        "args": [bad("argument")],
        "env": [{"name": bad("E"), "value": bad("value")}, {"name": "S", "valueFrom": {"secretKeyRef": reference}}],
        "ports": [{"name": bad("port"), "containerPort": 80, "protocol": bad("TCP")}],
        "resources": {"limits": {"cpu": bad("1"), bad("gpu"): "1"}},
        "volumeMounts": [{"name": bad("mount"), "mountPath": bad("/path")}],
    }
    ended = {"reason": bad("Error"), "message": bad("m"), "exitCode": 1, "startedAt": CREATED, "finishedAt": CREATED}
    state = {
        "name": container["name"],
        "image": bad("image:"),
        "imageID": bad("id"),
        "ready": False,
        "restartCount": 3,
        "state": {"waiting": {"reason": bad("CrashLoop"), "message": bad("message")}},
        "lastState": {"terminated": ended},
    }
    condition = {"type": bad("Ready"), "status": bad("False"), "reason": bad("r"), "message": bad("m")}
    return {
        "metadata": metadata,
        "spec": {
            "nodeName": bad("node"),
            "serviceAccountName": bad("account"),
            "priorityClassName": bad("class"),
            "nodeSelector": {bad("key"): bad("value")},
            "tolerations": [{"key": bad("key"), "operator": bad("Equal"), "value": bad("v"), "effect": bad("e")}],
            "containers": [container],
            "volumes": [
                {"name": bad("v"), "configMap": {"name": bad("m")}},
                {"name": "s", "secret": {"secretName": bad("s")}},
            ],
        },
        "status": {
            "phase": bad("Running"),
            "reason": bad("Evicted"),
            "message": bad("message"),
            "podIP": bad("10.0.0.1"),
            "hostIP": bad("10.0.0.2"),
            "qosClass": bad("Burstable"),
            "nominatedNodeName": bad("nominated"),
            "conditions": [condition, {**condition, "type": "Ready", "status": "False"}],
            "containerStatuses": [state],
        },
    }


def _node(metadata: Tree, conditions: list[Tree]) -> Tree:
    versions = ("kubeletVersion", "osImage", "kernelVersion", "containerRuntimeVersion", "architecture")
    return {
        "metadata": metadata,
        "spec": {"taints": [{"key": bad("key"), "value": bad("v"), "effect": bad("e")}], "providerID": bad("id")},
        "status": {
            "nodeInfo": {each: bad(each) for each in versions},
            "addresses": [{"type": "InternalIP", "address": bad("1.2.3.4")}, {"type": bad("t"), "address": bad("a")}],
            "conditions": conditions,
            "capacity": {"cpu": bad("4"), "memory": bad("4Gi")},
            "allocatable": {"cpu": bad("4")},
        },
    }


def _service(metadata: Tree) -> Tree:
    return {
        "metadata": metadata,
        "spec": {
            "type": bad("ClusterIP"),
            "clusterIP": bad("ip"),
            "externalIPs": [bad("ip")],
            "externalName": bad("name"),
            "ports": [{"name": bad("port"), "port": 80, "protocol": bad("TCP"), "nodePort": 3000}],
            "selector": {bad("key"): bad("value")},
        },
        "status": {"loadBalancer": {"ingress": [{"hostname": bad("host")}]}},
    }


def _event(metadata: Tree, pod: str) -> Tree:
    regarded = {"kind": "Pod", "apiVersion": "v1", "namespace": "default", "name": pod, "uid": f"uid-{pod}"}
    return {
        "metadata": metadata,
        "type": bad("Warning"),
        "reason": bad("Reason"),
        "message": bad("message"),
        "count": 3,
        "firstTimestamp": CREATED,
        "lastTimestamp": CREATED,
        "source": {"component": bad("component"), "host": bad("host")},
        "reportingComponent": bad("reporter"),
        "involvedObject": {**regarded, "fieldPath": bad("path")},
    }


COLUMNS = [
    {"name": "Name", "type": "string", "format": "name", "priority": 0, "description": bad("d")},
    {"name": bad("Color"), "type": bad("string"), "format": bad("f"), "priority": 0, "description": bad("d")},
    {"name": bad("Wide"), "type": "string", "format": "", "priority": 1, "description": ""},
    {"name": "Nested", "type": "string", "format": "", "priority": 0, "description": ""},
]


class HostileServer:
    """Serves from a thread of its own within a `with`; something changes every `period` seconds."""

    def __init__(self, *, period: float = 1.0, refuse: str = "") -> None:
        self.url = ""
        self._objects = Objects()
        self._period = period
        self._refuse = refuse
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hostile", daemon=True)

    def __enter__(self) -> HostileServer:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(60)

    def kubeconfig(self) -> Tree:
        """Two contexts; their names are hostile too, as those of a file from somebody else may be."""
        context = "ctx" + "".join(PAYLOADS[name] for name in ("csi", "osc52", "markup", "bidi", "c1"))
        cluster, user = f"c{PAYLOADS['csi']}", f"u{PAYLOADS['osc0']}"
        other = {"cluster": cluster, "user": user, "namespace": f"x{PAYLOADS['csi']}"}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [{"name": cluster, "cluster": {"server": self.url}}],
            "users": [{"name": user, "user": {"token": "TOKENSECRET123"}}],
            "contexts": [
                {"name": context, "context": {**other, "namespace": "default"}},
                {"name": f"other{PAYLOADS['bell']}", "context": other},
            ],
        }

    def write_kubeconfig(self, path: Path) -> None:
        """For `--kubeconfig`."""
        path.write_text(yaml.safe_dump(self.kubeconfig()))

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert isinstance(site._server, asyncio.Server)
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._end.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        parts = [unquote(part) for part in request.raw_path.split("?")[0].strip("/").split("/")]
        if parts == ["version"]:
            return _json({"gitVersion": bad("v1.36"), "major": "1", "minor": bad("36")})
        if parts in (["api"], ["apis"]):
            return _json(self._discovery(legacy=parts == ["api"]))
        core = parts[0] == "api"
        version, rest = ("/".join(parts[1:2]), parts[2:]) if core else ("/".join(parts[1:3]), parts[3:])
        namespace = ""
        if len(rest) > 2 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        place = (version, rest[0] if rest else "")
        if place not in self._objects.objects or place[1] == self._refuse:
            return _json(_status(403 if place[1] == self._refuse else 404), 403 if place[1] == self._refuse else 404)
        if rest[2:] == ["log"]:
            return await _log(request)
        found = [
            each for each in self._objects.objects[place] if namespace in ("", each["metadata"].get("namespace", ""))
        ]
        if len(rest) > 1:
            one = next((each for each in found if each["metadata"]["name"] == rest[1]), None)
            return _json(self._typed(place, one)) if one is not None else _json(_status(404), 404)
        table = version == "example.com/v1" and "as=Table" in request.headers.get("Accept", "")
        if request.query.get("watch") in ("true", "1"):
            return await self._watch(request, place, found, table)
        metadata = {"resourceVersion": self._objects.version()}
        if table:
            return _json(self._table(place, found) | {"metadata": metadata})
        return _json(
            {"kind": f"{self._objects.kinds[place]}List", "apiVersion": version, "metadata": metadata, "items": found}
        )

    def _typed(self, place: tuple[str, str], obj: Tree) -> Tree:
        return {"kind": self._objects.kinds[place], "apiVersion": place[0], **obj}

    def _table(self, place: tuple[str, str], objects: list[Tree]) -> Tree:
        rows = [
            {
                "cells": [each["metadata"]["name"], bad("cell"), bad("wide"), {bad("key"): [bad("value")]}],
                "object": self._typed(place, each),
            }
            for each in objects
        ]
        return {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": COLUMNS, "rows": rows}

    async def _watch(
        self, request: web.Request, place: tuple[str, str], objects: list[Tree], table: bool
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)

        async def send(type_: str, obj: Tree) -> None:
            sent = self._table(place, [obj]) if table and type_ != "ERROR" else self._typed(place, obj)
            await response.write(json.dumps({"type": type_, "object": sent}).encode() + b"\n")

        try:
            if request.query.get("sendInitialEvents") == "true":
                for obj in objects:
                    await send("ADDED", obj)
                end = {"annotations": {"k8s.io/initial-events-end": "true"}, "resourceVersion": self._objects.version()}
                await send("BOOKMARK", {"metadata": {"name": "", **end}})
            for round_ in itertools.count(1):
                await asyncio.sleep(self._period)
                for number in range(round_ % 3, len(objects), 3):
                    objects[number] = self._objects.changed(objects[number], round_)
                    await send("MODIFIED", objects[number])
                if round_ % 7 == 3 and len(objects) > 3:
                    await send("DELETED", objects.pop())
                if round_ % 20 == 9:
                    await response.write(json.dumps({"type": "ERROR", "object": _status(410)}).encode() + b"\n")
                    break
        except ConnectionError:
            pass  # nobody watches any more
        return response

    def _discovery(self, *, legacy: bool) -> Tree:
        groups = [("", "v1")] if legacy else [("apps", "v1"), ("example.com", "v1")]
        items = [
            {"metadata": {"name": group}, "versions": [{"version": version, "resources": list(self._resources(group))}]}
            for group, version in groups
        ]
        if not legacy:
            stale = {"version": bad("v1"), "resources": [], "freshness": "Stale"}
            items.append({"metadata": {"name": bad("stale.group")}, "versions": [stale]})
        return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}

    def _resources(self, group: str) -> Iterator[Tree]:
        for (version, resource), kind in self._objects.kinds.items():
            if version.rpartition("/")[0] != group:
                continue
            evil = resource.startswith("evil")
            yield {
                "resource": resource,
                "responseKind": {"group": group, "version": "v1", "kind": kind},
                "scope": "Cluster" if resource in CLUSTER_SCOPED else "Namespaced",
                "singularResource": bad("single") if evil else kind.lower(),
                "shortNames": [bad("short")] if evil else [],
                "categories": ["all"] if resource in ("pods", "services") else [bad("category")],
                "verbs": ["get", "list", "watch"],
            }


def _json(tree: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.Response(text=json.dumps(tree), content_type="application/json", status=status)


def _status(code: int) -> Tree:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": bad("Reason"),
        "message": bad("message of a refusal "),
        "details": {"causes": [{"reason": bad("cause"), "message": bad("message"), "field": bad("field")}]},
    }


async def _log(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    try:
        while True:
            await response.write(LOG)
            if request.query.get("follow") != "true":
                break
            await asyncio.sleep(0.5)
    except ConnectionError:
        pass  # nobody reads any more
    return response


def main() -> None:
    """Serve until Ctrl-C."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder, HostileServer() as server:
        path = Path(folder) / "kubeconfig"
        server.write_kubeconfig(path)
        sys.stdout.write(f"{path}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()

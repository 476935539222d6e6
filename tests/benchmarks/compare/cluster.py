"""What the contestants watch: a simulated cluster of any size in a child process, or what a kubeconfig names.

`python -m tests.benchmarks.compare.cluster OBJECTS` is the child. It prints one line of JSON, {kubeconfig, objects},
and reads a line for each wish: a number is from now on the changes a second, `made` prints how many were made. It ends
with its input.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol, Self

from aiohttp import web
from aiohttp.typedefs import Handler

from kwatch.simulator.engine.simulation import Scenario
from kwatch.simulator.process import written_kubeconfig
from kwatch.simulator.store import Store
from tests.simulator.simulator_server import SimulatorServer

CONTEXT = "demo"
NAMESPACE = "shop"
_TICK = 0.01
"""Seconds between two batches of changes."""
_STRIDE = 7919
"""From a pod to the next that changes: an order that looks like none."""


class Cluster(Protocol):
    """`objects` pods behind a kubeconfig."""

    kubeconfig: str
    context: str
    namespace: str
    """One in which there are pods."""
    objects: int
    can_change: bool

    def change(self, rate: float) -> None:
        """So many changes a second from now on."""

    def made(self) -> int:
        """How many changes there were until now."""


class Simulated:
    """The simulator in a child process, for as long as the context is open."""

    can_change = True
    namespace = NAMESPACE

    def __init__(self, objects: int) -> None:
        self._wanted = objects

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.benchmarks.compare.cluster", str(self._wanted)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        ready = json.loads(self._answer())
        self.kubeconfig, self.context, self.objects = ready["kubeconfig"], CONTEXT, ready["objects"]
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def change(self, rate: float) -> None:
        self._say(str(rate))

    def made(self) -> int:
        self._say("made")
        return int(self._answer())

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulator ended with exit code {self._process.wait(10)}")
        return line


class Given:
    """A cluster that is there already. Nothing is ever written to it: it changes as it does."""

    can_change = False

    def __init__(self, kubeconfig: str, context: str) -> None:
        import kubernetes

        self.kubeconfig = str(Path(kubeconfig).expanduser())
        contexts, current = kubernetes.config.list_kube_config_contexts(self.kubeconfig)
        self.context = context or current["name"]
        if self.context not in (each["name"] for each in contexts):
            raise ValueError(f"{kubeconfig} has no context {context}")
        client = kubernetes.config.new_client_from_config(self.kubeconfig, self.context)
        wanted = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
        request = client.param_serialize(
            "GET", "/api/v1/pods?limit=1", header_params=wanted, auth_settings=["BearerToken"]
        )
        answer = client.call_api(*request).response
        page = json.loads(answer.data)
        first = page["items"][0]["metadata"] if page["items"] else {}
        self.namespace = first.get("namespace", "default")
        self.objects = len(page["items"]) + page["metadata"].get("remainingItemCount", 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """It stays."""

    def change(self, rate: float) -> None:
        raise NotImplementedError("nothing is written to a cluster that was not made here")

    def made(self) -> int:
        return 0


class _Changes:
    """Changes pods one after the other, as kubelets do: a container's restarts and the times of its conditions."""

    def __init__(self, store: Store) -> None:
        self.rate = 0.0
        self.made = 0
        self._store = store
        self._keys = [
            (pod["metadata"]["name"], pod["metadata"]["namespace"])
            for pod in store.list("pods")
            if pod["status"].get("containerStatuses")
        ]

    async def run(self) -> None:
        """Change until cancelled, at the rate of the moment; what could not be done in time is not made up for."""
        last, due = time.monotonic(), 0.0
        for number in itertools.count():
            await asyncio.sleep(_TICK)
            now = time.monotonic()
            due = min(due + (now - last) * self.rate, max(1.0, self.rate / 4)) if self.rate else 0.0
            last = now
            while due >= 1.0:
                due -= 1.0
                self._change(*self._keys[self.made * _STRIDE % len(self._keys)], second=number % 60)
                self.made += 1

    def _change(self, name: str, namespace: str, second: int) -> None:
        pod: dict[str, Any] = self._store.get("pods", name, namespace) or {}
        status = pod["status"]
        first, *others = status["containerStatuses"]
        first = {**first, "restartCount": first["restartCount"] + 1}
        conditions = [{**each, "lastTransitionTime": f"2026-11-30T03:47:{second:02}Z"} for each in status["conditions"]]
        status = {**status, "conditions": conditions, "containerStatuses": [first, *others]}
        self._store.update({**pod, "status": status}, manager="kubelet", subresource="status")


@web.middleware
async def _everything_is_allowed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What k9s asks, in protobuf, which the simulator does not read, before it shows anything."""
    if request.method == "POST" and request.path.endswith("/selfsubjectaccessreviews"):
        review = {
            "kind": "SelfSubjectAccessReview",
            "apiVersion": "authorization.k8s.io/v1",
            "metadata": {},
            "spec": {},
        }
        return web.json_response({**review, "status": {"allowed": True}}, status=201)
    return await handler(request)


def serve(objects: int) -> None:
    """Serve about so many pods until the input ends."""
    store = Store(seed=1, revision=1000)
    scenario = Scenario(store, objects=objects, rate=0, seed=1)
    gc.disable()
    scenario.populate()
    store.compact()
    gc.freeze()
    gc.enable()
    changes = _Changes(store)
    server = SimulatorServer(
        store, usage=scenario, logs=scenario, background=changes.run, middlewares=[_everything_is_allowed]
    )
    with server, written_kubeconfig({"demo": server.url}, namespace=NAMESPACE) as kubeconfig:
        count = server.call(lambda store: len(list(store.list("pods"))))
        print(json.dumps({"kubeconfig": str(kubeconfig), "objects": count}), flush=True)
        for line in sys.stdin:
            if line.strip() == "made":
                print(changes.made, flush=True)
            else:
                changes.rate = float(line)


if __name__ == "__main__":
    serve(int(sys.argv[1]))

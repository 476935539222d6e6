"""A store behind the wire protocol in a thread of this process, for tests and benchmarks."""

from __future__ import annotations

import asyncio
import math
import ssl
import threading
import zlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from random import Random
from types import TracebackType
from typing import Any, TypeVar

from aiohttp.typedefs import Middleware

from kwatch.base import quantity
from kwatch.simulator.api.call import ClusterAPI, LogsSource, UsageSource, Users
from kwatch.simulator.api_types import METRICS_TYPES
from kwatch.simulator.engine.autoscaling import Amount
from kwatch.simulator.faults import Faults
from kwatch.simulator.process import APIServer
from kwatch.simulator.store import Store

T = TypeVar("T")


class SimulatorServer:
    """Serves a store from its own thread between `start` and `stop`; usable as a context manager.

    The store belongs to that thread from `start` on: reach it by `call`.
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        users: Users | None = None,
        faults: Faults | None = None,
        logs: LogsSource | None = None,
        usage: UsageSource | None = None,
        metrics: bool = True,
        streaming_lists: bool = True,
        second: float = 1.0,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        background: Callable[[], Coroutine[Any, Any, None]] | None = None,
        middlewares: Sequence[Middleware] = (),
    ) -> None:
        self._store = store or Store()
        self.faults = faults or Faults()
        if metrics:
            self._store.types.add(*METRICS_TYPES)
        self._api = ClusterAPI(
            self._store,
            usage or UsageByRequests(self._store),
            faults=self.faults,
            users=users or Users(),
            logs=logs,
            streaming_lists=streaming_lists,
            second=second,
            random=Random(0),
        )
        self._port = port
        self._tls = tls
        self._background = background
        self._middlewares = middlewares
        self._server: APIServer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._started = threading.Event()
        self._stopping: asyncio.Event | None = None
        self._failure: BaseException | None = None

    def start(self) -> str:
        """Listen on loopback and return the URL."""
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            raise self._failure
        assert self._server is not None
        return self._server.url

    def call(self, function: Callable[[Store], T]) -> T:
        """Run a function over the store in the server's thread and return what it returns, or raise what it raises."""

        async def called() -> T:
            return function(self._store)

        return self._in_loop(called())

    def restart(self, down: float = 0.0) -> None:
        """Let the server go away for some seconds and come back on the same port, its history forgotten."""
        assert self._server is not None
        self._in_loop(self._server.restart(down))

    def stop(self) -> None:
        """End every connection and the thread."""
        if self._loop is not None and self._stopping is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def __enter__(self) -> SimulatorServer:
        self.url = self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _in_loop(self, coroutine: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        server = self._server = APIServer(self._api, port=self._port, tls=self._tls)
        server._runner.app.middlewares.extend(self._middlewares)
        try:
            await server.start()
        except OSError as error:
            self._failure = error
            return
        finally:
            self._started.set()
        tasks = [asyncio.create_task(server.restart_at_random())]
        if self._background is not None:
            tasks.append(asyncio.create_task(self._background()))
        await self._stopping.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.stop()


def parse_quantity(text: str | int) -> float:
    """Cores or bytes: `250m` is 0.25, `1Gi` is 1073741824."""
    return quantity.parse_quantity(str(text))


_IDLE_CONTAINER = (0.02, 48.0 * 2**20)
_NODE_ITSELF = (0.12, 900.0 * 2**20)
_WAVE = 300.0


class UsageByRequests:
    """Around the half of what containers request, each in a slow wave of its own: it follows from the time alone."""

    def __init__(self, store: Store, clock: Callable[[], float] | None = None) -> None:
        self._store = store
        self._clock = clock or store.clock

    def usage(self, namespace: str, pod: str) -> Mapping[str, Amount]:
        """Container -> what it uses."""
        found = self._store.get("pods", pod, namespace)
        if found is None:
            raise LookupError(f"{namespace}/{pod}")
        return self._of_pod(found)

    def node_usage(self, name: str) -> Amount:
        """What the running pods of a node use, and some more."""
        cpu, memory = _NODE_ITSELF
        for pod in self._store.list("pods"):
            if pod["spec"].get("nodeName") == name and pod.get("status", {}).get("phase") == "Running":
                for used in self._of_pod(pod).values():
                    cpu += used.cpu
                    memory += used.memory
        return Amount(cpu, memory)

    def _of_pod(self, pod: dict[str, Any]) -> dict[str, Amount]:
        uid, now = pod["metadata"].get("uid", ""), self._clock()
        return {each["name"]: _of_container(uid, each, now) for each in pod["spec"]["containers"]}


def _of_container(uid: str, container: dict[str, Any], now: float) -> Amount:
    requests = container.get("resources", {}).get("requests", {})
    cpu = parse_quantity(requests["cpu"]) if "cpu" in requests else _IDLE_CONTAINER[0]
    memory = parse_quantity(requests["memory"]) if "memory" in requests else _IDLE_CONTAINER[1]
    seed = zlib.crc32(f"{uid}/{container['name']}".encode())
    phase, share = seed % 628 / 100, 0.25 + seed % 89 / 160
    wave = math.sin(now / _WAVE + phase)
    return Amount(cpu * share * (1 + 0.4 * wave), memory * (0.45 + share / 2) * (1 + 0.05 * wave))

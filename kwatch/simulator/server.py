"""The API server on a socket; and a whole simulated cluster in a thread of this process, for tests and benchmarks."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine
from random import Random
from types import TracebackType
from typing import Any, TypeVar

from aiohttp import web

from kwatch.simulator.api.application import application
from kwatch.simulator.api.call import ClusterAPI, LogsSource, PodTerminator, UsageByRequests, UsageSource
from kwatch.simulator.api.discovery import Discovery
from kwatch.simulator.api.listing import PATIENCE, RevisionClock
from kwatch.simulator.api.users import Users
from kwatch.simulator.api_types import METRICS_TYPES
from kwatch.simulator.faults import Faults
from kwatch.simulator.store import Store

_DOWN = 0.5
"""Seconds a restart takes."""


class APIServer:
    """Serves one ClusterAPI. Used inside the event loop."""

    def __init__(
        self, api: ClusterAPI, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._api = api
        self._host = host
        self._port = port
        self._tls = tls
        self._runner = web.AppRunner(
            application(api), access_log=None, handler_cancellation=True, shutdown_timeout=0.05
        )
        self._site: web.TCPSite | None = None

    @property
    def url(self) -> str:
        """Where it is reached; known once it has started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self._port}"

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        await self._runner.setup()
        await self._listen()

    async def stop(self) -> None:
        """Stop listening and end every connection at once."""
        self._hang_up()
        await self._runner.cleanup()

    async def restart(self, down: float = _DOWN) -> None:
        """Reset every connection, refuse new ones for a while, and come back without a history of changes."""
        assert self._site is not None
        await self._site.stop()
        self._hang_up()
        self._api.store.compact()
        await asyncio.sleep(down)
        await self._listen()

    async def restart_at_random(self) -> None:
        """Restart whenever the fault strikes; runs until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            if self._api.faults.strikes("restart"):
                await self.restart()

    async def _listen(self) -> None:
        self._site = web.TCPSite(self._runner, self._host, self._port, ssl_context=self._tls, reuse_address=True)
        await self._site.start()
        server = self._site._server  # aiohttp has no public way to learn the port the system chose
        assert isinstance(server, asyncio.Server)
        self._port = server.sockets[0].getsockname()[1]

    def _hang_up(self) -> None:
        if self._runner.server is not None:
            for connection in tuple(self._runner.server.connections):
                if connection.transport is not None:
                    connection.transport.abort()


T = TypeVar("T")


def cluster_api(
    store: Store,
    *,
    users: Users | None = None,
    faults: Faults | None = None,
    logs: LogsSource | None = None,
    usage: UsageSource | None = None,
    pod_terminator: PodTerminator | None = None,
    metrics: bool = True,
    streaming_lists: bool = True,
    second: float = 1.0,
    seed: int = 0,
) -> ClusterAPI:
    """Put a store behind the wire protocol. `second` is how long a second of deadlines lasts."""
    if metrics:
        store.types.add(*METRICS_TYPES)
    return ClusterAPI(
        store,
        Discovery(store.types),
        RevisionClock(store, PATIENCE * second),
        usage or UsageByRequests(store),
        faults=faults or Faults(seed=seed),
        users=users or Users(),
        logs=logs,
        pod_terminator=pod_terminator,
        streaming_lists=streaming_lists,
        second=second,
        random=Random(seed),
    )


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
    ) -> None:
        self._store = store or Store()
        self.faults = faults or Faults()
        self._api = cluster_api(
            self._store,
            users=users,
            faults=self.faults,
            logs=logs,
            usage=usage,
            metrics=metrics,
            streaming_lists=streaming_lists,
            second=second,
        )
        self._port = port
        self._tls = tls
        self._background = background
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

"""A simulated cluster in a thread of this process: for tests and benchmarks."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine
from random import Random
from types import TracebackType
from typing import Any, TypeVar

from kwatch.simulator.api.call import ClusterAPI
from kwatch.simulator.api.discovery import Discovery
from kwatch.simulator.api.grace import Undertaker
from kwatch.simulator.api.logs_source import LogsSource
from kwatch.simulator.api.revision_clock import PATIENCE, RevisionClock
from kwatch.simulator.api.server import APIServer
from kwatch.simulator.api.usage_source import UsageByRequests, UsageSource
from kwatch.simulator.api.users import Users
from kwatch.simulator.builtin_types import METRICS_TYPES
from kwatch.simulator.faults import Faults
from kwatch.simulator.store import Store

T = TypeVar("T")


def cluster_api(
    store: Store,
    *,
    users: Users | None = None,
    faults: Faults | None = None,
    logs: LogsSource | None = None,
    usage: UsageSource | None = None,
    undertaker: Undertaker | None = None,
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
        undertaker=undertaker,
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

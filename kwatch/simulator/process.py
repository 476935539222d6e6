"""Simulated clusters from their start to their end, in a process of their own: API servers, kubeconfig, life."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import os
import secrets
import shutil
import signal
import ssl
import stat
import sys
import tempfile
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from aiohttp import web

from kwatch.simulator.api.application import application
from kwatch.simulator.api.call import ADMIN, ClusterAPI, Users
from kwatch.simulator.api_types import METRICS_TYPES
from kwatch.simulator.engine.simulation import Scenario
from kwatch.simulator.faults import Faults
from kwatch.simulator.scenario.loader import ScenarioError, calm_scenario, load_scenario
from kwatch.simulator.scenario.spec import ScenarioSpec
from kwatch.simulator.store import AlreadyExists, Store

CONTEXT = "demo"


@contextmanager
def written_kubeconfig(
    servers: Mapping[str, str], *, namespace: str = "default", token: str = "", certificate_authority: bytes = b""
) -> Iterator[Path]:
    """A kubeconfig in a directory of its own, readable by nobody else, removed at the end of the `with`. `servers` are
    their addresses by context; the first is the current one.
    """
    directory = Path(tempfile.mkdtemp(prefix="kwatch-simulator-"))
    try:
        path = directory / "kubeconfig"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(_kubeconfig(servers, namespace, token, certificate_authority), file, indent=2)
        yield path
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _kubeconfig(
    servers: Mapping[str, str], namespace: str, token: str, certificate_authority: bytes
) -> dict[str, object]:
    trusted = base64.b64encode(certificate_authority).decode()
    authority = {"certificate-authority-data": trusted} if trusted else {}
    # kubectl sends a user's token only by TLS; what stands in the address it sends anyway.
    with_token = f"http://{CONTEXT}:{quote(token, safe='')}@" if token else "http://"
    addresses = {name: server.replace("http://", with_token) for name, server in servers.items()}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": next(iter(servers)),
        "clusters": [{"name": name, "cluster": {"server": at, **authority}} for name, at in addresses.items()],
        "users": [{"name": CONTEXT, "user": {"token": token} if token else {}}],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": CONTEXT, "namespace": namespace}} for name in servers
        ],
    }


_LOOK_EVERY = 0.5


async def parent_gone(parent: int) -> None:
    """Return once the parent, by its process id, has died or has closed the pipe it gave as standard input."""
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    if _stdin_is_pipe():
        threading.Thread(target=_read_to_the_end, args=(loop, closed), name="lifeline", daemon=True).start()
    while not closed.is_set() and os.getppid() == parent:
        try:
            async with asyncio.timeout(_LOOK_EVERY):
                await closed.wait()
        except TimeoutError:
            continue


def _stdin_is_pipe() -> bool:
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _read_to_the_end(loop: asyncio.AbstractEventLoop, closed: asyncio.Event) -> None:
    # The bare descriptor: a thread that waits in sys.stdin holds a lock the interpreter wants at its end.
    while os.read(0, 4096):
        pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(closed.set)


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


_FIRST_REVISION = 1000


@dataclass(frozen=True, slots=True)
class Arguments:
    """What `python -m kwatch.simulator` was asked for."""

    host: str
    port: int
    contexts: tuple[str, ...]
    """A cluster each; with a port the further ones are at the next ones."""
    scenario: str
    """An incident by its name, a file, or empty for that of `kwatch demo`; the last cluster plays it."""
    objects: int
    """About how many pods; 0 is as many as the scenario says."""
    rate: float
    seed: int
    faults: dict[str, float]
    token: str
    version: int
    """The minor version: 36 of 1.36."""
    tls_cert: Path | None
    tls_key: Path | None
    tls_ca: Path | None


async def serve(arguments: Arguments, parent: int) -> None:
    """Serve the clusters until a signal comes, or the parent, by its process id, is gone.

    Raises OSError if it cannot, and ScenarioError if there is no such scenario.
    """
    # Every program of this machine can reach loopback: without the kubeconfig, which is the owner's only, none gets in.
    token = arguments.token or secrets.token_urlsafe(32)
    spec = _scenario(arguments.scenario)
    specs = [*(calm_scenario() for _ in arguments.contexts[1:]), spec]
    clusters = [_cluster(arguments, place, each, token) for place, each in enumerate(specs)]
    for _, server in clusters:
        await server.start()
    servers = dict(zip(arguments.contexts, (server.url for _, server in clusters), strict=True))
    trusted = arguments.tls_ca or arguments.tls_cert
    authority = trusted.read_bytes() if trusted else b""
    access = {"namespace": spec.namespace, "token": token}
    with written_kubeconfig(servers, **access, certificate_authority=authority) as kubeconfig:
        ready = {"server": clusters[0][1].url, "kubeconfig": str(kubeconfig), "pid": os.getpid()}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        lives = (life for scenario, server in clusters for life in (scenario.run(), server.restart_at_random()))
        await _until_told_to_stop(*lives, parent_gone(parent))
    for _, server in clusters:
        await server.stop()


def _cluster(arguments: Arguments, place: int, spec: ScenarioSpec, token: str) -> tuple[Scenario, APIServer]:
    """One of them, not started yet. The names of its pods are its own."""
    seed = arguments.seed + place
    store = Store(seed=seed, revision=_FIRST_REVISION, minor=arguments.version)
    scenario = Scenario(store, objects=arguments.objects, rate=arguments.rate, seed=seed, spec=spec)
    try:
        _populate(scenario, store)
    except AlreadyExists as error:
        raise ScenarioError(f"{arguments.scenario}: {error}") from None
    store.types.add(*METRICS_TYPES)
    api = ClusterAPI(
        store,
        scenario,
        faults=Faults(arguments.faults, seed),
        users=Users({token: ADMIN}),
        logs=scenario,
        pod_terminator=scenario if arguments.rate else None,
        random=Random(seed),
    )
    port = arguments.port and arguments.port + place
    return scenario, APIServer(api, host=arguments.host, port=port, tls=_tls(arguments))


def _scenario(given: str) -> ScenarioSpec:
    if not given:
        return load_scenario()
    from kwatch.simulator.scenario.checks import load_named_scenario  # the demo starts sooner without

    return load_named_scenario(given)


def _populate(scenario: Scenario, store: Store) -> None:
    """Fill the store. Its history begins when the server does, and the collector need not look at it."""
    gc.disable()
    scenario.populate()
    store.compact()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    gc.enable()


async def _until_told_to_stop(*lives: Coroutine[Any, Any, object]) -> None:
    """Let everything run until one of them ends or a signal comes."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # on Windows, where the signal ends the process by itself
            loop.add_signal_handler(number, stopped.set)
    tasks = [asyncio.create_task(life) for life in (*lives, stopped.wait())]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _tls(arguments: Arguments) -> ssl.SSLContext | None:
    if arguments.tls_cert is None or arguments.tls_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.tls_cert, arguments.tls_key)
    return context

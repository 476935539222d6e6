"""A simulated cluster from its start to its end, in a process of its own."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import secrets
import signal
import ssl
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from kwatch.simulator.api.server import APIServer
from kwatch.simulator.api.users import ADMIN, Users
from kwatch.simulator.arguments import Arguments
from kwatch.simulator.faults import Faults
from kwatch.simulator.kubeconfig import Kubeconfig
from kwatch.simulator.lifeline import parent_gone
from kwatch.simulator.scenario import Scenario
from kwatch.simulator.server import cluster_api
from kwatch.simulator.store import Store

_FIRST_REVISION = 1000


async def serve(arguments: Arguments, parent: int) -> None:
    """Serve until a signal comes, or the parent, by its process id, is gone. Raises OSError if it cannot."""
    store = Store(seed=arguments.seed, revision=_FIRST_REVISION, minor=arguments.version)
    scenario = Scenario(store, objects=arguments.objects, rate=arguments.rate, seed=arguments.seed)
    _populate(scenario, store)
    # Every program of this machine can reach loopback: without the kubeconfig, which is the owner's only, none gets in.
    token = arguments.token or secrets.token_urlsafe(32)
    users = Users({token: ADMIN})
    faults = Faults(arguments.faults, arguments.seed)
    api = cluster_api(
        store,
        users=users,
        faults=faults,
        logs=scenario,
        usage=scenario,
        undertaker=scenario if arguments.rate else None,
        seed=arguments.seed,
    )
    server = APIServer(api, host=arguments.host, port=arguments.port, tls=_tls(arguments))
    await server.start()
    trusted = arguments.tls_ca or arguments.tls_cert
    authority = trusted.read_bytes() if trusted else b""
    with Kubeconfig(server.url, token=token, certificate_authority=authority) as kubeconfig:
        ready = {"server": server.url, "kubeconfig": str(kubeconfig), "pid": os.getpid()}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await _until_told_to_stop(scenario.run(), server.restart_at_random(), parent_gone(parent))
    await server.stop()


def _populate(scenario: Scenario, store: Store) -> None:
    """Fill the store. What happened before the server was there is nobody's history, and no garbage either."""
    gc.disable()
    scenario.populate()
    store.compact()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    gc.enable()


async def _until_told_to_stop(*lives: Coroutine[Any, Any, None]) -> None:
    """Let everything run until one of them ends or a signal comes."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # on Windows, where the signal ends the process by itself
            loop.add_signal_handler(number, stopped.set)
    tasks = [asyncio.create_task(life) for life in lives]
    tasks.append(asyncio.create_task(_wait(stopped)))
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def _tls(arguments: Arguments) -> ssl.SSLContext | None:
    if arguments.tls_cert is None or arguments.tls_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.tls_cert, arguments.tls_key)
    return context

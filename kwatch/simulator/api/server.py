"""The API server on a socket: it starts, stops, and goes away for a while when a fault says so."""

from __future__ import annotations

import asyncio
import ssl

from aiohttp import web

from kwatch.simulator.api.application import application
from kwatch.simulator.api.call import ClusterAPI

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

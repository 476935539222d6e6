"""Serves the page and its websocket to who has the token: any other request is not found, from other pages refused."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from kwatch.web.page import FOCUS, headers, page, static_files
from kwatch.web.terminal_session import TerminalSession

log = logging.getLogger("kwatch.web")

LONGEST_MESSAGE = 1 << 20
"""Bytes of what is typed or pasted at once."""
HEARTBEAT = 10.0
"""Seconds between two looks at whether the browser is still there, where the connection does not say so."""
_PLAIN = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, and where."""

    command: Sequence[str]
    environment: Mapping[str, str]
    title: str
    address: str = "127.0.0.1"
    port: int = 0
    most_sessions: int = 4
    tls: ssl.SSLContext | None = None
    public_url: str = ""
    """Where browsers find it, if that is behind something else."""

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.address)


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


class WebServer:
    """`run` serves until `stop` is called; all in one loop."""

    def __init__(self, serving: Serving) -> None:
        """Raise NotInstalled."""
        self._serving = serving
        self._static = static_files()
        self.token = token_urlsafe(32)
        self._sessions: set[TerminalSession] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self._stopped: asyncio.Event | None = None
        self._port = serving.port

    @property
    def url(self) -> str:
        """With the token: whoever knows it may come in."""
        return f"{self._base}/{self.token}/"

    @property
    def sessions(self) -> int:
        return len(self._sessions)

    async def run(self, on_ready: Callable[[], object]) -> None:
        """Raise OSError where nobody can be heard there."""
        serving, self._stopped = self._serving, asyncio.Event()
        # Of a request that is refused not even its address is logged: it may be nearly right.
        runner = web.AppRunner(self._application(), access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, serving.address, serving.port, ssl_context=serving.tls)
            await site.start()
            self._port = runner.addresses[0][1]
            on_ready()
            await self._stopped.wait()
        finally:
            for each in [*self._sockets]:
                with suppress(Exception):
                    await asyncio.wait_for(each.close(code=WSCloseCode.GOING_AWAY), 1.0)
            await asyncio.gather(*[each.end() for each in [*self._sessions]])
            await runner.cleanup()

    def stop(self) -> None:
        if self._stopped is not None:
            self._stopped.set()

    def _application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{token}/", self._page)
        app.router.add_get("/{token}/focus.js", self._focus)
        app.router.add_get("/{token}/ws", self._websocket)
        app.router.add_get("/{token}/static/{path:.+}", self._file)
        return app

    @property
    def _base(self) -> str:
        if self._serving.public_url:
            return self._serving.public_url.rstrip("/")
        address = self._serving.address
        host = f"[{address}]" if ":" in address else address
        return f"{'https' if self._serving.tls else 'http'}://{host}:{self._port}"

    def _check(self, request: web.Request) -> None:
        """Raise HTTPNotFound for a wrong token, HTTPForbidden for a name that is not this server's."""
        if not compare_digest(request.match_info["token"].encode(), self.token.encode()):
            raise web.HTTPNotFound
        name = request.host.rpartition(":")[0].strip("[]") if ":" in request.host else request.host
        if self._serving.is_loopback and name not in (*LOOPBACK, self._public_name):
            # A page that made its own name lead here.
            raise web.HTTPForbidden(text="This is not the name of this server.\n")

    @property
    def _public_name(self) -> str:
        return self._serving.public_url.partition("://")[2].partition("/")[0].partition(":")[0]

    async def _page(self, request: web.Request) -> web.Response:
        self._check(request)
        websocket = self._websocket_url(request)
        text = page(websocket, self._serving.title)
        return web.Response(text=text, content_type="text/html", headers=headers(websocket))

    async def _focus(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.Response(text=FOCUS, content_type="text/javascript", headers=_PLAIN)

    async def _file(self, request: web.Request) -> web.FileResponse:
        self._check(request)
        path = (self._static / request.match_info["path"]).resolve()
        if not path.is_file() or not path.is_relative_to(self._static.resolve()):
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=_PLAIN)

    def _websocket_url(self, request: web.Request) -> str:
        """As the page was asked for: it may have several names."""
        base = self._serving.public_url.rstrip("/") or f"{request.scheme}://{request.host}"
        return f"ws{base.removeprefix('http')}/{self.token}/ws"

    async def _websocket(self, request: web.Request) -> web.WebSocketResponse:
        self._check(request)
        allowed = {f"{request.scheme}://{request.host}", "/".join(self._serving.public_url.split("/")[:3])}
        if request.headers.get("Origin", "") not in allowed - {""}:
            raise web.HTTPForbidden(text="Only the page of this server may connect.\n")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LONGEST_MESSAGE)
        await socket.prepare(request)
        if self.sessions >= self._serving.most_sessions:
            sentence = f"There are {self.sessions} sessions already; end one, or serve more with --max-sessions."
            await socket.send_bytes(f"\r\n  {sentence}\r\n".encode())
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
            return socket
        size = [_number(request.query.get(name, ""), usual) for name, usual in (("width", 80), ("height", 24))]
        session = TerminalSession(self._serving.command, self._serving.environment, *size)
        self._sessions.add(session)
        self._sockets.add(socket)
        try:
            await _connect(socket, session)
        finally:
            self._sockets.discard(socket)
            # Also where this is cancelled: the process ends first.
            await asyncio.shield(self._end(session))
            with suppress(Exception):
                await socket.close()
        return socket

    async def _end(self, session: TerminalSession) -> None:
        await session.end()
        self._sessions.discard(session)


async def _connect(socket: web.WebSocketResponse, session: TerminalSession) -> None:
    """Until either ends."""
    both = {asyncio.ensure_future(_show(socket, session)), asyncio.ensure_future(_hear(socket, session))}
    done, others = set[Any](), both
    try:
        done, others = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    for each in done:
        error = each.exception()
        if error is not None and not isinstance(error, ConnectionError):
            log.error("a browser's session ended: %s: %s", type(error).__name__, error)


async def _show(socket: web.WebSocketResponse, session: TerminalSession) -> None:
    while data := await session.read():
        await socket.send_bytes(data)


async def _hear(socket: web.WebSocketResponse, session: TerminalSession) -> None:
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        match _read(message.data):
            case ["stdin", str(typed)]:
                await session.write(typed.encode("utf-8", "replace"))
            case ["resize", {"width": int(width), "height": int(height)}]:
                session.resize(width, height)
            case ["ping", str(mark)]:
                await socket.send_str(json.dumps(["pong", mark[:100]]))


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _number(text: str, usual: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else usual


def context_of(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """Raise OSError or ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context

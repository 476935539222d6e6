"""Who may come in, what is answered, and that every process ends with its connection."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import trustme

from kwatch.web import page as pages
from kwatch.web.server import Serving, WebServer, context_of, is_loopback

pytest.importorskip("textual_serve")

ECHO = """
import os, signal, sys
# By the bare write: the size may change while a line is printed, and a buffer is not entered twice.
signal.signal(signal.SIGWINCH, lambda *_: os.write(1, f"size {os.get_terminal_size()}\\n".encode()))
if sys.argv[1] == "deaf":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
print("pid", os.getpid(), os.get_terminal_size(), os.environ["TERM"], "TMUX" in os.environ, flush=True)
while line := sys.stdin.readline():
    print("heard", line.strip(), flush=True)
    if line.strip() == "end":
        break
"""


@asynccontextmanager
async def serving(mood: str = "", **more: object) -> AsyncIterator[WebServer]:
    command = [sys.executable, "-c", ECHO, mood]
    server = WebServer(Serving(command, {"PATH": "/usr/bin", "TMUX": "x"}, "a <title>", **more))  # type: ignore[arg-type]
    ready = asyncio.Event()
    task = asyncio.ensure_future(server.run(ready.set))
    await asyncio.wait_for(ready.wait(), 60)
    try:
        yield server
    finally:
        server.stop()
        await asyncio.wait_for(task, 60)
        assert server.sessions == 0


def origin(server: WebServer) -> str:
    return "/".join(server.url.split("/")[:3])


async def heard(socket: aiohttp.ClientWebSocketResponse, wanted: str) -> str:
    text = ""
    while wanted not in text:
        message = await asyncio.wait_for(socket.receive(), 60)
        assert message.type is aiohttp.WSMsgType.BINARY, f"{message} after {text}"
        text += message.data.decode()
    return text


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_only_who_has_the_token_gets_anything() -> None:
    async with serving() as server, aiohttp.ClientSession() as http:
        base = origin(server)
        paths = ("/", "/x/", "/x/ws", "/static/js/textual.js", f"/{server.token[:-1]}/", f"/{server.token}/../", "//")
        for path in paths:
            async with http.get(base + path) as answer:
                assert answer.status == 404, path
        async with http.get(server.url) as answer:
            text = await answer.text()
            assert answer.status == 200 and "a &lt;title&gt;" in text
            assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert "http" not in text.replace(server.url.replace("http", "ws"), "").replace("<!DOCTYPE html>", "")
        for path in ("static/../server.py", "static/%2e%2e/server.py", "static/js/none.js", "static/js"):
            async with http.get(server.url + path) as answer:
                assert answer.status == 404, path


@pytest.mark.parametrize("theirs", ["", "http://evil.example", "null", "https://127.0.0.1"])
async def test_another_origin_is_refused_and_starts_no_process(theirs: str) -> None:
    async with serving() as server, aiohttp.ClientSession() as http:
        headers = {"Origin": theirs} if theirs else {}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(server.url + "ws", headers=headers)
        assert refused.value.status == 403
        assert server.sessions == 0


async def test_a_page_whose_name_was_made_to_lead_here_is_refused() -> None:
    async with serving() as server, aiohttp.ClientSession() as http:
        port = server.url.split("/")[2].rpartition(":")[2]
        headers = {"Host": f"evil.example:{port}", "Origin": f"http://evil.example:{port}"}
        async with http.get(server.url, headers=headers) as answer:
            assert answer.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(server.url + "ws", headers=headers)


async def test_what_is_typed_arrives_and_sizes_are_followed_within_bounds() -> None:
    async with serving() as server, aiohttp.ClientSession() as http:
        headers = {"Origin": origin(server)}
        async with http.ws_connect(server.url + "ws?width=100&height=40", headers=headers) as socket:
            first = await heard(socket, "False")
            assert "columns=100, lines=40" in first and "xterm-256color" in first
            for nonsense in ("", "[", "{}", "[]", '["stdin", 5]', '["resize", {"width": "x"}]', '["what", 1]'):
                await socket.send_str(nonsense)
            await socket.send_str('["resize", {"width": 9999999, "height": -4}]')
            await heard(socket, "columns=500, lines=5)")
            await socket.send_str('["stdin", "hallo ö\\r"]')
            await heard(socket, "heard hallo ö")
            await socket.send_str('["stdin", "end\\r"]')
            while (message := await asyncio.wait_for(socket.receive(), 60)).type is aiohttp.WSMsgType.BINARY:
                pass
            assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


@pytest.mark.parametrize("mood", ["polite", "deaf"])
async def test_a_dropped_connection_ends_its_process_even_a_deaf_one(mood: str) -> None:
    async with serving(mood) as server, aiohttp.ClientSession() as http:
        socket = await http.ws_connect(server.url + "ws", headers={"Origin": origin(server)})
        pid = int((await heard(socket, "xterm")).split()[1])
        assert is_there(pid)
        response = socket._response
        assert response.connection is not None and response.connection.transport is not None
        response.connection.transport.abort()
        while is_there(pid) or server.sessions:
            await asyncio.sleep(0.01)


async def test_there_are_only_so_many_and_a_place_is_free_again() -> None:
    async with serving(most_sessions=1) as server, aiohttp.ClientSession() as http:
        headers = {"Origin": origin(server)}
        async with http.ws_connect(server.url + "ws", headers=headers) as first:
            await heard(first, "pid")
            async with http.ws_connect(server.url + "ws", headers=headers) as second:
                await heard(second, "There are 1 sessions already")
                assert (await second.receive()).type is aiohttp.WSMsgType.CLOSE
        while server.sessions:
            await asyncio.sleep(0.01)
        async with http.ws_connect(server.url + "ws", headers=headers) as third:
            await heard(third, "pid")


async def test_the_end_of_the_server_is_that_of_every_process() -> None:
    async with aiohttp.ClientSession() as http:
        async with serving("deaf") as server:
            socket = await http.ws_connect(server.url + "ws", headers={"Origin": origin(server)})
            pid = int((await heard(socket, "xterm")).split()[1])
        assert not is_there(pid)


async def test_with_tls_and_behind_another_name(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = tmp_path / "cert.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)
    tls = context_of(certificate, None)
    async with serving(tls=tls) as server, aiohttp.ClientSession() as http:
        assert server.url.startswith("https://127.0.0.1:")
        async with http.get(server.url, ssl=ours) as answer:
            assert f"wss://127.0.0.1:{server.url.split(':')[2].split('/')[0]}/" in await answer.text()
    async with serving(public_url="https://kwatch.example.com") as server, aiohttp.ClientSession() as http:
        assert server.url == f"https://kwatch.example.com/{server.token}/"
        there = f"http://127.0.0.1:{server._port}/{server.token}/"
        headers = {"Host": "kwatch.example.com", "Origin": "https://kwatch.example.com"}
        async with http.get(there, headers=headers) as answer:
            assert f"wss://kwatch.example.com/{server.token}/ws" in await answer.text()
        async with http.ws_connect(there + "ws", headers=headers) as socket:
            await heard(socket, "pid")


def test_without_the_extra_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(pages, "files", missing)
    with pytest.raises(pages.NotInstalled, match=r"pip install 'kwatch-tui\[serve\]'"):
        WebServer(Serving((), {}, "kwatch"))


def test_what_is_on_this_machine_only() -> None:
    here, beyond = ("127.0.0.1", "127.9.9.9", "::1", "localhost"), ("0.0.0.0", "::", "kwatch", "10.0.0.1")
    assert all(map(is_loopback, here)) and not any(map(is_loopback, beyond))

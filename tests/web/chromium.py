"""A headless Chromium, driven by its DevTools protocol; the screen is what its websockets carried."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pyte

from tests.end_to_end.terminal import Screen

PROGRAM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
_KEYS = {"Enter": 13, "Escape": 27, "ArrowDown": 40}


class Page:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._last = 0
        self._screen = Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self.problems: list[str] = []
        """What its console complained of."""
        self.requested: list[str] = []
        self.is_closed = False
        """Whether a websocket of it was closed."""
        self._reader = asyncio.ensure_future(self._read())

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    async def ask(self, method: str, **parameters: Any) -> Any:
        self._last += 1
        answer = self._answers[self._last] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._last, "method": method, "params": parameters})
        return await asyncio.wait_for(answer, 60)

    async def evaluate(self, script: str) -> Any:
        return (await self.ask("Runtime.evaluate", expression=script, returnByValue=True))["result"].get("value")

    async def type(self, text: str) -> None:
        for each in text:
            await self.ask("Input.dispatchKeyEvent", type="keyDown", text=each, key=each)
            await self.ask("Input.dispatchKeyEvent", type="keyUp", key=each)

    async def press(self, key: str) -> None:
        text = {"text": "\r"} if key == "Enter" else {}
        code = _KEYS[key]
        for what in ("keyDown", "keyUp"):
            more = text if what == "keyDown" else {}
            await self.ask("Input.dispatchKeyEvent", type=what, key=key, code=key, windowsVirtualKeyCode=code, **more)

    async def see(self, pattern: str) -> None:
        await until(
            lambda: re.search(pattern, self.text), f"{pattern} in\n{self.text}\n{self.problems}", lambda: self.text
        )

    async def close(self) -> None:
        self._reader.cancel()
        await self._socket.close()

    async def _read(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                answer = self._answers.pop(said["id"])
                if not answer.done():
                    answer.set_result(said.get("result") or said)
                continue
            told = said.get("params", {})
            match said["method"]:
                case "Network.webSocketFrameReceived" if told["response"]["opcode"] == 2:
                    self._stream.feed(base64.b64decode(told["response"]["payloadData"]))
                case "Network.webSocketFrameSent" if told["response"]["payloadData"].startswith('["resize"'):
                    size = json.loads(told["response"]["payloadData"])[1]
                    self._screen.resize(size["height"], size["width"])
                case "Network.webSocketClosed":
                    self.is_closed = True
                case "Network.requestWillBeSent":
                    self.requested.append(told["request"]["url"])
                case "Log.entryAdded" if told["entry"]["level"] == "error":
                    self.problems.append(told["entry"]["text"])
                case "Runtime.exceptionThrown":
                    self.problems.append(str(told["exceptionDetails"].get("exception", {}).get("description")))


class Browser:
    def __init__(self, http: aiohttp.ClientSession, address: str) -> None:
        self._http = http
        self._address = address

    async def open(self, url: str) -> Page:
        async with self._http.put(f"{self._address}/json/new?about:blank") as answer:
            target = await answer.json()
        page = Page(await self._http.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0))
        for domain in ("Network", "Runtime", "Log", "Page"):
            await page.ask(f"{domain}.enable")
        await page.ask("Emulation.setDeviceMetricsOverride", width=1200, height=700, deviceScaleFactor=1, mobile=False)
        await page.ask("Page.navigate", url=url)
        return page


async def until(holds: Callable[[], object], what: str, now: Callable[[], str] = str) -> None:
    deadline = asyncio.get_running_loop().time() + 90
    while not holds():
        assert asyncio.get_running_loop().time() < deadline, f"{what} never came true:\n{now()}"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            PROGRAM,
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--enable-unsafe-swiftshader",
            "--no-first-run",
            "--remote-debugging-port=0",
            "--remote-allow-origins=*",
            f"--user-data-dir={profile}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            port = Path(profile) / "DevToolsActivePort"
            await until(lambda: port.exists() and port.read_text().count("\n"), "the browser listens")
            address = f"http://127.0.0.1:{port.read_text().split()[0]}"
            async with aiohttp.ClientSession() as http:
                yield Browser(http, address)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

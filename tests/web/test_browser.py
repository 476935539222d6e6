"""The whole of it in headless Chromium: opens, filters, quits, a second tab, a connection that drops."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.web.chromium import PROGRAM, chromium, until

pytest.importorskip("textual_serve")
pytestmark = pytest.mark.skipif(not PROGRAM, reason="there is no chromium here")


def processes_below(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in found]


async def test_a_session_in_a_browser_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "kwatch", "serve", "--", "demo", "--rate", "0"),
        env={**os.environ, "KWATCH_CONFIG": str(tmp_path), "HOME": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdout is not None
    try:
        said = (await asyncio.wait_for(server.stdout.readline(), 90)).decode().split()
        assert said[:3] == ["kwatch", "is", "at"] and said[4:] == ["until", "Ctrl-C"]
        url = said[3]
        async with chromium() as browser:
            first = await browser.open(url)
            await first.see(r"demo › shop › pods")
            await first.see(r"\d+ pods")
            await first.type("/cart")
            await first.see(r"of \d+ pods +/cart")
            await first.press("Enter")
            second = await browser.open(url)
            await second.see(r"\d+ pods")
            assert "/cart" not in second.text, "each tab is a session of its own"
            assert len(processes_below(server.pid)) == 2
            await first.type("q")
            await until(lambda: first.is_closed, "the page says that it has ended")
            assert await first.evaluate("getComputedStyle(document.getElementById('ended')).display") == "flex"
            await until(lambda: len(processes_below(server.pid)) == 1, "its process has ended")
            await second.ask("Page.navigate", url="about:blank")
            await until(lambda: not processes_below(server.pid), "the dropped one has ended too")
            for page in (first, second):
                ours = (url, "about:", "data:", "ws://127.0.0.1")
                assert all(each.startswith(ours) for each in page.requested), "nothing is asked of anybody else"
                assert not page.problems
                await page.close()
    finally:
        server.terminate()
        assert await asyncio.wait_for(server.wait(), 60) == 0

"""Pictures of pages, as Chromium shows them: the report, and kwatch in a browser, of the moment they are taken."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.screenshots.scenes import OUT_OF_MEMORY
from tests.screenshots.stage import opened
from tests.web.chromium import Page, chromium


async def take_report(path: Path) -> None:
    """That of a workload that fails."""
    folder = Path(tempfile.mkdtemp(prefix="kwatch-screenshots-"))
    page = folder / "incident.html"
    async with opened(replace(OUT_OF_MEMORY, resource="deployments")) as stage:
        await stage.wait(95)
        await stage.press("slash", "cart", "enter", "T", "colon", f"report {page}", "enter")
        while not page.exists():
            await stage.rest()
    async with chromium() as browser:
        shown = await browser.open(page.as_uri())
        size = {"width": 1160, "height": 1420, "deviceScaleFactor": 1, "mobile": False}
        await shown.ask("Emulation.setDeviceMetricsOverride", **size)
        await shown.evaluate("document.documentElement.style.overflow = 'hidden'")
        await asyncio.sleep(2)  # until it is drawn
        await _capture(shown, path)


async def take_page(path: Path, theme: str) -> None:
    """The demo in a browser, some of its pods."""
    folder = tempfile.mkdtemp(prefix="kwatch-screenshots-")
    (Path(folder) / "config.yaml").write_text(f"theme: {theme}\n")
    words = ("serve", "--", "demo", "--rate", "6")
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kwatch", *words),
        env={**os.environ, "KWATCH_CONFIG": folder},
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdout is not None
    try:
        url = (await server.stdout.readline()).decode().split()[3]
        async with chromium() as browser:
            page = await browser.open(url)
            await page.see(r"[~+-] +cart-")
            await asyncio.sleep(1)  # until it is drawn
            await _capture(page, path)
    finally:
        server.terminate()
        await server.wait()


async def _capture(page: Page, path: Path) -> None:
    taken = await page.ask("Page.captureScreenshot", format="png")
    path.write_bytes(base64.b64decode(taken["data"]))
    print(path, file=sys.stderr)
    await page.close()

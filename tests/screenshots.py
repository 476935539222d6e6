"""`python -m tests.screenshots [NAME...]`: the pictures of the README, made from the simulator, never by hand.

Pictures are drawn in Fira Code, which must be installed (Debian: fonts-firacode).
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import resvg_py
from textual.pilot import Pilot

from kwatch.cli.arguments import DemoArguments, WatchArguments
from kwatch.cli.demo import Simulator
from kwatch.cli.screen import Sessions
from kwatch.config.settings import Settings
from kwatch.tui.app import KwatchApp
from kwatch.tui.location import StartView

FOLDER = Path(__file__).parent.parent / "screenshots"
WIDTH = 1600
"""Pixels of a picture."""

Steps = Callable[["Stage"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture: how large the terminal is, where it starts, and what a person does before it is taken."""

    name: str
    steps: Steps
    resource: str = "pods"
    all_namespaces: bool = False
    columns: int = 132
    rows: int = 36
    theme: str = "kwatch-dark"


class Stage:
    """The running app, as the steps of a scene see it."""

    def __init__(self, app: KwatchApp, pilot: Pilot[int]) -> None:
        self.app = app
        self._pilot = pilot

    def text(self) -> str:
        """What is on the screen."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line) for line in lines)

    async def wait_for(self, wanted: str, timeout: float = 60.0) -> None:
        """Wait until a regular expression is found on the screen."""
        for _ in range(int(timeout / 0.1)):
            if re.search(wanted, self.text()):
                return
            await self._pilot.pause(0.1)
        raise TimeoutError(f"{wanted!r} did not appear:\n{self.text()}")

    async def press(self, *keys: str) -> None:
        """Press keys; a word of several letters that is no key's name is typed."""
        for key in keys:
            await self._pilot.press(*([key] if len(key) == 1 or key in _NAMED else list(key)))
        await self._pilot.pause(0.3)

    async def rest_on(self, wanted: str, key: str = "down", most: int = 250) -> None:
        """Press a key until the row of the cursor matches a regular expression."""
        for _ in range(most):
            if any(line.startswith("▌") and re.search(wanted, line) for line in self.text().splitlines()):
                return
            await self._pilot.press(key)
        raise TimeoutError(f"no row is {wanted!r}:\n{self.text()}")

    async def wait(self, seconds: float) -> None:
        """Let the cluster live."""
        await self._pilot.pause(seconds)


_NAMED = frozenset(
    {"enter", "escape", "tab", "down", "up", "left", "right", "slash", "colon", "ctrl+w", "space", "end"}
)


async def _pods(stage: Stage) -> None:
    await stage.wait_for("Running")
    await stage.wait(25)


async def _filter(stage: Stage) -> None:
    await _pods(stage)
    await stage.press("slash", "app=cart age<1d", "tab")
    await stage.wait(1)


async def _open_newest_cart(stage: Stage) -> None:
    await stage.wait_for("Running")
    await stage.press("slash", "app=cart", "enter")
    await stage.wait_for("PodInitializing|Init:")
    await stage.wait(16)
    await stage.press("A", "g", "v")
    await stage.wait_for("kubelet")


async def _history(stage: Stage) -> None:
    await _open_newest_cart(stage)
    await stage.press("down")
    await stage.wait(1)


async def _diff(stage: Stage) -> None:
    await _open_newest_cart(stage)
    await stage.press("g", "down", "enter")
    await stage.wait(1)


async def _timeline(stage: Stage) -> None:
    await stage.wait_for("cart")
    await stage.press("slash", "cart", "enter")
    await stage.wait(1)
    await stage.press("T")
    await stage.wait_for("Scaled down replica set .* to 0", timeout=180)
    await stage.wait(8)
    await stage.rest_on(r"self .* argocd.* -> 2\.14")
    await stage.press(*["down"] * 6, *["up"] * 6)
    await stage.wait(1)


async def _crash_loop(stage: Stage) -> None:
    await stage.wait_for("Running")
    await stage.press("slash", "recommender restarts>3", "enter")
    await stage.wait_for("1 of .* pods")
    await stage.press("T")
    await stage.wait_for("WHAT HAPPENED")
    await stage.wait_for("BackOff:")
    await stage.press("end")
    await stage.rest_on("argocd", "up")
    await stage.wait(1)


async def _suspects(stage: Stage) -> None:
    await stage.wait_for("Running")
    await stage.press("slash", "recommender restarts>3", "enter")
    await stage.wait_for("1 of .* pods")
    await stage.press("X")
    await stage.wait_for("Why +the image changed")
    await stage.wait(2)


async def _problems(stage: Stage) -> None:
    await stage.wait_for("Running")
    await stage.wait(40)
    await stage.press("!")
    await stage.wait_for("LIKELY CAUSE")
    await stage.wait_for("LAST 5M")
    await stage.wait(4)


async def _rollouts(stage: Stage) -> None:
    await stage.wait_for("Running")
    await stage.press("slash", "app=cart", "enter")
    await stage.wait_for("PodInitializing|Init:")
    await stage.wait(8)
    await stage.press("A", "g", "H")
    await stage.wait_for("the oldest one kept")
    await stage.wait(2)


async def _deletion(stage: Stage) -> None:
    await stage.wait_for("Running")
    await stage.press("slash", "deleted orders", "enter")
    await stage.wait_for("- +orders")
    await stage.press("T")
    await stage.wait_for("deleted")
    await stage.wait(6)
    await stage.press("g", "down")
    await stage.wait(1)


async def _everything(stage: Stage) -> None:
    await stage.wait_for("Running")
    await stage.press("slash", "cart", "enter")
    await stage.wait(20)


async def _delta_log(stage: Stage) -> None:
    await _pods(stage)
    await stage.press("colon", "deploy", "enter")
    await stage.wait(1)
    await stage.press("colon", "events", "enter")
    await stage.wait(1)
    await stage.press("D")
    await stage.wait(14)


async def _indexes(stage: Stage) -> None:
    await _pods(stage)
    await stage.press("i")
    await stage.wait(2)


async def _time_travel(stage: Stage) -> None:
    await stage.wait_for("Running")
    await stage.press("slash", "app=cart", "enter")
    await stage.wait(30)
    await stage.press("t")
    for _ in range(14):
        await stage.press("left")
    await stage.wait(1)


async def _baseline(stage: Stage) -> None:
    await stage.wait_for("Running")
    for resource in ("rs", "deploy"):
        await stage.press("colon", resource, "enter")
        await stage.wait(1)
    await stage.press("m")
    await stage.wait(28)
    await stage.press("M")
    await stage.wait_for(r"\+\d.* -\d")
    await stage.press("down", "down")
    await stage.wait(1)


async def _informers(stage: Stage) -> None:
    await stage.wait_for("Running")
    for resource in ("deploy", "nodes", "events", "svc"):
        await stage.press("colon", resource, "enter")
        await stage.wait(1)
    await stage.press("I")
    await stage.wait(4)


SCENES = (
    Scene("pods", _pods, columns=140),
    Scene("filter", _filter),
    Scene("history", _history),
    Scene("diff", _diff),
    Scene("timeline", _timeline, resource="deployments", columns=150),
    Scene("crash-loop", _crash_loop, columns=150, rows=38),
    Scene("suspects", _suspects, columns=132, rows=22),
    Scene("problems", _problems, all_namespaces=True, columns=170, rows=26),
    Scene("rollouts", _rollouts, columns=132, rows=24),
    Scene("deletion", _deletion, columns=150, rows=26),
    Scene("all", _everything, resource="all", columns=150, rows=26),
    Scene("delta-log", _delta_log),
    Scene("indexes", _indexes, all_namespaces=True),
    Scene("time-travel", _time_travel, rows=24),
    Scene("baseline", _baseline, columns=150),
    Scene("informers", _informers, rows=24),
    Scene("light", _pods, theme="kwatch-light", rows=24),
    Scene("small", _filter, columns=80, rows=24, theme="catppuccin-mocha"),
)


async def _take(scene: Scene) -> Path:
    simulator = Simulator(DemoArguments(WatchArguments(), rate=6.0))
    sessions = Sessions(simulator.clusters(), Settings().history, Settings().background_bounds)
    start = StartView(resource=scene.resource, all_namespaces=scene.all_namespaces)
    app = KwatchApp(sessions.open, start, Settings(theme=scene.theme), banner="demo")
    try:
        async with app.run_test(size=(scene.columns, scene.rows)) as pilot:
            await scene.steps(Stage(app, pilot))
            svg = app.export_screenshot(title=f"kwatch {scene.resource}")
    finally:
        sessions.close()
        simulator.stop()
    path = FOLDER / f"{scene.name}.png"
    path.write_bytes(to_png(svg))
    return path


async def _take_report() -> Path:
    """The page of a workload that fails, as a browser shows it; CHROME names one, else chromium is taken."""
    simulator = Simulator(DemoArguments(WatchArguments(), rate=6.0))
    sessions = Sessions(simulator.clusters(), Settings().history)
    page = Path(tempfile.mkdtemp(prefix="kwatch-screenshots-")) / "incident.html"
    app = KwatchApp(sessions.open, StartView(resource="deployments"), Settings(), banner="demo")
    try:
        async with app.run_test(size=(132, 36)) as pilot:
            stage = Stage(app, pilot)
            await stage.wait_for("recommender")
            await stage.wait(30)
            await stage.press("slash", "recommender", "enter", "T")
            await stage.wait_for("WHAT HAPPENED")
            await stage.wait(10)
            await stage.press("colon", f"report {page}", "enter")
            while not page.exists():
                await stage.wait(0.2)
    finally:
        sessions.close()
        simulator.stop()
    path = FOLDER / "report.png"
    browser = [os.environ.get("CHROME", "chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    subprocess.run(
        [*browser, "--window-size=1160,1420", f"--screenshot={path}", page.as_uri()], check=True, timeout=120
    )
    return path


def to_png(svg: str) -> bytes:
    """Draw Textual's SVG with an installed monospaced font instead of the one it would fetch."""
    plain = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    return resvg_py.svg_to_bytes(svg_string=plain, width=WIDTH, monospace_family="Fira Code")


def main(names: list[str]) -> int:
    """Take the named pictures, all without a name."""
    logging.getLogger("kwatch").addHandler(logging.NullHandler())
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    os.environ["KWATCH_CONFIG"] = tempfile.mkdtemp(prefix="kwatch-screenshots-")
    FOLDER.mkdir(exist_ok=True)
    for scene in SCENES:
        if not names or scene.name in names:
            print(asyncio.run(_take(scene)), file=sys.stderr)
    if not names or "report" in names:
        print(asyncio.run(_take_report()), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

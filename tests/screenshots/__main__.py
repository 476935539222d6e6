"""`python -m tests.screenshots [NAME...]`: the pictures of the README, made from the simulator, never by hand.

They are the same every time: the story has its own clock, and one seed. Each is taken in a dark and a light theme; what
stands on the dark one is kept in `texts/`, and a test compares it with what the program shows now. The report is opened
in a browser: CHROME names one, else chromium is taken.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.screenshots.drawing import Shot, moving_picture, picture
from tests.screenshots.scenes import DEPLOYMENTS, SCENES, Scene
from tests.screenshots.stage import opened, surroundings

FOLDER = Path(__file__).parent.parent.parent / "screenshots"
TEXTS = Path(__file__).parent / "texts"
THEMES = {"": "kwatch-dark", "-light": "kwatch-light"}
"""Of each picture: the end of its file's name."""


async def shots_of(scene: Scene, theme: str = "kwatch-dark") -> list[Shot]:
    async with opened(replace(scene.start, theme=theme)) as stage:
        await scene.steps(stage)
        if not stage.shots:
            await stage.take()
        return stage.shots


def text_of(shots: list[Shot]) -> str:
    """What stands on a picture, as it is kept."""
    return "\n\n".join(shot.text for shot in shots) + "\n"


def _take(scene: Scene) -> None:
    for ending, theme in THEMES.items():
        shots = asyncio.run(shots_of(scene, theme))
        path = FOLDER / f"{scene.name}{ending}.png"
        path.write_bytes(picture(shots[0]) if len(shots) == 1 else moving_picture(shots))
        print(path, file=sys.stderr)
        if not ending:
            (TEXTS / f"{scene.name}.txt").write_text(text_of(shots))


def shown(scene: Scene) -> str:
    """How a page shows a picture: in the reader's own theme."""
    dark, light = (f"{scene.name}{ending}.png" for ending in THEMES)
    source = f'<source media="(prefers-color-scheme: light)" srcset="{light}">'
    return f'<picture>\n  {source}\n  <img alt="{scene.caption}" src="{dark}">\n</picture>'


def gallery() -> str:
    """Every picture with its caption."""
    pictures = (f"**{scene.caption}.**\n\n{shown(scene)}\n" for scene in SCENES)
    return "\n".join(["# Every screen\n", "Made by `python -m tests.screenshots` from the simulator.\n", *pictures])


async def _write_report(page: Path) -> None:
    async with opened(DEPLOYMENTS) as stage:
        await stage.wait(30)
        await stage.press("slash", "recommender", "enter", "T")
        await stage.wait_for("WHAT HAPPENED")
        await stage.press("colon", f"report {page}", "enter")
        while not page.exists():
            await stage.wait(0.2)


def _take_report() -> None:
    """The page of a workload that fails, as a browser shows it."""
    page = Path(tempfile.mkdtemp(prefix="kwatch-screenshots-")) / "incident.html"
    asyncio.run(_write_report(page))
    browser = [os.environ.get("CHROME", "chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    path = FOLDER / "report.png"
    subprocess.run(
        [*browser, "--window-size=1160,1420", f"--screenshot={path}", page.as_uri()], check=True, timeout=120
    )
    print(path, file=sys.stderr)


def main(names: list[str]) -> int:
    """Take the named pictures, all without a name."""
    known = {scene.name: scene for scene in SCENES}
    if unknown := set(names) - {*known, "report"}:
        print(f"no such picture: {', '.join(sorted(unknown))}; there are {', '.join(known)}, report", file=sys.stderr)
        return 2
    logging.getLogger("kwatch").addHandler(logging.NullHandler())
    os.environ |= surroundings()
    time.tzset()
    for name, scene in known.items():
        if not names or name in names:
            _take(scene)
    if not names or "report" in names:
        _take_report()
    (FOLDER / "README.md").write_text(gallery())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

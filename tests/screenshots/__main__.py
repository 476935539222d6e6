"""`python -m tests.screenshots [--check] [NAME...]`: the pictures of the README, made from the simulator.

They are the same every time: the story has its own clock, and one seed. Each is taken in a dark and a light theme; what
stands on the dark one is kept in `texts/`, and `--check` compares it with what the program shows now. Two are taken by
Chromium: the report, and kwatch in a browser.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

from tests.screenshots.drawing import Shot, picture
from tests.screenshots.pages import take_page, take_report
from tests.screenshots.scenes import SCENES, Scene
from tests.screenshots.stage import THEMES, foreseeable, opened, surroundings

FOLDER = Path(__file__).parent.parent.parent / "screenshots"
TEXTS = Path(__file__).parent / "texts"
ENDINGS = dict(zip(("", "-light"), THEMES, strict=True))
"""Of each picture: the end of its file's name, and the theme."""


async def shots_of(scene: Scene, expected: Sequence[str] = ()) -> list[Shot]:
    """What the program shows; `expected` are the texts of it, if they are known."""
    async with opened(scene.start, expected) as stage:
        await scene.steps(stage)
        if not stage.shots:
            await stage.take()
        return stage.shots


def keep_texts(scene: Scene, shots: Sequence[Shot]) -> None:
    """What stands on a picture."""
    (TEXTS / f"{scene.name}.txt").write_text("\n\n".join(shot.text for shot in shots) + "\n")


def kept_texts(scene: Scene) -> list[str]:
    """The same, screen by screen."""
    lines, rows = (TEXTS / f"{scene.name}.txt").read_text().splitlines(), scene.start.rows
    return ["\n".join(lines[start : start + rows]) for start in range(0, len(lines), rows + 1)]


def _take(scene: Scene) -> None:
    shots = asyncio.run(shots_of(scene))
    for ending, theme in ENDINGS.items():
        path = FOLDER / f"{scene.name}{ending}.png"
        path.write_bytes(picture(shots, theme))
        print(path, file=sys.stderr)
    keep_texts(scene, shots)


def _is_as_kept(scene: Scene) -> bool:
    """Whether the program shows what stands on a picture; the difference is printed."""
    kept = kept_texts(scene)
    seen = [shot.text for shot in asyncio.run(shots_of(scene, kept))]
    before, now = ("\n".join(map(foreseeable, each)).splitlines() for each in (kept, seen))
    difference = list(unified_diff(before, now, f"{scene.name}.txt", "now", n=0, lineterm=""))
    print("\n".join(difference) or f"{scene.name}: the same", file=sys.stderr)
    return not difference


def shown(scene: Scene) -> str:
    """How a page shows a picture: in the reader's own theme."""
    dark, light = (f"{scene.name}{ending}.png" for ending in ENDINGS)
    source = f'<source media="(prefers-color-scheme: light)" srcset="{light}">'
    return f'<picture>\n  {source}\n  <img alt="{scene.caption}" src="{dark}">\n</picture>'


def gallery() -> str:
    """Every picture with its caption."""
    pictures = (f"**{scene.caption}.**\n\n{shown(scene)}\n" for scene in SCENES)
    return "\n".join(["# Every screen\n", "Made by `python -m tests.screenshots` from the simulator.\n", *pictures])


def main(names: list[str]) -> int:
    """Take the named pictures, all without a name."""
    known = {scene.name: scene for scene in SCENES}
    compares = "--check" in names
    names = [each for each in names if each != "--check"]
    if unknown := set(names) - {*known, "report", "browser"}:
        there = ", ".join([*known, "report", "browser"])
        print(f"no such picture: {', '.join(sorted(unknown))}; there are {there}", file=sys.stderr)
        return 2
    logging.getLogger("kwatch").addHandler(logging.NullHandler())
    os.environ |= surroundings()
    time.tzset()
    wanted = [scene for name, scene in known.items() if not names or name in names]
    if compares:
        old = [scene.name for scene in wanted if not _is_as_kept(scene)]
        print(
            f"older than the program: {', '.join(old)}" if old else "they show what the program shows", file=sys.stderr
        )
        return 1 if old else 0
    for scene in wanted:
        _take(scene)
    if not names or "report" in names:
        asyncio.run(take_report(FOLDER / "report.png"))
    if not names or "browser" in names:
        for ending, theme in ENDINGS.items():
            asyncio.run(take_page(FOLDER / f"browser{ending}.png", theme))
    (FOLDER / "README.md").write_text(gallery())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

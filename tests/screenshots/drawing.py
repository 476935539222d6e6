"""Pictures of what a terminal shows: PNG files of one screen, and moving ones of several."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import resvg_py
from PIL import Image

WIDTH = 1440
"""Pixels of a picture."""
FONT = "Hack"
"""Without ligatures, and with a glyph for whatever kwatch draws; Debian: fonts-hack."""
COLORS = 128
_SVG_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


@dataclass(frozen=True, slots=True)
class Shot:
    """A screen: its text, and as SVG in each theme; `key` was pressed to come here, and stays so many seconds."""

    text: str
    svg: Mapping[str, str]
    key: str = ""
    seconds: float = 0.0


@cache
def _drawn_characters() -> frozenset[str]:
    """What the font has a glyph for."""
    command = ["fc-match", "--format", "%{family}\n%{charset}", f"{FONT}:style=Regular"]
    family, charset = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n", 1)
    if FONT not in family:
        raise SystemExit(f"pictures are drawn in {FONT}, which is not installed (Debian: fonts-hack)")
    ranges = (each.partition("-") for each in charset.split())
    return frozenset(
        chr(code) for first, _, last in ranges for code in range(int(first, 16), int(last or first, 16) + 1)
    )


def check_glyphs(text: str) -> None:
    """Raise if something would be drawn as an empty box."""
    missing = {each for each in text if not each.isspace()} - _drawn_characters()
    if missing:
        raise SystemExit(f"{FONT} has no glyph for {' '.join(sorted(missing))}")


def picture(shots: Sequence[Shot], theme: str) -> bytes:
    """PNG; several shots are one that moves, one after the other and again. Where nothing can move, it is the first."""
    first, *others = (_image(shot, theme) for shot in shots)
    milliseconds = [round(1000 * shot.seconds) for shot in shots]
    written = io.BytesIO()
    more = {"save_all": True, "append_images": others, "duration": milliseconds, "loop": 0} if others else {}
    first.save(written, "PNG", optimize=True, **more)
    return written.getvalue()


def _image(shot: Shot, theme: str) -> Image.Image:
    check_glyphs(shot.text)
    svg = re.sub(r"@font-face\s*{[^}]*}", "", shot.svg[theme]).replace("Fira Code", FONT)
    if shot.key:
        svg = svg.replace("</svg>", f"{_badge(svg, shot.key)}</svg>")
    drawn = resvg_py.svg_to_bytes(svg_string=svg, width=WIDTH, monospace_family=FONT)
    return Image.open(io.BytesIO(drawn)).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)


def _badge(svg: str, key: str) -> str:
    """A key cap in the lower right corner."""
    size = _SVG_SIZE.search(svg)
    assert size is not None
    width, height = 56 + 22 * len(key), 60
    x, y = float(size[1]) - width - 44, float(size[2]) - height - 84
    return (
        f'<g><rect x="{x}" y="{y}" width="{width}" height="{height}" rx="12" fill="#f5c542" stroke="#7a5c00" '
        f'stroke-width="3"/><text x="{x + width / 2}" y="{y + 42}" text-anchor="middle" font-family="monospace" '
        f'font-size="34" font-weight="bold" fill="#1b1b1b">{key}</text></g>'
    )

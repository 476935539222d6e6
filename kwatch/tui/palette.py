"""The colours of the current theme as ready styles: what a line is painted with, looked up, never computed twice."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from rich.style import Style
from textual.color import Color

from kwatch.catalog.column import Level

HEAT_STEPS = 6
"""How many shades a fading glow has."""


class Ground(IntEnum):
    """What lies behind a text."""

    PLAIN = 0
    SURFACE = 1
    PANEL = 2
    CURSOR = 3
    MARKED = 4
    MARKED_CURSOR = 5


_INK_OF_LEVEL = {
    Level.NONE: "foreground",
    Level.GOOD: "success",
    Level.PROGRESS: "kwatch-progress",
    Level.WARNING: "warning",
    Level.BAD: "kwatch-unhealthy",
    Level.DONE: "kwatch-muted",
}


class Palette:
    """Styles of one theme. With `no_color` only weight, underline and reverse speak."""

    def __init__(self, variables: Mapping[str, str], *, no_color: bool = False) -> None:
        self._variables = variables
        self._styles: dict[tuple[object, ...], Style] = {}
        self.plain = no_color or Color.parse(variables["background"]).ansi is not None
        """Whether grounds cannot be blended: the cursor is shown in reverse, a change underlined."""
        self._no_color = no_color
        self._grounds = self._build_grounds()

    def ink(self, level: Level) -> str:
        """The theme variable that a level is written in."""
        return _INK_OF_LEVEL[level]

    def color(self, name: str) -> Color:
        """A theme colour by its variable name."""
        return Color.parse(self._variables[name])

    def style(
        self,
        ink: str = "foreground",
        ground: Ground = Ground.PLAIN,
        *,
        heat: int = 0,
        bold: bool = False,
        strike: bool = False,
        underline: bool = False,
        italic: bool = False,
    ) -> Style:
        """A style; `heat` from 0 to HEAT_STEPS lets the colour of change shine through the ground."""
        key = (ink, ground, heat, bold, strike, underline, italic)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._build(ink, ground, heat, bold, strike, underline, italic)
        return style

    def _build(
        self, ink: str, ground: Ground, heat: int, bold: bool, strike: bool, underline: bool, italic: bool
    ) -> Style:
        reverse = self.plain and ground in (Ground.CURSOR, Ground.MARKED_CURSOR)
        bold = bold or (self.plain and ground is Ground.MARKED)
        underline = underline or (self.plain and heat > 0)
        extras = {"bold": bold, "strike": strike, "underline": underline, "italic": italic, "reverse": reverse}
        if self._no_color:
            return Style(**{name: True for name, on in extras.items() if on})
        front, back = self.color(ink), self._grounds[ground]
        if heat and not self.plain:
            glow = self.color("kwatch-changed")
            back = back.blend(glow, 0.5 * heat / HEAT_STEPS)
            front = front.blend(self.color("foreground"), 0.6 * heat / HEAT_STEPS)
        return Style(
            color=front.rich_color,
            bgcolor=back.rich_color,
            **{name: True for name, on in extras.items() if on},
        )

    def _build_grounds(self) -> dict[Ground, Color]:
        background, cursor = self.color("background"), self.color("kwatch-cursor")
        grounds = {
            Ground.PLAIN: background,
            Ground.SURFACE: self.color("surface"),
            Ground.PANEL: self.color("panel"),
            Ground.CURSOR: cursor,
            Ground.MARKED: background,
            Ground.MARKED_CURSOR: cursor,
        }
        if not self.plain:
            accent = self.color("accent")
            grounds[Ground.MARKED] = background.blend(accent, 0.14)
            grounds[Ground.MARKED_CURSOR] = cursor.blend(accent, 0.14)
        return grounds

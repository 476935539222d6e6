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


INK_OF_LEVEL = {
    Level.NONE: "foreground",
    Level.GOOD: "success",
    Level.PROGRESS: "kwatch-progress",
    Level.WARNING: "warning",
    Level.BAD: "kwatch-unhealthy",
    Level.DONE: "kwatch-muted",
}
"""The theme variable that each level is written in."""


def linked(style: Style, url: str) -> Style:
    """The style of a link (OSC 8), for who can see it, and underlined; of no address the same style."""
    return style + Style(link=url, underline=True) if url else style


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
        return INK_OF_LEVEL[level]

    def color(self, name: str) -> Color:
        """A theme colour by its variable name."""
        return Color.parse(self._variables[name])

    def style(
        self,
        ink: str = "foreground",
        ground: Ground = Ground.PLAIN,
        *,
        heat: int = 0,
        tint: str = "",
        bold: bool = False,
        strike: bool = False,
        underline: bool = False,
        italic: bool = False,
    ) -> Style:
        """A style; `heat` from 0 to HEAT_STEPS lets the colour of change shine through the ground, `tint` another."""
        key = (ink, ground, heat, tint, bold, strike, underline, italic)
        style = self._styles.get(key)
        if style is None:
            attributes = self._attributes(ground, heat, bold, strike, underline, italic)
            style = self._styles[key] = self._colored(ink, ground, heat, tint) + attributes
        return style

    def found(self, *, current: bool) -> Style:
        """What a search found; `current` is the match one stands on."""
        if self.plain:
            return Style(reverse=True, bold=current)
        back = self.color("warning" if current else "kwatch-changed")
        ground = self.color("background")
        return Style(color=ground.rich_color, bgcolor=back.blend(ground, 0.0 if current else 0.35).rich_color)

    def selected(self, ground: Ground = Ground.PLAIN) -> Style:
        """What the mouse selected; where grounds are shown by reverse video, the opposite of what lies behind."""
        if self.plain:
            return Style(reverse=ground not in (Ground.CURSOR, Ground.MARKED_CURSOR), bold=True)
        return Style(color=self.color("background").rich_color, bgcolor=self.color("primary").rich_color)

    def _attributes(self, ground: Ground, heat: int, bold: bool, strike: bool, underline: bool, italic: bool) -> Style:
        """What speaks without colour; where grounds cannot be blended it says all."""
        on = {
            "bold": bold or (self.plain and ground is Ground.MARKED),
            "strike": strike,
            "underline": underline or (self.plain and heat > 0),
            "italic": italic,
            "reverse": self.plain and ground in (Ground.CURSOR, Ground.MARKED_CURSOR),
        }
        return Style.parse(" ".join(name for name, wanted in on.items() if wanted))

    def _colored(self, ink: str, ground: Ground, heat: int, tint: str) -> Style:
        if self._no_color:
            return Style()
        if self.plain and ground in (Ground.CURSOR, Ground.MARKED_CURSOR):
            ink = "foreground"  # in reverse an ink is a ground: a line of one colour, on which everything can be read
        front, back = self.color(ink), self._grounds[ground]
        if tint and not self.plain:
            back = back.blend(self.color(tint), 0.16)
        if heat and not self.plain:
            back = back.blend(self.color("kwatch-changed"), 0.5 * heat / HEAT_STEPS)
            front = front.blend(self.color("foreground"), 0.6 * heat / HEAT_STEPS)
        return Style(color=front.rich_color, bgcolor=back.rich_color)

    def _build_grounds(self) -> dict[Ground, Color]:
        background = self.color("background")
        cursor = background if self.plain else self.color("kwatch-cursor")
        grounds = {
            Ground.PLAIN: background,
            # Where grounds cannot be blended, the toolkit has no others than the terminal's own.
            Ground.SURFACE: background if self.plain else self.color("surface"),
            Ground.PANEL: background if self.plain else self.color("panel"),
            Ground.CURSOR: cursor,
            Ground.MARKED: background,
            Ground.MARKED_CURSOR: cursor,
        }
        if not self.plain:
            accent = self.color("accent")
            grounds[Ground.MARKED] = background.blend(accent, 0.14)
            grounds[Ground.MARKED_CURSOR] = cursor.blend(accent, 0.14)
        return grounds

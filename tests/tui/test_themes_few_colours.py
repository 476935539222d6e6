"""What can be read with true colours can be read with 256 of them and with sixteen."""

from __future__ import annotations

import itertools

import pytest
from rich.color import Color as Painted
from rich.color import ColorSystem, ColorType
from rich.style import Style
from textual.app import App
from textual.containers import Vertical

from kwatch.config.settings import Settings
from kwatch.tui.features.choice_screen import ChoiceScreen
from kwatch.tui.palette import HEAT_STEPS, Ground, Palette
from kwatch.tui.themes import _COLOURS, HIGH, KEPT, TERMINAL_THEME, ThemeStore, Triplet, contrast, luminance, of_256
from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS, pod
from tests.tui.test_any_keys import busy

INKS = (
    *("foreground", "success", "warning", "error", "primary", "secondary", "accent", "kwatch-muted", "kwatch-progress"),
    *("kwatch-unhealthy", "kwatch-added", "kwatch-changed", "kwatch-deleted", "kwatch-stale", "kwatch-key"),
    *("kwatch-string", "kwatch-number", "kwatch-constant"),
)
CONSOLE: tuple[Triplet, ...] = tuple(
    (170 * (n & 1) + 85 * (n >> 3), 170 * (n >> 1 & 1) + 85 * (n >> 3), 170 * (n >> 2 & 1) + 85 * (n >> 3))
    if n != 3
    else (170, 85, 0)
    for n in range(16)
)
"""The sixteen colours of the Linux console."""
LIGHT: tuple[Triplet, ...] = (
    *((46, 52, 54), (204, 0, 0), (78, 154, 6), (196, 160, 0), (52, 101, 164), (117, 80, 123), (6, 152, 154)),
    *((211, 215, 207), (85, 87, 83), (239, 41, 41), (138, 226, 52), (252, 233, 79), (114, 159, 207), (173, 127, 168)),
    *((52, 226, 226), (238, 238, 236)),
)
"""Those of a terminal with a white ground."""
DIM = 2.5
"""The least contrast of quiet text."""


def palette(theme: str) -> Palette:
    app: App[None] = App()
    app.register_theme(ThemeStore().load(theme))
    app.theme = theme
    return Palette(app.get_css_variables())


def seen(colour: Painted | None, sixteen: tuple[Triplet, ...], default: Triplet) -> Triplet:
    """What a terminal shows."""
    if colour is None or colour.is_default:
        return default
    if colour.number is not None:
        return sixteen[colour.number] if colour.number < 16 else _COLOURS[colour.number]
    assert colour.triplet is not None
    return colour.triplet.red, colour.triplet.green, colour.triplet.blue


def readability(style: Style, sixteen: tuple[Triplet, ...] = CONSOLE, *, light: bool = False) -> float:
    front = seen(style.color, sixteen, (0, 0, 0) if light else sixteen[7])
    back = seen(style.bgcolor, sixteen, (255, 255, 255) if light else (0, 0, 0))
    return contrast(luminance(front), luminance(back))


def styles(palette: Palette) -> list[Style]:
    heats, tints = (0, HEAT_STEPS // 2, HEAT_STEPS), ("", "kwatch-added", "kwatch-deleted")
    return [
        palette.style(ink, ground, heat=heat, tint=tint)
        for ink, ground, heat, tint in itertools.product(INKS, Ground, heats, tints)
    ]


@pytest.mark.parametrize("theme", [name for name in ThemeStore().names() if name != TERMINAL_THEME])
def test_256_colours_are_as_readable_as_all(theme: str) -> None:
    for style in styles(palette(theme)):
        assert style.bgcolor is not None
        few = of_256(style, style.bgcolor)
        assert few.color is not None and few.color.type is ColorType.EIGHT_BIT
        assert few.bgcolor is not None and few.bgcolor.type is ColorType.EIGHT_BIT
        assert readability(few) >= min(KEPT * readability(style), HIGH) - 0.01, style


def test_what_a_style_says_nothing_of_stays() -> None:
    white, black = Painted.from_rgb(255, 255, 255), Painted.from_rgb(0, 0, 0)
    assert of_256(Style(bold=True), black) == Style(bold=True)
    assert of_256(Style(color="red"), black) == Style(color="red")
    assert of_256(Style(color=white, underline=True), black) == Style(color="color(231)", underline=True)


@pytest.mark.parametrize("light", [False, True])
def test_the_terminals_own_colours_are_readable(light: bool) -> None:
    for style in styles(palette(TERMINAL_THEME)):
        for colour in (style.color, style.bgcolor):
            assert colour is not None and colour.type in (ColorType.STANDARD, ColorType.DEFAULT), style
        # In yellow on white nothing can be done, but that it is not the only sign.
        assert readability(style, LIGHT if light else CONSOLE, light=light) >= (2.2 if light else DIM), style


def test_quiet_columns_stay_on_the_selected_row() -> None:
    style = palette(TERMINAL_THEME).style("kwatch-muted", Ground.CURSOR)
    assert style.reverse and style.color is not None and style.color.is_default


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", request.param)
    return str(request.param)


@pytest.mark.parametrize("terminal", ["xterm", "linux", "vt100"], indirect=True)
async def test_sixteen_colours_get_the_theme_of_sixteen_colours(terminal: str) -> None:
    async with running(busy(), settings=Settings(theme="nord")) as user:
        await user.see("web-1")
        assert user.app.theme == TERMINAL_THEME
        assert "nord" not in user.text, "nobody asked for another theme now"
        await user.press("colon")
        await user.type("theme dracula")
        await user.press("enter")
        await user.see("dracula needs more than")
        await user.see(rf"TERM={terminal}\b")
        assert user.app.theme == TERMINAL_THEME
        await user.press("colon")
        await user.type("theme")
        await user.press("enter")
        await user.see("Themes")
        await user.press("down", "enter")
        assert user.app.theme == TERMINAL_THEME


@pytest.mark.parametrize("terminal", ["xterm-256color"], indirect=True)
async def test_256_colours_are_enough_for_a_theme(terminal: str) -> None:
    async with running(busy(), settings=Settings(theme="nord")) as user:
        await user.see("web-1")
        assert user.app.theme == "nord"


WALK = "j|space|slash w e b|escape d|tab slash a|enter v|escape escape escape m M|escape t left|end i down"


async def shown(user: Driver) -> list[tuple[str, Style]]:
    """Every text of every screen with its style; not what a list darkens around it."""
    found = []
    for number, keys in enumerate(WALK.split("|")):
        await user.press(*keys.split())
        user.session.feed(PODS).put(pod("web-3", restarts=number, version=number + 5))
        await user.pilot.pause(0.06)
        screen = user.app.screen
        region = screen.query_one(Vertical).region if isinstance(screen, ChoiceScreen) else screen.region
        for y, strip in enumerate(screen._compositor.render_strips()):
            x = 0
            for text, style, _ in strip:
                if style is not None and any(map(str.isalnum, text)) and region.contains(x, y):
                    found.append((text, style))
                x += len(text)
    return found


@pytest.mark.parametrize(
    ("terminal", "theme"),
    [("linux", "nord"), ("xterm-256color", "nord")],
    indirect=["terminal"],
)
async def test_every_screen_can_be_read(terminal: str, theme: str) -> None:
    async with running(busy(), settings=Settings(theme=theme)) as user:
        await user.see("web-1")
        found = await shown(user)
    system = ColorSystem.STANDARD if terminal == "linux" else ColorSystem.EIGHT_BIT
    for text, style in found:
        for colour in (style.color, style.bgcolor):
            assert colour is None or colour.downgrade(system) == colour, (text, style)
        assert readability(style) >= (DIM if terminal == "linux" else 2.0), (text, style)

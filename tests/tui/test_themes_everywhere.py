"""Every theme on every screen, with toasts and a tooltip, in every number of colours: it is there and can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.color import Color, ColorSystem
from textual.css.stylesheet import Stylesheet
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets._tooltip import Tooltip

from kwatch.tui.app import KwatchApp
from kwatch.tui.features.choice_screen import ChoiceScreen
from kwatch.tui.location import StartView
from kwatch.tui.themes import ThemeStore
from tests.tui.driving import Driver, running
from tests.tui.every_screen import every_screen, full, kinds_of_screens

SKINS = {
    "named": """
k9s:
  body: {fgColor: dodgerblue, bgColor: black, logoColor: orange}
  prompt: {bgColor: black}
  frame:
    title: {fgColor: aqua, bgColor: black, highlightColor: orange, counterColor: papayawhip}
    status: {newColor: lightskyblue, modifyColor: greenyellow, addColor: dodgerblue, errorColor: orangered,
             highlightColor: aqua, killColor: mediumpurple, completedColor: lightslategray}
  views:
    table: {fgColor: aqua, bgColor: black, cursorBgColor: aqua, header: {fgColor: white, bgColor: black}}
    yaml: {keyColor: steelblue, colonColor: white, valueColor: papayawhip}
""",
    "transparent": """
k9s:
  body: {fgColor: "#f8f8f2", bgColor: default, logoColor: "#bd93f9"}
  prompt: {bgColor: default}
  frame: {title: {bgColor: default}, status: {errorColor: "#ff5555", completedColor: "#6272a4"}}
  views: {table: {bgColor: default, cursorBgColor: "#44475a", header: {bgColor: default}}}
""",
    "sparse": "k9s: {body: {}}\n",
}
"""Skins of k9s as they are found: with names of colours, on the terminal's own ground, and with next to nothing."""
SHIPPED = ThemeStore().names()
EVERYWHERE = ("terminal", "kwatch-light")
"""What is tried on each screen; the others only on some, for a screen has no colours of its own."""
PLAIN = (
    "table",
    "broken filter",
    "explorer",
    "time travel",
    "yaml",
    "timeline",
    "side by side",
    "help",
    "list of themes",
)
"""Where it is tried without any colours."""


@pytest.fixture(params=["colours", "NO_COLOR"])
def themes(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_COLOR", "1" if request.param == "NO_COLOR" else "")
    (tmp_path / "themes").mkdir()
    for name, text in SKINS.items():
        (tmp_path / "themes" / f"{name}.yaml").write_text(text)
    return (*SHIPPED, *SKINS)


async def test_every_theme_on_every_screen(themes: tuple[str, ...]) -> None:
    seen = set()
    async with running(full(), tooltips=True) as user:
        async for name in every_screen(user, () if user.app.no_color is False else PLAIN):
            seen.add(type(user.app.screen))
            user.app.notify("careful", severity="warning", timeout=100)
            for theme in themes if name in ("table", "list of themes") else EVERYWHERE:
                await put_on(user, theme)
                dimmed = isinstance(user.app.screen, ChoiceScreen)
                for system in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT):
                    assert dimmed or not unreadable(user, system), f"{name}, {theme}, {system}"
                if theme == "terminal":
                    assert not unreadable(user, ColorSystem.STANDARD), name
            user.app.clear_notifications()
        assert user.app.no_color or seen == kinds_of_screens()


async def put_on(user: Driver, theme: str) -> None:
    user.app.use_theme(theme)
    await user.pilot.pause()
    assert user.app.theme == theme, user.text
    tooltip = user.app.screen.query_one(Tooltip)
    tooltip.display = True
    tooltip.update("a tip")
    await user.pilot.pause()
    assert "a tip" in user.text


def unreadable(user: Driver, system: ColorSystem) -> list[str]:
    """What is written in the colour of its ground."""
    strips: list[Strip] = user.app.screen._compositor.render_strips()
    return [
        segment.text.strip()
        for strip in strips
        for segment in strip
        if segment.text.strip(" ▁▂▃▄▅▆▇█▏▔")
        and segment.style is not None
        and segment.style.color is not None
        and segment.style.bgcolor is not None
        and same(segment.style.color, segment.style.bgcolor, system)
    ]


def same(one: Color, other: Color, system: ColorSystem) -> bool:
    """Whether a terminal with so many colours shows the same; its own two are never."""
    if one.is_default or other.is_default:
        return False
    one, other = one.downgrade(system), other.downgrade(system)
    return (one.number, one.triplet) == (other.number, other.triplet)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_stylesheet_finds_its_colours_in_every_theme(name: str) -> None:
    app = KwatchApp(lambda context: full(), StartView(), settings_for(name))  # type: ignore[arg-type, return-value]
    sheet = Stylesheet(variables=app.get_css_variables())
    for kind in {type(app), *below(Widget)}:
        if css := kind.__dict__.get("DEFAULT_CSS"):
            sheet.add_source(css, (str(kind), ""), is_default_css=True)
    sheet.parse()


def settings_for(theme: str) -> object:
    from kwatch.config.settings import Settings

    return Settings(theme=theme)


def below(kind: type[Widget]) -> set[type[Widget]]:
    return {kind, *(each for one in kind.__subclasses__() for each in below(one))}

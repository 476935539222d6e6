"""Theme files: all that are shipped, and broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.config.document import InvalidDocument
from kwatch.config.locations import shipped_themes
from kwatch.config.theme import find_themes, read_theme

SHIPPED = sorted(find_themes(shipped_themes()))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_at_least_eight_are_shipped_dark_and_light() -> None:
    themes = [read_theme(shipped_themes() / f"{name}.yaml") for name in SHIPPED]
    assert len(themes) >= 8
    assert {theme.dark for theme in themes} == {True, False}
    loved = {"kwatch-dark", "kwatch-light", "gruvbox", "nord", "solarized-light", "dracula", "high-contrast"}
    assert loved <= set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_theme_can_be_read(name: str) -> None:
    theme = read_theme(shipped_themes() / f"{name}.yaml")
    assert theme.name == name
    colors = theme.colors
    if colors.background.startswith("ansi_"):
        return
    least = 7.0 if name == "high-contrast" else 4.0
    for ground in (colors.background, colors.surface, colors.panel):
        assert contrast(colors.foreground, ground) >= least, ground
    cursor = theme.states.cursor
    assert contrast(colors.foreground, cursor) >= 3.0
    for ink in (colors.success, colors.warning, colors.error, colors.primary):
        assert contrast(ink, colors.background) >= 3.0, ink


def test_a_bad_colour_is_told_with_its_line(tmp_path: Path) -> None:
    text = (shipped_themes() / "nord.yaml").read_text().replace('primary: "#88c0d0"', "primary: 'blue ish'")
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InvalidDocument) as caught:
        read_theme(path)
    assert caught.value.problem.line == 5
    assert "'blue ish' is not a colour" in caught.value.problem.reason


def test_the_users_themes_override_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "nord.yaml").write_text("x")
    (tmp_path / "mine.yaml").write_text("x")
    found = find_themes(shipped_themes(), tmp_path, tmp_path / "missing")
    assert found["nord"].parent == tmp_path
    assert {"mine", "dracula"} <= set(found)


SKIN = """
foreground: &foreground "#f8f8f2"
k9s:
  body: {fgColor: *foreground, bgColor: "#282a36", logoColor: "#bd93f9"}
  frame:
    status: {newColor: "#8be9fd", addColor: limegreen, errorColor: "#ff5555", killColor: darkgray}
  views:
    table: {cursorBgColor: "#44475a", bgColor: default}
    yaml: {keyColor: "#ff79c6"}
"""


def test_a_k9s_skin_is_a_theme(tmp_path: Path) -> None:
    path = tmp_path / "dracula-k9s.yaml"
    path.write_text(SKIN)
    theme = read_theme(path)
    assert theme.name == "dracula-k9s"
    assert theme.colors.foreground == "#f8f8f2"
    assert theme.colors.background == "ansi_default"
    assert theme.colors.primary == "#bd93f9"
    assert (theme.states.added, theme.states.deleted, theme.states.cursor) == ("limegreen", "darkgray", "#44475a")
    assert theme.syntax.key == "#ff79c6"


def test_a_skin_with_a_bad_colour(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(SKIN.replace('"#ff5555"', '"#ff55"'))
    with pytest.raises(InvalidDocument, match="'#ff55' is not a colour"):
        read_theme(path)

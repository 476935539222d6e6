"""Themes, shipped and the user's."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.config.locations import shipped_themes
from kwatch.tui.themes import DEFAULT_THEME, ThemeStore


@pytest.mark.parametrize("name", ThemeStore().names())
def test_every_shipped_theme_gives_every_colour(name: str) -> None:
    theme = ThemeStore().load(name)
    own = "muted added changed deleted stale unhealthy progress cursor key string number constant comment"
    assert {f"kwatch-{each}" for each in own.split()} <= theme.variables.keys()
    assert theme.to_color_system().generate()


def test_a_theme_that_is_not_there_is_the_house_theme_and_a_sentence() -> None:
    theme, problem = ThemeStore().load_or_default("nowhere")
    assert theme.name == DEFAULT_THEME
    assert problem.startswith("there is no theme 'nowhere': choose one of catppuccin-latte")


def test_an_unknown_colour_name_is_told(tmp_path: Path) -> None:
    text = (shipped_themes() / "nord.yaml").read_text().replace('accent: "#8fbcbb"', "accent: blurple")
    (tmp_path / "mine.yaml").write_text(text)
    theme, problem = ThemeStore(shipped_themes(), tmp_path).load_or_default("mine")
    assert theme.name == DEFAULT_THEME
    assert "mine.yaml" in problem and "blurple" in problem

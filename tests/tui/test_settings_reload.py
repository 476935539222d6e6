"""Settings and themes that are saved while kwatch runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.config.locations import shipped_themes
from kwatch.tui.settings_reload import SavedSettings
from tests.tui.driving import running
from tests.tui.fakes import PODS, FakeSession, pod


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path))
    return tmp_path


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    return session


async def test_a_saved_file_takes_effect(folder: Path) -> None:
    path = folder / "config.yaml"
    async with running(shop()) as user:
        await user.see("1 pod")
        saved = SavedSettings(user.app, path)
        path.write_text("theme: nord\nkeys: {filter: f3}\nfavourites: [nodes]\n")
        saved.look()
        await user.see("Settings reloaded")
        assert user.app.theme == "nord"
        assert "F3 filter" in user.lines[-1]
        await user.press("f3")
        await user.type("web")
        await user.see("1 of 1 pod")
        await user.press("escape", "1")
        await user.see("No nodes")


async def test_a_mistake_is_told_and_changes_nothing(folder: Path) -> None:
    path = folder / "config.yaml"
    async with running(shop(), size=(160, 30)) as user:
        await user.see("1 pod")
        saved = SavedSettings(user.app, path)
        path.write_text("theme: nord\nmouse: perhaps\n")
        saved.look()
        await user.see("config.yaml:2")
        assert user.app.theme == "kwatch-dark"
        path.write_text("keys: {filtre: f3}\n")
        saved.look()
        await user.see("did you mean filter")


async def test_a_key_of_a_later_version_is_told_and_the_rest_takes_effect(folder: Path) -> None:
    path = folder / "config.yaml"
    async with running(shop(), size=(160, 30)) as user:
        await user.see("1 pod")
        saved = SavedSettings(user.app, path)
        path.write_text("theme: nord\nhologram: on\n")
        saved.look()
        await user.see("'hologram'")
        assert user.app.theme == "nord"


async def test_the_users_theme_is_followed(folder: Path) -> None:
    themes = folder / "themes"
    themes.mkdir()
    mine = themes / "mine.yaml"
    text = (shipped_themes() / "nord.yaml").read_text()
    mine.write_text(text)
    async with running(shop()) as user:
        await user.see("1 pod")
        user.app.use_theme("mine")
        saved = SavedSettings(user.app, folder / "config.yaml")
        mine.write_text(text.replace("#88c0d0", "#123456"))
        saved.look()
        await user.pilot.pause()
        assert user.app.palette.color("primary").hex == "#123456"


async def test_indices_of_ones_own_are_filter_terms_facets_and_help_as_soon_as_they_are_saved(folder: Path) -> None:
    path = folder / "config.yaml"
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("web-2", phase="Pending"))
    async with running(session, size=(140, 60)) as user:
        await user.see("2 pods")
        saved = SavedSettings(user.app, path)
        await user.press("slash")
        await user.type("phase:Pending")
        await user.see("0 of 2 pods")  # so far it is only text
        await user.press("enter")
        path.write_text("indices:\n  pods: ['phase:.status.phase']\n  nodes: ['zone:.metadata.labels.zone']\n")
        saved.look()
        await user.see("1 of 2 pods")
        await user.press("slash", "backspace", *["backspace"] * 12)
        await user.type("phase:")
        await user.press("tab")
        await user.see("Running +1")
        await user.press("escape", "escape")
        await user.press("i")
        await user.see("▸ phase")
        await user.press("escape", "question_mark", "slash")
        await user.type(".status.phase of pods")
        await user.see("1 of 1")
        assert "phase:" in user.line_with(".status.phase of pods")


async def test_a_mistake_in_an_index_is_told_with_its_line_and_the_others_hold(folder: Path) -> None:
    path = folder / "config.yaml"
    path.write_text("indices:\n  pods:\n    - phase:.status.phase\n    - ns:.metadata.namespace\n    - x:.status[\n")
    async with running(shop(), size=(200, 40)) as user:
        await user.see("1 pod")
        saved = SavedSettings(user.app, path)
        saved.check_first()
        await user.see(r"config.yaml:4: ns: is there already")
        await user.see(r"config.yaml:5: the path of x is broken")
        saved = SavedSettings(user.app, path)
        path.write_text(path.read_text() + "  nodes: ['zone:.metadata.labels.zone']\n")
        saved.look()
        await user.press("slash")
        await user.type("phase:Pend*")
        await user.press("enter")
        await user.see("0 of 1 pod")


async def test_what_is_saved_in_the_folder_of_k9s_takes_effect(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    k9s = folder / "k9s"
    k9s.mkdir()
    monkeypatch.setenv("K9S_CONFIG_DIR", str(k9s))
    async with running(shop(), size=(160, 30)) as user:
        await user.see("1 pod")
        saved = SavedSettings(user.app, folder / "config.yaml")
        (k9s / "aliases.yaml").write_text("aliases: {zz: v1/nodes}\n")
        saved.look()
        await user.press("colon", *"zz", "enter")
        await user.see("No nodes")
        (k9s / "aliases.yaml").write_text("aliases: [")
        saved.look()
        await user.see("aliases.yaml:2")
        assert not user.app.settings.aliases

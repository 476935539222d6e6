"""Where things are kept, whatever the surroundings say; and nowhere rather than in the folder one is in."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from kwatch.base.files import expand, home
from kwatch.config import locations
from kwatch.config.locations import (
    prompt_history_file,
    saved_views,
    settings_file,
    settings_folder,
    state_folder,
    user_themes,
)

PLACES = (settings_folder, settings_file, saved_views, user_themes, state_folder, prompt_history_file)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "KWATCH_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(user: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {user}")

    monkeypatch.setattr(pwd, "getpwuid", unknown)


def test_home_is_what_the_surroundings_say_else_what_the_system_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert home() == own
    for odd in ("", "relative", "~"):
        monkeypatch.setenv("HOME", odd)
        assert home() == own
    monkeypatch.setenv("HOME", "/somewhere")
    assert home() == Path("/somewhere")
    assert expand("~/x") == Path("/somewhere/x")
    assert settings_file() == Path("/somewhere/.config/kwatch/config.yaml")
    assert prompt_history_file() == Path("/somewhere/.local/state/kwatch/prompt-history")


@pytest.mark.usefixtures("nobody")
def test_without_a_home_there_is_no_place_but_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert home() is None
    assert [place() for place in PLACES] == [None] * len(PLACES)
    assert expand("~/x") == Path("~/x")
    assert expand("~nobodyx/x") == Path("~nobodyx/x")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/etc/xdg")
    assert settings_file() == Path("/etc/xdg/kwatch/config.yaml")
    assert prompt_history_file() is None
    monkeypatch.setenv("KWATCH_CONFIG", "/conf")
    assert prompt_history_file() == Path("/conf/prompt-history")


@pytest.mark.parametrize("odd", ["relative/x", ".", "~", "  ", "~/x"])
def test_a_relative_xdg_folder_is_ignored(monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    monkeypatch.setenv("XDG_CONFIG_HOME", odd)
    monkeypatch.setenv("XDG_STATE_HOME", odd)
    assert settings_folder() == Path("/somewhere/.config/kwatch")
    assert state_folder() == Path("/somewhere/.local/state/kwatch")


def test_kwatch_config_is_a_folder_or_any_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for named, folder in ((tmp_path, tmp_path), (tmp_path / "new", tmp_path / "new"), (tmp_path / "a.yml", tmp_path)):
        monkeypatch.setenv("KWATCH_CONFIG", str(named))
        assert settings_folder() == folder
    file = tmp_path / "settings"
    file.write_text("")
    monkeypatch.setenv("KWATCH_CONFIG", str(file))
    assert (settings_file(), settings_folder()) == (file, tmp_path)
    monkeypatch.setenv("KWATCH_CONFIG", "~nobodyx/x")
    with pytest.raises(ValueError, match="KWATCH_CONFIG is ~nobodyx/x, but there is no such home"):
        settings_file()


def test_another_systems_places_are_that_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    monkeypatch.setattr(locations.sys, "platform", "darwin")  # type: ignore[attr-defined]
    folder = settings_folder()
    assert folder is not None
    assert folder.name == "kwatch"

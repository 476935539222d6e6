"""config.yaml: what it sets, and what is said of a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.config.locations import settings_file, settings_folder
from kwatch.config.settings import FileWatch, Settings, load_settings


def test_a_missing_file_is_all_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "config.yaml") == (Settings(), ())


def test_everything_can_be_set(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "theme: nord\nkeys: {filter: f3}\nfavourites: [pods]\nmouse: false\ncolumns:\n  pods: [NAME, AGE]\n"
        "indices:\n  pods: ['qos:.status.qosClass']\n"
    )
    settings, problems = load_settings(path)
    assert problems == ()
    assert settings == Settings(
        "nord",
        {"filter": "f3"},
        ("pods",),
        columns={"pods": ("NAME", "AGE")},
        indices={"pods": ("qos:.status.qosClass",)},
        mouse=False,
    )


def test_a_broken_file_gives_the_defaults_and_a_place(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("theme: nord\nmouse: perhaps\n")
    settings, problems = load_settings(path)
    assert settings == Settings()
    assert str(problems[0]) == f"{path}:2: mouse is 'perhaps' where true or false is expected"


def test_kwatch_config_names_a_folder_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path))
    assert settings_file() == tmp_path / "config.yaml"
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path / "other.yaml"))
    assert settings_file() == tmp_path / "other.yaml"
    assert settings_folder() == tmp_path


def test_a_saved_file_is_noticed_once(tmp_path: Path) -> None:
    path, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    watch = FileWatch((path, other))
    assert watch.saved() == ()
    path.write_text("theme: nord\n")
    assert watch.saved() == (path,)
    assert watch.saved() == ()
    path.unlink()
    assert watch.saved() == (path,)

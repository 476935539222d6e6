"""config.yaml: what it sets, and what is said of a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.config.document import Problem
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


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("theem: x\ntheme: nord\n", 1, "'theem' (theme?) means nothing here; all else counts"),
        ("theme: nord\nhistory:\n  compression: 9\n", 3, "'compression' means nothing here; all else counts"),
        ("a: 1\nb: {c: [2]}\ntheme: nord\n", 1, "'a' and 'b' mean nothing here; all else counts"),
        (
            "theme: nord\na: 1\nb: 1\nc: 1\nd: 1\ne: 1\n",
            2,
            "'a', 'b', 'c' and 2 more mean nothing here; all else counts",
        ),
    ],
)
def test_keys_of_a_later_version_are_named_and_the_rest_counts(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    settings, problems = load_settings(path)
    assert settings == Settings(theme="nord")
    assert problems == (Problem(path, line, reason, spares=True),)


def test_a_hook_with_a_key_of_a_later_version_is_refused_because_it_may_do_more_than_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("theme: nord\nhooks: [{on: unhealthy, exec: ./page.sh, unless: night}]\n")
    assert load_settings(path) == (Settings(), (Problem(path, 2, "'unless' means nothing here"),))

"""`kwatch config`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kwatch.cli import run
from kwatch.config.settings import Settings, load_settings


def test_what_one_begins_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path / "settings"))
    assert run(["config", "init"]) == 0
    file = tmp_path / "settings" / "config.yaml"
    assert f"{file} has every setting" in capsys.readouterr().out
    assert load_settings(file) == (Settings(), ())
    assert json.loads((file.parent / "config.schema.json").read_text())["title"] == "kwatch: config.yaml"
    assert json.loads((file.parent / "themes" / "theme.schema.json").read_text())["title"] == "kwatch: a theme"
    # What the user wrote stays; the schemas are renewed.
    file.write_text("theme: nord\n")
    (file.parent / "config.schema.json").write_text("old")
    assert run(["config", "init"]) == 0
    assert "is there already and stays as it is" in capsys.readouterr().out
    assert file.read_text() == "theme: nord\n" and (file.parent / "config.schema.json").read_text() != "old"
    assert run(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{file}\n"


def test_schemas_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "schema"]) == 0
    assert "favourites" in json.loads(capsys.readouterr().out)["properties"]
    assert run(["config", "schema", "themes"]) == 0
    assert "colors" in json.loads(capsys.readouterr().out)["else"]["properties"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["config", "use-context", "prod"],
            "is for its own settings; type kubectl config use-context prod",
        ),
        (["config"], "kwatch config --help"),
        (["config", "innit"], "invalid choice: 'innit'"),
    ],
)
def test_other_words_are_one_sentence(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    told = capsys.readouterr().err
    assert says in told and told.count("\n") == 1


def test_a_place_that_takes_nothing_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path / "file" / "folder"))
    assert run(["config", "init"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "folder" in told and "internal error" not in told
